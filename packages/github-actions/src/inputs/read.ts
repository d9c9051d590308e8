import type { Env } from '../step/runtime.ts'
import { type InputMeta, inputMeta, kebab, type Shape } from './field.ts'

/** Where the value of an input came from. */
export interface Given {
  readonly value: string
  /** The environment variable it fell back to; absent when it was given as an input. */
  readonly env?: string
}

/** An input of a shape: its key, its name and what is known of it. */
export interface Field {
  readonly key: string
  readonly name: string
  readonly meta: InputMeta
}

/** The inputs of a shape. */
export function fieldsOf(shape: Shape): readonly Field[] {
  return Object.entries(shape).map(([key, schema]) => {
    const meta = inputMeta(schema)
    return { key, name: meta.name ?? kebab(key), meta }
  })
}

/** Two spellings of an input given at once, and with different values. */
export class SpellingConflict extends Error {}

/**
 * What was given for an input: under its name, under its name with underscores, or in its environment
 * variable, in this order. Empty means not given. The runner fills in the default of a declared name, so
 * a default does not contradict the other spelling.
 * @throws SpellingConflict
 */
export function readGiven({ name, meta }: Pick<Field, 'name' | 'meta'>, env: Env): Given | undefined {
  const dashed = readInput(env, name)
  const underscored = readInput(env, name.replaceAll('-', '_'))
  if (dashed !== undefined && underscored !== undefined && dashed !== underscored) {
    if (dashed === meta.defaultText) return { value: underscored }
    throw new SpellingConflict(`is given as \`${name.replaceAll('-', '_')}\` too, with another value`)
  }
  const value = dashed ?? underscored
  if (value !== undefined) return { value }
  const fallback = meta.env === undefined ? '' : (env[meta.env]?.trim() ?? '')
  return fallback === '' || meta.env === undefined ? undefined : { value: fallback, env: meta.env }
}

/** The trimmed value of one `INPUT_*` variable; undefined when missing or empty. */
export function readInput(env: Env, name: string): string | undefined {
  return env[inputVariable(name)]?.trim() || undefined
}

/** The variable in which the runner hands an input over: only spaces change, hyphens stay. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}

/** Every value given for a secret input, whether or not it will be used. */
export function secretValues(shape: Shape, env: Env): readonly string[] {
  return fieldsOf(shape)
    .filter(({ meta }) => meta.secret)
    .flatMap(({ name, meta }) => [
      readInput(env, name),
      readInput(env, name.replaceAll('-', '_')),
      meta.env === undefined ? undefined : env[meta.env]?.trim()
    ])
    .filter((value): value is string => value !== undefined && value !== '')
}
