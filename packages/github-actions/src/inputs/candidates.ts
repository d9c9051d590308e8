import type { Env } from '../step/runtime.ts'
import type { InputKind } from './field.ts'
import { type Field, type Given, readFallback, readInput, SpellingConflict } from './read.ts'
import type { Layer } from './source.ts'

/** A text that an input could be made of. */
export interface Candidate extends Given {
  /** Where it stands in a file, `file:line:column`; undefined outside of files. */
  readonly place?: string | undefined
}

/** All texts that one input could be made of. */
export interface Candidates {
  /** The uppermost first: it counts. */
  readonly texts: readonly Candidate[]
  /** How the two spellings of the input contradict each other, where they do. Follows the input's name. */
  readonly conflict?: string
}

/** Finds the texts for each of some inputs. @param layers the uppermost first */
export function candidateFinder(
  fields: readonly Field[],
  env: Env,
  layers: readonly Layer[]
): (field: Field) => Candidates {
  const groups = new Set(fields.flatMap(field => (isGiven(field, env) ? (field.meta.group ?? []) : [])))
  return field => {
    const { group } = field.meta
    const below = layers.flatMap(layer => layered(layer, field))
    try {
      const text = readInput(field, env)
      if (text !== undefined) return { texts: [{ text, source: { kind: 'input' } }, ...below] }
    } catch (error) {
      if (error instanceof SpellingConflict) return { texts: [], conflict: error.message }
      throw error
    }
    // A variable is what a job has for want of anything better: the reviewed policy file counts before it.
    if (below.length > 0) return { texts: below }
    const fallback = group !== undefined && groups.has(group) ? undefined : readFallback(field, env)
    return { texts: fallback === undefined ? [] : [fallback] }
  }
}

function isGiven(field: Field, env: Env): boolean {
  try {
    return readInput(field, env) !== undefined
  } catch {
    return true
  }
}

function layered({ source, values, places }: Layer, { name, meta }: Field): Candidate[] {
  if (!Object.hasOwn(values, name)) return []
  const text = yamlText(values[name], meta.kind).trim()
  return text === '' ? [] : [{ text, source, place: places[name] }]
}

/** A YAML value as the text that an input takes: words one a line, or JSON (which is YAML) where YAML is read. */
export function yamlText(value: unknown, kind: InputKind): string {
  if (kind === 'items' && Array.isArray(value)) return value.map(String).join('\n')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
}
