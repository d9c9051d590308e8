import { distance } from 'fastest-levenshtein'
import type { Env } from '../step/runtime.ts'

/** What is to be said about `INPUT_*` variables that no input reads. */
export interface UnknownInputs {
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * The runner passes undeclared inputs on with a mere warning, so a typing error would go unnoticed and the
 * default be used. A name close to an input's is therefore an error; any other unknown name a warning.
 * @param names all inputs of the step
 * @param suggested those that may be suggested
 */
export function unknownInputs(
  names: readonly string[],
  suggested: readonly string[],
  env: Env
): UnknownInputs {
  const known = new Set(names.flatMap(name => [name, name.replaceAll('-', '_')]))
  const errors: string[] = []
  const warnings: string[] = []
  for (const [variable, value = ''] of Object.entries(env)) {
    if (!/^INPUT_./i.test(variable) || value.trim() === '') continue
    // The runner hands names over in upper case; how they were written is lost.
    const given = variable.slice('INPUT_'.length).toLowerCase()
    if (known.has(given)) continue
    const meant = closest(given, suggested)
    if (meant !== undefined) errors.push(`\`${given}\` is not an input; did you mean \`${meant}\`?`)
    else warnings.push(`\`${given}\` is not an input and is ignored${hint(given, suggested)}`)
  }
  return { errors, warnings }
}

/** The name a few letters away, or the one that holds the words of the given one: `change-template`. */
function closest(given: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map(name => ({ name, off: distance(letters(given), letters(name)) }))
    .filter(({ name, off }) => off <= tolerance(letters(name)))
    .sort((a, b) => a.off - b.off)
  if (nearest !== undefined) return nearest.name
  const [only, ...others] = holding(given, names)
  return /[-_ ]/.test(given) && others.length === 0 ? only : undefined
}

/** One word may well be another's business, a variable INPUT_REASON of the job for example. */
function hint(given: string, names: readonly string[]): string {
  const near = holding(given, names)
  if (near.length === 0 || near.length > MOST_NEAR) return ''
  return `; near it: ${near.map(name => `\`${name}\``).join(', ')}`
}

const MOST_NEAR = 3

/** The names in which every word of the given one occurs. */
function holding(given: string, names: readonly string[]): string[] {
  const words = given.split(/[-_ ]+/)
  return names.filter(name => words.every(word => name.split('-').includes(word)))
}

/** `shortDescription`, `short_description` and `short-description` differ in nothing that counts. */
function letters(name: string): string {
  return name.replace(/[-_ ]/g, '')
}

/** How many letters may be wrong: in a short word one changed letter makes another word. */
function tolerance({ length }: string): number {
  if (length < 4) return 0
  if (length < 8) return 1
  return length < 13 ? 2 : 3
}
