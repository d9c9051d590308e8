import {
  type ListedState,
  listedStates,
  parseState,
  readStateEntries,
  STATES,
  type StateEntry,
  type StateMap,
  stateMap
} from '@change-actions/change-control'
import { field, type Input, Refusal } from '../inputs/field.ts'
import { listOf } from '../inputs/lists.ts'
import { nearestName } from '../inputs/unknown.ts'
import { readYamlFile } from '../inputs/yaml.ts'

/** The input that says what the states of an instance's own count as. */
export const lifeCycleInputs = { states: stateEntries() } as const

export interface LifeCycleValues {
  readonly states?: readonly StateEntry[] | undefined
}

/** The life cycle of the instance, as it was given. */
export function mapOf({ states }: LifeCycleValues): StateMap {
  return stateMap(states)
}

/** A YAML map of the instance's value or label to a name of ours; no entries when it is not given. */
function stateEntries(): Input<readonly StateEntry[]> {
  return field({ kind: 'map' }, async given => {
    if (given === undefined) return []
    const { value, placeOf } = await readYamlFile(given)
    if (value !== null && (typeof value !== 'object' || Array.isArray(value)))
      throw new Refusal('must be a YAML map of states, with lines such as `draft: new`')
    // JavaScript puts keys that are whole numbers first.
    const position = (key: string) => placeOf([key]).line * 1e6 + placeOf([key]).column
    const pairs = Object.entries(value ?? {}).sort(([a], [b]) => position(a) - position(b))
    const read = readStateEntries(pairs)
    if ('problems' in read) throw new Refusal(read.problems.join('; it '))
    return read.entries
  })
}

/** An input that takes a list of states. @param states the default, as a user would write it */
export function statesInput(states: string): Input<readonly ListedState[]> {
  // A number stays what it is: what it means is known with the life cycle of the instance.
  const item = (text: string) => (/^[-\d.]+$/.test(text) ? text : (parseState(text) ?? text))
  return listOf<ListedState>(item, { default: states, rule: 'states such as `scheduled` or `-2`' })
}

interface ListValues extends LifeCycleValues {
  readonly proceedStates?: readonly ListedState[] | undefined
  readonly waitStates?: readonly ListedState[] | undefined
}

/** The lists of a wait, with each state by the name it counts as. */
export function listsOf<
  V extends Required<Pick<ListValues, 'proceedStates' | 'waitStates'>> & LifeCycleValues
>(
  values: V
): { readonly proceedStates: readonly ListedState[]; readonly waitStates: readonly ListedState[] } {
  const map = mapOf(values)
  return {
    proceedStates: listedStates(map, values.proceedStates ?? []),
    waitStates: listedStates(map, values.waitStates ?? [])
  }
}

/** A misspelt name would be taken for a state of the instance's own, in which no change ever is. */
export function listProblems(values: ListValues): string[] {
  const map = mapOf(values)
  const names = STATES.map(state => state.name)
  const lists = [
    ['proceed-states', values.proceedStates],
    ['wait-states', values.waitStates]
  ] as const
  return lists.flatMap(([input, listed = []]) =>
    listed.flatMap(text => {
      const meant = map.parse(text) === undefined ? nearestName(text, names) : undefined
      if (meant === undefined) return []
      return [
        `\`${input}\` holds \`${text}\`; did you mean \`${meant}\`? A state of the instance with a label like it is given by its value`
      ]
    })
  )
}
