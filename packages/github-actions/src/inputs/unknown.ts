import { typingDistance } from '@change-actions/servicenow-client'
import type { Env } from '../step/runtime.ts'
import type { Field } from './read.ts'

/** What is to be said about `INPUT_*` variables that no input accounts for. */
export interface UnknownInputs {
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * The runner hands a line under `with:` over as a variable `INPUT_…`, declared or not, and variables of that form may
 * also come from the job's `env:` or from GITHUB_ENV. None that no declared input accounts for is ever read. One whose
 * name is close to an input's is an error, for the input's default would be used without a word; any other one is a
 * warning.
 */
export function unknownInputs(fields: readonly Field[], env: Env): UnknownInputs {
  const known = new Set(fields.flatMap(({ name, alias = name }) => [name, alias]))
  const suggested = fields.filter(({ meta }) => meta.context === undefined).map(({ name }) => name)
  const errors: string[] = []
  const warnings: string[] = []
  for (const [variable, value = ''] of Object.entries(env)) {
    if (!/^INPUT_./i.test(variable) || value.trim() === '') continue
    // The runner hands names over in upper case; how they were written is lost.
    const given = variable.slice('INPUT_'.length).toLowerCase()
    if (known.has(given)) continue
    const suggestion = closest(given, suggested)
    if (suggestion !== undefined) errors.push(nearMiss(given, suggestion, variable))
    else warnings.push(`\`${given}\` is not an input and is ignored${hint(given, suggested)}`)
  }
  return { errors, warnings }
}

/** Which of the two it was cannot be told. */
function nearMiss(given: string, suggestion: string, variable: string): string {
  return `\`${given}\` is not an input; did you mean \`${suggestion}\`? Correct the line under \`with:\`. If ${variable} is a variable set under \`env:\` or through GITHUB_ENV instead, rename it: it is never read as an input`
}

/** The name a few letters away, or the one that holds the words of the given one: `change-template`. */
function closest(given: string, names: readonly string[]): string | undefined {
  const nearest = nearestName(given, names)
  if (nearest !== undefined) return nearest
  const [only, ...others] = holding(given, names)
  return /[-_ ]/.test(given) && others.length === 0 ? only : undefined
}

/** The name that differs from the given one by a typing mistake. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const [nearest] = names
    .map(name => ({ name, off: typingDistance(letters(given), letters(name)) }))
    .filter(({ name, off }) => off <= tolerance(letters(name)))
    .sort((a, b) => a.off - b.off)
  return nearest?.name
}

/** One word may well be another's business, a variable INPUT_REASON of the job for example. */
function hint(given: string, names: readonly string[]): string {
  const near = holding(given, names)
  if (near.length === 0 || near.length > MAX_NEAR) return ''
  return `; near it: ${near.map(name => `\`${name}\``).join(', ')}`
}

const MAX_NEAR = 3

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
