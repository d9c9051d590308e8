import type { Actor } from '../engine/actor.ts'
import { invalidValue } from './date-operators.ts'
import { later, startOf, type Unit, unitFrom, type WallTime, wallTime } from './local-time.ts'
import type { Condition } from './parse.ts'

/** Whether two values of a record match. */
export type PairTest = (value: string, other: string) => boolean

/** Both in one unit of the user's calendar, as `due_dateSAMEASwork_end@day`. */
function sameUnit({ timeZone }: Actor, unit: Unit): PairTest {
  const start = (stored: string) => {
    const wall = wallTime(stored, timeZone)
    return wall === undefined ? '' : startOf(wall, unit)
  }
  return (value, other) => start(value) === start(other)
}

/** `work_endMORETHANdue_date@day@after@3`: distance of a date from another. */
function distance(
  condition: Condition,
  [unitName = '', direction = '', digits = '']: readonly string[]
): PairTest {
  const unit = unitFrom(unitName)
  if (!unit || !/^\d{1,5}$/.test(digits) || !/^(?:before|after|before or after)$/.test(direction)) {
    throw invalidValue(condition)
  }
  const isMore = condition.operator === 'MORETHAN'
  const beyond = (from: WallTime, to: WallTime, sign: number) => {
    const limit = later(from, sign * Number(digits), unit)
    return isMore ? sign * (to - limit) > 0 : sign * (to - from) >= 0 && sign * (to - limit) < 0
  }
  return (value, other) => {
    const [to, from] = [wallTime(value, 'UTC'), wallTime(other, 'UTC')]
    if (to === undefined || from === undefined) return false
    return (direction !== 'before' && beyond(from, to, 1)) || (direction !== 'after' && beyond(from, to, -1))
  }
}

/** The operators that compare two fields of a record. */
const COMPARING: readonly Condition['operator'][] = [
  'SAMEAS',
  'NSAMEAS',
  'MORETHAN',
  'LESSTHAN',
  'GT_FIELD',
  'LT_FIELD',
  'GT_OR_EQUALS_FIELD',
  'LT_OR_EQUALS_FIELD'
]

/** The field that a condition compares with, and what follows it. */
export function otherField({
  operator,
  value
}: Condition): { path: string; rest: readonly string[] } | undefined {
  if (!COMPARING.includes(operator)) return undefined
  const [path = '', ...rest] = value.split('@')
  return { path, rest }
}

/**
 * The test of an operator that compares two fields of a record.
 * @param compared negative, 0 or positive
 * @throws InvalidQuery for a value it cannot have
 */
export function pairTest(
  actor: Actor,
  condition: Condition,
  rest: readonly string[],
  compared: (value: string, other: string) => number
): PairTest {
  const unit = unitFrom(rest[0] ?? '')
  if (rest.length === 1 && !unit) throw invalidValue(condition)
  const isSame: PairTest = unit ? sameUnit(actor, unit) : (value, other) => compared(value, other) === 0
  const both =
    (holds: (difference: number) => boolean): PairTest =>
    (value, other) =>
      value !== '' && other !== '' && holds(compared(value, other))
  switch (condition.operator) {
    case 'SAMEAS':
      return isSame
    case 'NSAMEAS':
      return (value, other) => !isSame(value, other)
    case 'GT_FIELD':
      return both(difference => difference > 0)
    case 'LT_FIELD':
      return both(difference => difference < 0)
    case 'GT_OR_EQUALS_FIELD':
      return both(difference => difference >= 0)
    case 'LT_OR_EQUALS_FIELD':
      return both(difference => difference <= 0)
    default:
      return distance(condition, rest)
  }
}
