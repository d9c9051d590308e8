import type { Actor } from '../engine/actor.ts'
import { utc } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
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

interface Call {
  readonly engine: Engine
  readonly actor: Actor
  /** Now on the clock of the user. */
  readonly now: WallTime
  readonly parameters: readonly string[]
}

/** The sys_ids of the groups of a user. */
export function groupsOf(engine: Engine, actor: Actor): string[] {
  const memberships = engine.store.rows('sys_user_grmember').filter(row => row.user === actor.sysId)
  return memberships.map(row => row.group ?? '')
}

const stored = ({ actor }: Call, wall: WallTime): string => storedTime(wall, actor.timeZone)
const myGroups = ({ engine, actor }: Call): string => groupsOf(engine, actor).join(',')
const count = ({ parameters }: Call): number => Number(parameters[0] ?? 0)

/** `gs.dateGenerate('2026-06-15','start')`; the second parameter may be `end` or a time. */
function dateGenerate(call: Call): string | undefined {
  const [day = '', time = ''] = call.parameters
  const clock = { start: '00:00:00', end: '23:59:59' }[time] ?? time
  const wall = wallTime(`${day} ${clock}`, 'UTC')
  return wall === undefined ? undefined : stored(call, wall)
}

/** The functions that a query may call by their names. */
const FUNCTIONS: Readonly<Record<string, (call: Call) => string | undefined>> = {
  'gs.getUserID': ({ actor }) => actor.sysId,
  'gs.user_id': ({ actor }) => actor.sysId,
  'gs.getUser().getID': ({ actor }) => actor.sysId,
  'gs.getUserName': ({ actor }) => actor.userName,
  'gs.getUser().getName': ({ actor }) => actor.userName,
  'gs.getUserDisplayName': ({ actor }) => actor.name,
  getMyGroups: myGroups,
  'gs.getUser().getMyGroups': myGroups,
  'gs.now': ({ now }) => utc(now).slice(0, 10),
  'gs.nowDateTime': call => stored(call, call.now),
  'gs.dateGenerate': dateGenerate
}

/** The shift from the current unit, of `beginningOfLastMonth` and its like. */
const SHIFTS: Readonly<Record<string, number>> = { This: 0, Current: 0, Last: -1, Next: 1 }
const DAYS: Readonly<Record<string, number>> = { Today: 0, Yesterday: -1, Tomorrow: 1 }

const edge = (name: string, wall: WallTime, unit: Unit): WallTime =>
  (name === 'beginning' || name === 'Start' ? startOf : endOf)(wall, unit)

/** `gs.beginningOfToday()`, `gs.endOfLastMonth()`, `gs.beginningOfLast90Days()`. */
function edgeOfUnit(name: string, call: Call): string | undefined {
  const day = /^gs\.(beginning|end)Of(Today|Yesterday|Tomorrow)$/.exec(name)
  if (day) return stored(call, edge(day[1] ?? '', later(call.now, DAYS[day[2] ?? ''] ?? 0, 'day'), 'day'))
  const [, which = '', shift = '', many, unitName = ''] =
    /^gs\.(beginning|end)Of(This|Current|Last|Next)(\d{1,4})?([A-Z][a-z]+)$/.exec(name) ?? []
  const unit = unitFrom(unitName)
  if (!unit) return undefined
  // The last 90 days end now, and do not end 90 days ago.
  const steps = many === undefined ? 1 : which === 'end' ? 0 : Number(many)
  return stored(call, edge(which, later(call.now, (SHIFTS[shift] ?? 0) * steps, unit), unit))
}

/** `gs.daysAgo(3)`, `gs.monthsAgoStart(1)`, `gs.hoursAgoEnd(2)`. */
function unitsAgo(name: string, call: Call): string | undefined {
  const [, unitName = '', which] = /^gs\.([a-z]+s)Ago(Start|End)?$/.exec(name) ?? []
  const unit = unitFrom(unitName)
  if (!unit || !Number.isInteger(count(call)) || Math.abs(count(call)) > MAX_COUNT) return undefined
  const wall = later(call.now, -count(call), unit)
  return stored(call, which === undefined ? wall : edge(which, wall, unit))
}

function run(name: string, call: Call): string | undefined {
  const named = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  return named ? named(call) : (edgeOfUnit(name, call) ?? unitsAgo(name, call))
}

const CALL =
  /(^|[@,])javascript:(?:\s{0,9}(\w{1,40}(?:\.\w{1,40}(?:\(\)\.\w{1,40})?)?)\(([^()]{0,100})\)\s{0,9};?(?=$|[@,]))?/g

const PARAMETER = /'([^']{0,200})'|"([^"]{0,200})"|(-?[\d.]{1,30})/g

/**
 * A value with its `javascript:` parts evaluated, dates by the clock of the user.
 * @returns undefined when a part calls anything but the functions that a query may call
 */
export function evaluateScripts(engine: Engine, actor: Actor, text: string): string | undefined {
  if (!text.includes('javascript:')) return text
  let isAllowed = true
  const now = wallTime(utc(engine.settings.now()), actor.timeZone) ?? 0
  const evaluated = text.replace(CALL, (_, before: string, name = '', list = '') => {
    const parameters = [...(list as string).matchAll(PARAMETER)].map(
      match => match[1] ?? match[2] ?? match[3] ?? ''
    )
    const call = { engine, actor, now, parameters }
    const value = engine.settings.evaluateQueryScripts ? run(name as string, call) : undefined
    if (value === undefined) isAllowed = false
    return before + (value ?? '')
  })
  return isAllowed ? evaluated : undefined
}
