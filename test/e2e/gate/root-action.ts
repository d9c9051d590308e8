/** What the runner reads of the root action, and what it fills in. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import '../../fresh-dist.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

interface Manifest {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown }>>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly runs: { readonly main: string; readonly post: string }
}

export const MANIFEST: Manifest = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'))

export const DIST = join(ROOT, 'dist')

export { TOKEN } from '../job.ts'
