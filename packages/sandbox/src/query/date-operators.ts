import type { Actor } from '../engine/actor.ts'
import { utc } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
import { InvalidQuery } from './invalid-query.ts'
import {
  endOf,
  later,
  MAX_COUNT,
  startOf,
  storedTime,
  type Unit,
  unitFrom,
  type WallTime,
  wallTime
} from './local-time.ts'
import type { ValueTest } from './operators.ts'
import type { Condition } from './parse.ts'

/** The error for a condition whose value its operator cannot have. */
export const invalidValue = ({ field, operator, value }: Condition): InvalidQuery =>
  new InvalidQuery(`Invalid value of ${operator}: ${field}${operator}${value}`)

const HOLDS: Readonly<Record<string, (difference: number) => boolean>> = {
  GT: difference => difference > 0,
  GE: difference => difference >= 0,
  LT: difference => difference < 0,
  LE: difference => difference <= 0,
  EE: difference => difference === 0
}

/** `@hour@ago@3`: unit, direction, count. */
function amount(condition: Condition): { unit: Unit; signed: number } {
  const [, name = '', direction = '', digits = ''] =
    /@(\w{1,20})@(ago|ahead)@(\d{1,5})$/.exec(condition.value) ?? []
  const unit = unitFrom(name)
  if (!unit || Number(digits) > MAX_COUNT) throw invalidValue(condition)
  return { unit, signed: direction === 'ago' ? -Number(digits) : Number(digits) }
}

/** Minutes and hours are counted from now to the second; longer units are whole units of the user's calendar. */
function relative(engine: Engine, { timeZone }: Actor, condition: Condition): ValueTest {
  const { unit, signed } = amount(condition)
  const moment = later(wallTime(utc(engine.settings.now()), timeZone) ?? 0, signed, unit)
  const isExact = condition.operator !== 'RELATIVEEE' && (unit === 'minute' || unit === 'hour')
  const start = storedTime(isExact ? moment : startOf(moment, unit), timeZone)
  const end = storedTime(isExact ? moment : endOf(moment, unit), timeZone)
  const tests: Partial<Record<Condition['operator'], ValueTest>> = {
    RELATIVEGT: value => value > end,
    RELATIVEGE: value => value >= start,
    RELATIVELT: value => value < start,
    RELATIVELE: value => value <= end,
    RELATIVEEE: value => value >= start && value <= end
  }
  const test = tests[condition.operator] as ValueTest
  return value => value !== '' && test(value)
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const date = (wall: WallTime): Date => new Date(wall)

/** What each part of a date is as a number. Weeks are counted from the first Monday of the year. */
const PARTS: Readonly<Record<string, (wall: WallTime) => number>> = {
  dayofweek: wall => (date(wall).getUTCDay() + 6) % 7,
  month: wall => date(wall).getUTCMonth(),
  quarter: wall => Math.floor(date(wall).getUTCMonth() / 3) + 1,
  year: wall => date(wall).getUTCFullYear(),
  hour: wall => date(wall).getUTCHours(),
  week: wall => {
    const dayOfYear = (startOf(wall, 'day') - startOf(wall, 'year')) / 86_400_000
    return Math.floor((dayOfYear + 7 - ((date(wall).getUTCDay() + 6) % 7)) / 7)
  }
}

function partNumber(part: string, text: string): number {
  if (part === 'dayofweek') return WEEKDAYS.indexOf(text.toLowerCase())
  if (part === 'month') return MONTHS.indexOf(text.toLowerCase().slice(0, 3))
  return /^\d{1,4}$/.test(text) ? Number(text) : -1
}

/** `DATEPARTMonday@javascript:gs.datePart('dayofweek','monday','EE')` */
function datePart({ timeZone }: Actor, condition: Condition): ValueTest {
  const [, name = '', text = '', comparison = ''] =
    /@javascript:gs\.datePart\('(\w{1,20})','(\w{1,20})','(GT|GE|LT|LE|EE)'\)$/.exec(condition.value) ?? []
  const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined
  const wanted = partNumber(name, text)
  const holds = HOLDS[comparison]
  if (!part || !holds || wanted < 0) throw invalidValue(condition)
  return value => {
    const wall = wallTime(value, timeZone)
    return wall !== undefined && holds(part(wall) - wanted)
  }
}

/** The test of an operator on dates; undefined for other operators. @throws InvalidQuery for a value it cannot have */
export function dateTest(engine: Engine, actor: Actor, condition: Condition): ValueTest | undefined {
  if (condition.operator === 'DATEPART') return datePart(actor, condition)
  return condition.operator.startsWith('RELATIVE') ? relative(engine, actor, condition) : undefined
}
