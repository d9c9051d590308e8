import type { Env } from '../step/runtime.ts'
import { inputError } from './error.ts'
import { type InputMeta, inputMeta, kebab, type Shape } from './field.ts'
import type { Source } from './source.ts'

/** A text given for an input, trimmed, and where it was given. */
export interface Given {
  readonly text: string
  readonly source: Source
}

/** An input of a shape: its key, its names and what is known of it. */
export interface Field {
  readonly key: string
  /** `short-description`. */
  readonly name: string
  /** `short_description`, ServiceNow's spelling, which `action.yml` declares too; undefined where there is none. */
  readonly alias: string | undefined
  readonly meta: InputMeta
}

/** The inputs of a shape. */
export function fieldsOf(shape: Shape): readonly Field[] {
  return Object.entries(shape).map(([key, schema]) => {
    const [name, meta] = [kebab(key), inputMeta(schema)]
    const alias = name.includes('-') && meta.context === undefined ? name.replaceAll('-', '_') : undefined
    return { key, name, alias, meta }
  })
}

/** Both spellings of an input are given, with different values. The message follows the input's name. */
export class SpellingConflict extends Error {}

/**
 * What the workflow gives for an input, under its name or its alias. Empty means not given.
 *
 * @throws SpellingConflict
 */
export function readInput({ name, alias }: Pick<Field, 'name' | 'alias'>, env: Env): string | undefined {
  const own = trimmed(env, inputVariable(name))
  const other = alias === undefined ? undefined : trimmed(env, inputVariable(alias))
  if (own !== undefined && other !== undefined && own !== other)
    throw new SpellingConflict(`is given as \`${alias}\` too, with another value: give one of them`)
  return own ?? other
}

/** What the environment has for an input that falls back to it. */
export function readFallback({ meta }: Pick<Field, 'meta'>, env: Env): Given | undefined {
  const text = meta.env === undefined ? undefined : trimmed(env, meta.env)
  if (text === undefined || meta.env === undefined) return undefined
  return { text, source: { kind: 'environment', variable: meta.env } }
}

/**
 * The text given for one input of a shape, for what has to be known before the others are read.
 *
 * @throws Problem `input` when both spellings are given, with different values
 */
export function givenText<S extends Shape>(shape: S, key: keyof S & string, env: Env): string | undefined {
  const found = fieldsOf(shape).find(field => field.key === key)
  if (found === undefined) return undefined
  try {
    return readInput(found, env)
  } catch (error) {
    if (error instanceof SpellingConflict) throw inputError([`\`${found.name}\` ${error.message}`])
    throw error
  }
}

/** Whether the workflow gives any of these inputs, rightly or not: known before they are read. */
export function isAnyGiven(shape: Shape, keys: readonly string[], env: Env): boolean {
  return fieldsOf(shape)
    .filter(({ key }) => keys.includes(key))
    .flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]))
    .some(name => trimmed(env, inputVariable(name)) !== undefined)
}

/** Every value given for a secret input, whether or not it will be used. */
export function secretValues(shape: Shape, env: Env): readonly string[] {
  return fieldsOf(shape)
    .filter(({ meta }) => meta.secret)
    .flatMap(({ name, alias, meta }) => [
      inputVariable(name),
      ...(alias === undefined ? [] : [inputVariable(alias)]),
      ...(meta.env === undefined ? [] : [meta.env])
    ])
    .flatMap(variable => trimmed(env, variable) ?? [])
}

/** The variable in which the runner hands over a declared input: hyphens stay. */
function inputVariable(name: string): string {
  return `INPUT_${name.toUpperCase()}`
}

function trimmed(env: Env, variable: string): string | undefined {
  return env[variable]?.trim() || undefined
}
