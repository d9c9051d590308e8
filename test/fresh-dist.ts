/** Imported by whatever starts a bundle: a test of old code would prove nothing about the sources. */
import { join } from 'node:path'
import { requireFreshDist } from '../scripts/dist-sources.ts'

requireFreshDist(join(import.meta.dirname, '..'))
