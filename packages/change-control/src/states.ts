/** The life of a change request as ServiceNow ships it: eight states, stored as numbers. */
export type StateName =
  | 'new'
  | 'assess'
  | 'authorize'
  | 'scheduled'
  | 'implement'
  | 'review'
  | 'closed'
  | 'canceled'

/** A state in a list: a name of ours, or the value or label (any case) of a state that has none. */
export type ListedState = StateName | (string & {})

/** In the order of a change's life. `value` is what the wire carries, `label` what a person sees. */
export const STATES: readonly { name: StateName; value: string; label: string }[] = [
  { name: 'new', value: '-5', label: 'New' },
  { name: 'assess', value: '-4', label: 'Assess' },
  { name: 'authorize', value: '-3', label: 'Authorize' },
  { name: 'scheduled', value: '-2', label: 'Scheduled' },
  { name: 'implement', value: '-1', label: 'Implement' },
  { name: 'review', value: '0', label: 'Review' },
  { name: 'closed', value: '3', label: 'Closed' },
  { name: 'canceled', value: '4', label: 'Canceled' }
]

/** Whole numbers only; the Change Management API writes them as `-5.0`. */
const WHOLE_NUMBER = /^-?\d+(?:\.0+)?$/

/** The eight states have labels of our own, so that a translated instance changes no message. */
const entryOf = (name: StateName) => STATES.find(state => state.name === name) as (typeof STATES)[number]

/**
 * Reads a state as the wire carries it: `"-5"`, `"-5.0"`, `"0"`.
 * Undefined for the empty text, a custom state and anything that is not a number.
 */
export function stateOf(value: string): StateName | undefined {
  const text = value.trim()
  if (!WHOLE_NUMBER.test(text)) return undefined
  return STATES.find(state => Number(state.value) === Number(text))?.name
}

/** Reads a state as a person writes it: name or number, any case, `cancelled` too. */
export function parseState(text: string): StateName | undefined {
  const word = text.trim().toLowerCase()
  if (word === 'cancelled') return 'canceled'
  return STATES.find(state => state.name === word)?.name ?? stateOf(word)
}

/** The number ServiceNow stores, as text: `implement` → `"-1"`. */
export function stateValue(name: StateName): string {
  return entryOf(name).value
}

/** The word a person knows: `implement` → `Implement`. */
export function stateLabel(name: StateName): string {
  return entryOf(name).label
}

/** Output text: the lower-case name, or the instance's own label for a custom state (raw, not made safe). */
export function stateText(change: { state: string; stateLabel: string }): string {
  return stateOf(change.state) ?? customLabel(change)
}

/** The state in a sentence for a person: `Implement`, or the instance's own label for a custom state. */
export function stateTitle(change: { state: string; stateLabel: string }): string {
  const name = stateOf(change.state)
  return name === undefined ? customLabel(change) : stateLabel(name)
}

/** Whether a list holds the state of a change: by its name, or by the value or label of a state that has none. */
export function isListed(
  states: readonly ListedState[],
  change: { state: string; stateLabel: string }
): boolean {
  const name = stateOf(change.state)
  const own = [change.state, change.stateLabel].map(foldState).filter(text => text !== '')
  return states.some(text => {
    const named = parseState(text)
    return named === undefined ? own.includes(foldState(text)) : named === name
  })
}

/** A listed state in a sentence: `Implement`, or as it was given. */
export function listedTitle(state: ListedState): string {
  const name = parseState(state)
  return name === undefined ? state : stateLabel(name)
}

/** New to Implement: the work is not done yet, so the change may be reused or canceled. */
export function isOpen(name: StateName): boolean {
  return Number(stateValue(name)) < 0
}

function foldState(text: string): string {
  return WHOLE_NUMBER.test(text.trim())
    ? String(Number(text))
    : text.trim().replace(/\s+/g, ' ').normalize('NFC').toLowerCase()
}

function customLabel(change: { state: string; stateLabel: string }): string {
  return change.stateLabel.trim() || change.state.trim() || 'unknown'
}
