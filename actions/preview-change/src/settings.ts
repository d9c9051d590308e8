/** What a policy alone settles for an environment. What a workflow gives beside it is not known here. */
import {
  type Allowed,
  kebab,
  oneOf,
  type Rules,
  resolveInputs,
  type Values
} from '@change-actions/github-actions'
import {
  createInputs,
  createProblems,
  derivedKind,
  lifeCycleInputs
} from '@change-actions/github-actions/input-sets'
import type { AppliedPolicy } from '@change-actions/github-actions/policy'
import type { ApiName } from '@change-actions/servicenow-client'

/** The inputs of the gate that say which change is made, and what follows from conflicts. */
export const policyShape = {
  ...createInputs,
  ...lifeCycleInputs,
  checkConflicts: oneOf(['ignore', 'warn', 'fail'], { default: 'ignore' })
} as const

export interface Settings {
  readonly values: Values<typeof policyShape>
  /** Inputs that a policy gives a choice of, and no value: the workflow has to give one. By kebab-case name. */
  readonly open: readonly string[]
}

/**
 * The values of an environment's change.
 *
 * @throws Problem `input` with what is wrong in the policy
 */
export async function settingsOf(
  applied: Pick<Exclude<AppliedPolicy, { kind: 'none' }>, 'layers' | 'allowed' | 'policyProblems'>,
  api: ApiName
): Promise<Settings> {
  const { layers, allowed = new Map<string, Allowed>(), policyProblems } = applied
  const hasValue = (name: string) => layers.some(({ values }) => Object.hasOwn(values, name))
  const choices = [...allowed].filter(([name, rule]) => rule.one === undefined && !hasValue(name))
  const left = new Set(choices.map(([name]) => name))
  const rules: Rules<typeof policyShape> = values => createProblems({ ...values, api })
  const { values } = await resolveInputs(policyShape, {
    env: {},
    layers,
    allowed: new Map([...allowed].filter(([name]) => !left.has(name))),
    policyProblems,
    rules,
    warn: () => undefined
  })
  return { values, open: choices.filter(([name, rule]) => isOpen(name, rule, values)).map(([name]) => name) }
}

/** What is used without a value from the workflow is not among those that are allowed. */
function isOpen(name: string, rule: Allowed, values: Values<typeof policyShape>): boolean {
  const found = Object.entries(values).find(([key]) => kebab(key) === name)
  if (found === undefined) return false
  const value = name === 'type' ? kindOf(values) : found[1]
  return rule.refusal(value, value === undefined ? undefined : String(value)) !== undefined
}

/** The type of the change; undefined where a model decides. */
export function kindOf(values: Values<typeof policyShape>): string | undefined {
  return values.type ?? derivedKind(values).type
}
