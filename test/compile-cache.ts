/** Where Node keeps what it has compiled of the bundles: tests start the same few files thousands of times. */
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', 'node_modules', '.cache', 'bundles')

/** For the environment of a step. What is kept is found by the content of the files: a new build is compiled anew. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: folder } as const
