/** The form of a policy file. */
import * as z from 'zod/mini'

/** The key that says whether the repository, or one of its environments, is change-controlled; not an input. */
export const SWITCH = 'change-controlled'

/** The key that holds the values that bind. */
export const ENFORCE = 'enforce'

/** The keys of the top level. */
export const TOP_KEYS = [
  SWITCH,
  'unlisted',
  'title',
  'names',
  'states',
  'defaults',
  ENFORCE,
  'environments'
] as const

/** The shape an input's value has in YAML: one value, several (or their text), a list, a map. */
export type ValueKind = 'value' | 'values' | 'list' | 'map'

/** The inputs that a policy may hold, by name. */
export type PolicyInputs = Readonly<Record<string, ValueKind>>

const single = z.union([z.string(), z.number(), z.boolean()])
const several = z.union([single, z.array(single)])

/** A list or map may also be YAML text, copied from a workflow. */
const KINDS = {
  value: single,
  values: several,
  list: z.union([z.string(), z.array(z.unknown())]),
  map: z.union([z.string(), z.record(z.string(), z.unknown())])
} as const satisfies Record<ValueKind, unknown>

/** One value, or a list of those that are allowed: for an input that is a list, a list of lists. */
const ENFORCED = {
  value: z.union([single, z.array(single).check(z.minLength(1))]),
  values: z.union([several, z.array(several)]),
  list: KINDS.list,
  map: z.union([KINDS.map, z.array(KINDS.map).check(z.minLength(1))])
} as const satisfies Record<ValueKind, unknown>

/** What a value must be, in words. */
export const KIND_WORDS: Readonly<Record<ValueKind, string>> = {
  value: 'a single value',
  values: 'a single value or a list of them',
  list: 'a list',
  map: 'a map'
}

/** What an enforced value must be, in words. */
export const ENFORCED_WORDS: Readonly<Record<ValueKind, string>> = {
  value: 'a single value, or a list of the values that are allowed',
  values: 'a value (a list is one value), or a list of the lists that are allowed',
  list: 'a list, or a list of the lists that are allowed',
  map: 'a map, or a list of the maps that are allowed'
}

const SYS_ID = z.string().check(z.regex(/^[0-9a-f]{32}$/i))

/**
 * The schema of the file, for validation and, as JSON Schema, for editors.
 *
 * @param named the inputs whose names may stand under `names`
 */
export function policySchema(inputs: PolicyInputs, named: readonly string[]) {
  const shape = (kinds: Readonly<Record<ValueKind, z.ZodMiniType>>) =>
    Object.fromEntries(Object.entries(inputs).map(([name, kind]) => [name, z.optional(kinds[kind])]))
  const values = shape(KINDS)
  const enforce = z.optional(z.strictObject(shape(ENFORCED)))
  const section = z.strictObject({ [SWITCH]: z.optional(z.boolean()), [ENFORCE]: enforce, ...values })
  const names = Object.fromEntries(named.map(name => [name, z.optional(z.record(z.string(), SYS_ID))]))
  return z.strictObject({
    [SWITCH]: z.optional(z.boolean()),
    unlisted: z.optional(z.enum(['controlled', 'free', 'error'])),
    title: z.optional(z.string()),
    names: z.optional(z.strictObject(names)),
    states: z.optional(KINDS.map),
    defaults: z.optional(z.strictObject(values)),
    [ENFORCE]: enforce,
    environments: z.optional(z.record(z.string(), section))
  })
}

/** A list names the allowed values, except where the input is itself a list: then a list is one value. */
export function allowedValues(value: unknown, kind: ValueKind): readonly unknown[] {
  if (!Array.isArray(value)) return [value]
  if (kind === 'value' || kind === 'map') return value
  return value.length > 0 && value.every(Array.isArray) ? value : [value]
}
