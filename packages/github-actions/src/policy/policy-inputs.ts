import type { PolicyInputs, ValueKind } from '@change-actions/change-control'
import type { InputKind, InputMeta, Shape } from '../inputs/field.ts'
import { fieldsOf } from '../inputs/read.ts'

/** Inputs that say what this run does: a file for all runs has no value for them. */
const OF_THE_RUN: readonly string[] = [
  'environment',
  'policy-file',
  'version',
  'change-number',
  'change-sys-id',
  'commit',
  'correlation-id',
  'correlation-scope',
  'dry-run',
  'gate-outcome'
]

/** Inputs that say where secrets are sent. */
const WHERE: readonly string[] = ['instance', 'api-path']

/** Inputs by whether a policy file may set them. */
export interface PolicyKeys {
  /** Those that may stand in the file, in the order of the shape, with the kind of value each takes. */
  readonly allowed: PolicyInputs
  /** Those that must not, and why. */
  readonly refused: Readonly<Record<string, string>>
}

/** Which inputs of a shape a policy file may set: those the runner sets are unknown there. */
export function policyKeys(shape: Shape): PolicyKeys {
  const allowed: Record<string, ValueKind> = {}
  const refused: Record<string, string> = {}
  for (const { name, meta } of fieldsOf(shape)) {
    if (meta.context !== undefined) continue
    const why = refusal(name, meta)
    if (why === undefined) allowed[name] = VALUE_KINDS[meta.kind] ?? 'value'
    else refused[name] = why
  }
  return { allowed, refused }
}

/** Why an input must not stand in a policy file; undefined for one that may. */
function refusal(name: string, { secret, group, transient, env }: InputMeta): string | undefined {
  const variable = env ?? 'a variable SERVICENOW_…'
  if (secret) return `give it as an input from a secret, or in ${variable}`
  if (group !== undefined || transient || WHERE.includes(name))
    return `where secrets are sent is not decided by a file; give it as an input, or in ${variable}`
  return OF_THE_RUN.includes(name) ? 'it belongs to the workflow' : undefined
}

/** Kinds of inputs that take more than a single value. */
const VALUE_KINDS: Partial<Record<InputKind, ValueKind>> = { items: 'values', list: 'list', map: 'map' }
