import type { PolicyKeys, ValueKind } from '@change-actions/change-control'
import { REFERENCE_FIELDS } from '../input-sets/create.ts'
import type { InputKind, InputMeta } from '../inputs/field.ts'
import { kebab } from '../inputs/field.ts'
import type { KnownInput } from './known-input.ts'
import { KNOWN_INPUTS } from './known-inputs.ts'

/** Inputs that say what this run does, or where its policy is: a file for all runs has no value for them. */
const OF_THE_RUN: readonly string[] = [
  'environment',
  'policy-file',
  'change-number',
  'change-sys-id',
  'dry-run'
]

/** Inputs that say where secrets are sent, or what is sent as one. */
const CONNECTION: readonly string[] = ['instance', 'api-path', 'oidc-audience', 'key-id', 'subject']

/** Why an input must not stand in a policy file; undefined for one that may. */
export function refusalOf(
  name: string,
  { secret, group, transient, env, context }: InputMeta
): string | undefined {
  const variable = env ?? 'a variable SERVICENOW_…'
  if (context !== undefined) return 'it is set automatically'
  if (secret)
    return env === undefined
      ? 'give it as an input from a secret'
      : `give it as an input from a secret, or in ${variable}`
  if (group !== undefined || transient || CONNECTION.includes(name))
    return `where secrets are sent is not decided by a file; give it as an input, or in ${variable}`
  return OF_THE_RUN.includes(name) ? 'it belongs to the workflow' : undefined
}

/** Inputs that take the name of a record. */
const NAMED: readonly string[] = [
  ...Object.keys(REFERENCE_FIELDS),
  'parentChange',
  'standardChangeTemplate',
  'changeModel'
].map(kebab)

/** Kinds of inputs that take more than a single value. */
const VALUE_KINDS: Partial<Record<InputKind, ValueKind>> = { items: 'values', list: 'list', map: 'map' }

/** The shape that a value of an input has in YAML. */
export function valueKind(kind: InputKind): ValueKind {
  return VALUE_KINDS[kind] ?? 'value'
}

/** The input of that name, of any of the actions that read the policy; undefined where none may stand in a file. */
export function knownInput(name: string): KnownInput | undefined {
  return Object.hasOwn(KNOWN_INPUTS.allowed, name) ? KNOWN_INPUTS.allowed[name] : undefined
}

/** Which keys a policy file may have: the inputs of all actions that read it. */
export const POLICY_KEYS: PolicyKeys = {
  allowed: Object.fromEntries(
    Object.entries(KNOWN_INPUTS.allowed).map(([name, { kind }]) => [name, valueKind(kind)])
  ),
  refused: KNOWN_INPUTS.refused,
  named: NAMED
}
