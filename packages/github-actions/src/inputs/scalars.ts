import { field, type Input, type Meta, notThis, Refusal } from './field.ts'

/** Any text; undefined when not given. With a default it is never undefined. */
export function text(meta: Meta & { readonly default: string }): Input<string>
export function text(meta?: Meta): Input<string | undefined>
export function text(meta: Meta = {}): Input<string | undefined> {
  return field(meta, given => given)
}

/** Text that must be given, as an input or by its environment variable. */
export function requiredText(meta: Meta = {}): Input<string> {
  return field({ ...meta, required: true }, given => {
    if (given !== undefined) return given
    throw new Refusal(meta.env === undefined ? 'is required' : `is required: give it, or set ${meta.env}`)
  })
}

/** `true` or `false`, in any case. */
export function boolean(meta: Omit<Meta, 'default'> & { readonly default: boolean }): Input<boolean> {
  const own = { ...meta, default: String(meta.default), kind: 'boolean' } as const
  return field(own, given => {
    const word = given?.toLowerCase()
    if (word === 'true' || word === 'false') return word === 'true'
    throw new Refusal(`must be \`true\` or \`false\`${notThis(given ?? '', meta)}`)
  })
}

/** Bounds of a number, both included. */
export interface Bounds {
  readonly min?: number
  readonly max?: number
}

/** A whole number in decimal digits. */
export function integer(meta: Omit<Meta, 'default'> & Bounds & { readonly default: number }): Input<number> {
  const own = { ...meta, default: String(meta.default), kind: 'integer' } as const
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = meta
  return field(own, given => {
    const value = /^[+-]?\d+$/.test(given ?? '') ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    throw new Refusal(`must be a whole number${range(meta)}${notThis(given ?? '', meta)}`)
  })
}

function range({ min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max === undefined ? '' : ` of at most ${max}`
}

/** One of some words, in any case; the value is the word as listed. */
export function oneOf<const T extends string>(
  values: readonly T[],
  meta: Meta & { readonly default: T }
): Input<T>
export function oneOf<const T extends string>(values: readonly T[], meta?: Meta): Input<T | undefined>
export function oneOf<const T extends string>(values: readonly T[], meta: Meta = {}): Input<T | undefined> {
  return field({ ...meta, kind: 'word', words: values }, given => {
    if (given === undefined) return undefined
    const found = values.find(value => value.toLowerCase() === given.toLowerCase())
    if (found !== undefined) return found
    throw new Refusal(`must be one of ${values.map(v => `\`${v}\``).join(', ')}${notThis(given, meta)}`)
  })
}
