import {
  isSameLabel,
  parseState,
  type StateEntry,
  stateMap,
  stateValue
} from '@change-actions/change-control'
import type { Choice, ServiceNowClient } from '@change-actions/servicenow-client'
import { attempt, bad, type Finding, good } from './finding.ts'

const CHECK = 'States'

/** What was given as `states`, held against the instance's own list. */
export async function checkStates(
  client: ServiceNowClient,
  entries: readonly StateEntry[]
): Promise<Finding[]> {
  if (entries.length === 0) return []
  return [await attempt(CHECK, 'warn', async () => judge(entries, inOrder(await client.choices('state'))))]
}

function judge(entries: readonly StateEntry[], choices: readonly Choice[]): Finding {
  if (choices.length === 0)
    return bad(
      CHECK,
      'warn',
      'the list of states (sys_choice) cannot be read, so it is not known whether the instance has them',
      'give values instead of labels, or give the service account read access to sys_choice'
    )
  const missing = entries.filter(entry => choiceOf(entry, choices) === undefined)
  if (missing.length > 0)
    return bad(
      CHECK,
      'fail',
      `the instance has no state ${missing.map(one => `"${one.state}"`).join(', ')}; it has ${choices.map(textOf).join(', ')}`,
      'correct `states`: it takes values or labels of this list'
    )
  const map = stateMap(entries)
  const counted = entries.map(one => `${textOf(choiceOf(one, choices) as Choice)} counts as ${one.name}`)
  const others = choices.filter(one => map.nameOf(one.value, one.label) === undefined).map(textOf)
  const rest = others.length === 0 ? [] : [`not mapped: ${others.join(', ')}`]
  return good(CHECK, [...counted, ...rest].join('; '))
}

function inOrder(choices: readonly Choice[]): Choice[] {
  return [...choices].sort((a, b) => Number(a.value) - Number(b.value))
}

function choiceOf({ state }: StateEntry, choices: readonly Choice[]): Choice | undefined {
  const number = /^-?\d+(?:\.0+)?$/.test(state) ? String(Number(state)) : undefined
  const shipped = parseState(state)
  return (
    choices.find(one => (number === undefined ? isSameLabel(one.label, state) : one.value === number)) ??
    // On an instance in another language the shipped states have other labels.
    choices.find(one => shipped !== undefined && one.value === stateValue(shipped))
  )
}

function textOf({ value, label }: Choice): string {
  return `${label} (${value})`
}
