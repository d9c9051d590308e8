import { type ListedState, parseState, STATES, type StateName, stateOf, stateValue } from './states.ts'

/** A state of an instance's own life cycle, and what it counts as. Plain data: it is kept for the post step. */
export interface StateEntry {
  /** Its value (`10`) or its label, in any case, as it was given. */
  readonly state: string
  readonly name: StateName
}

/** A state as an instance has it: by its value, or by its label where only that is known. */
export type InstanceState = { readonly value: string } | { readonly label: string }

/** The life cycle of an instance: the eight states as shipped, and what its own states count as. */
export interface StateMap {
  /** What was given; empty for an instance with the shipped states alone. */
  readonly entries: readonly StateEntry[]
  /** What a record's state counts as. Undefined for a state that is neither mapped nor shipped. A value counts before a label. */
  nameOf(value: string, label: string): StateName | undefined
  /** What a person means: a name of ours, or a mapped state by value or label. Undefined for any other text. */
  parse(text: string): StateName | undefined
  /** The states that count as a name: the mapped ones in their order, then the shipped one unless it counts as another. */
  statesOf(name: StateName): readonly InstanceState[]
}

/** Looks up what the states of an instance count as, and back. @param entries none: the shipped states alone */
export function stateMap(entries: readonly StateEntry[] = []): StateMap {
  const byValue = (value: string) => find(entries, wholeNumber, wholeNumber(value))
  const byLabel = (label: string) => find(entries, labelOf, labelOf(label))
  const nameOf: StateMap['nameOf'] = (value, label) => {
    const shipped = stateOf(value)
    // The label of a shipped state stands for it on an instance in another language too.
    return byValue(value) ?? byLabel(label) ?? (shipped && (byLabel(shipped) ?? shipped))
  }
  return {
    entries,
    nameOf,
    parse: text => byValue(text) ?? byLabel(text) ?? parseState(text),
    statesOf(name) {
      const own = entries.filter(entry => entry.name === name).map(entry => instanceState(entry.state))
      const value = stateValue(name)
      const listed = own.some(one => 'value' in one && one.value === value)
      return listed || nameOf(value, name) !== name ? own : [...own, { value }]
    }
  }
}

/** A list of states with each mapped state, and each shipped one, by the name it counts as. */
export function listedStates(map: StateMap, listed: readonly ListedState[]): readonly ListedState[] {
  return listed.map(text => map.parse(text) ?? text)
}

/** The shipped states alone. */
export const SHIPPED_STATES: StateMap = stateMap()

/**
 * The entries of a life cycle as a person writes it: the instance's value or label, and a name of ours.
 *
 * @param pairs the keys and values of the map in their order, as YAML has them
 * @returns the entries; or what is wrong, each to follow the name of the input
 */
export function readStateEntries(
  pairs: readonly (readonly [state: string, name: unknown])[]
): { readonly entries: readonly StateEntry[] } | { readonly problems: readonly string[] } {
  if (pairs.length === 0) return { problems: ['is an empty map: it takes lines such as `draft: new`'] }
  const entries: StateEntry[] = []
  const problems: string[] = []
  for (const [state, given] of pairs) {
    const text = typeof given === 'string' || typeof given === 'number' ? String(given).trim() : ''
    const name = parseState(text)
    const before = entries.find(entry => isSame(entry.state, state))
    if (state.trim() === '') problems.push('has an entry without a state of the instance')
    else if (name === undefined) problems.push(`${wrongName(state, text)}: it takes ${NAMES}`)
    else if (before !== undefined && before.name !== name)
      problems.push(
        `gives one state two meanings: \`${before.state}\` is ${before.name}, \`${state.trim()}\` is ${name}`
      )
    else if (before === undefined) entries.push({ state: state.trim(), name })
  }
  return problems.length > 0 ? { problems } : { entries }
}

const NAMES = STATES.map(state => state.name).join(', ')

function wrongName(state: string, text: string): string {
  return text === ''
    ? `has no name for the state \`${state.trim()}\``
    : `maps \`${state.trim()}\` to \`${text}\`, which is no name of a state`
}

/** States are whole numbers; anything else is a label. */
function instanceState(text: string): InstanceState {
  const value = wholeNumber(text)
  return value === undefined ? { label: text } : { value }
}

function find(
  entries: readonly StateEntry[],
  keyOf: (text: string) => string | undefined,
  key: string | undefined
): StateName | undefined {
  return key === undefined ? undefined : entries.find(entry => keyOf(entry.state) === key)?.name
}

/** Whether two texts are one label: case and the number of blanks aside. Numbers are no labels. */
export function isSameLabel(a: string, b: string): boolean {
  return labelOf(a) !== undefined && labelOf(a) === labelOf(b)
}

/** Whether two keys of a map name one state: the same number, or one label in any case; `new` and -5 are one too. */
function isSame(a: string, b: string): boolean {
  const [one, other] = [a, b].map(text => wholeNumber(text) ?? shippedValue(text) ?? labelOf(text))
  return one === other
}

function shippedValue(label: string): string | undefined {
  return STATES.find(state => state.name === labelOf(label))?.value
}

/** Undefined for a number and for an empty text. */
function labelOf(text: string): string | undefined {
  const label = text.trim().replace(/\s+/g, ' ').normalize('NFC').toLowerCase()
  return label === '' || wholeNumber(label) !== undefined ? undefined : label
}

function wholeNumber(text: string): string | undefined {
  return /^\s*-?\d+(?:\.0+)?\s*$/.test(text) ? String(Number(text)) : undefined
}
