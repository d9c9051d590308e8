import type { Actor } from './actor.ts'
import { utc } from './dates.ts'
import type { Engine } from './engine.ts'
import type { Row, Values } from './store.ts'

/** Priority 1 to 5 by impact (row) and urgency (column), each 1 to 3: the priority look-up of a stock instance. */
const PRIORITIES = ['123', '234', '345']

/** The priority of an incident or a problem. Without impact or urgency it is the lowest of theirs. */
export function priorityOf({ impact, urgency }: Row): string {
  return PRIORITIES[Number(impact || 3) - 1]?.[Number(urgency || 3) - 1] ?? '5'
}

/**
 * The row with one value in the two fields that hold its state: the one that was written counts, `state` before the other.
 * @param other the older field, such as `incident_state`
 * @param first the state of a new record
 */
export function withOneState(before: Row | undefined, after: Row, other: string, first: string): Row {
  const [was, wasOther] = before ? [before.state, before[other]] : [first, '']
  const sentOther = after[other] !== wasOther && (after[other] ?? '') !== ''
  const state = after.state === was && sentOther ? after[other] : after.state
  return { ...after, state: state ?? '', [other]: state ?? '' }
}

/** Who did something now: the two fields that name the time and the user. */
export function stamp(engine: Engine, actor: Actor, at: string, by: string): Values {
  return { [at]: utc(engine.settings.now()), [by]: actor.sysId }
}

/** One more reopening. */
export function oneMore(count: string | undefined): string {
  return String(Number(count || 0) + 1)
}
