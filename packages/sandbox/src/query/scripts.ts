import type { Actor } from '../engine/actor.ts'
import { utc } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

type Script = (context: { now: number; actor: Actor; argument: number }) => string

const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS

/** The functions that a query may call. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  'gs.getUserID': ({ actor }) => actor.sysId,
  'gs.getUserName': ({ actor }) => actor.userName,
  'gs.now': ({ now }) => utc(now).slice(0, 10),
  'gs.nowDateTime': ({ now }) => utc(now),
  'gs.beginningOfToday': ({ now }) => utc(startOfDay(now)),
  'gs.endOfToday': ({ now }) => utc(startOfDay(now) + DAY_MS - 1000),
  'gs.daysAgo': ({ now, argument }) => utc(now - argument * DAY_MS),
  'gs.daysAgoStart': ({ now, argument }) => utc(startOfDay(now) - argument * DAY_MS),
  'gs.hoursAgo': ({ now, argument }) => utc(now - argument * HOUR_MS),
  'gs.minutesAgo': ({ now, argument }) => utc(now - argument * 60_000)
}

/** A query value with its `javascript:` parts evaluated. A script that is not allowed becomes empty. */
export function evaluateScripts(engine: Engine, actor: Actor, text: string): string {
  if (!engine.settings.evaluateQueryScripts || !text.includes('javascript:')) return text
  return text.replace(
    /javascript:\s{0,9}([\w.]{1,60})\(\s{0,9}(-?\d{0,9})\s{0,9}\)|javascript:[^@,]*/g,
    (_, name?: string, digits?: string) => {
      const script = name === undefined ? undefined : SCRIPTS[name]
      return script?.({ now: engine.settings.now(), actor, argument: Number(digits ?? 0) }) ?? ''
    }
  )
}
