import { type Actor, findActor, SYSTEM } from './actor.ts'
import { type AssociationType, associate, itemsOf, refreshImpacted } from './change-items.ts'
import { plannedWindow } from './conflicts.ts'
import { inZone, parseUtc, utc } from './dates.ts'
import { type Engine, RuleAbort } from './engine.ts'
import { freeSlots, SCHEDULE_WINDOW_DAYS } from './free-slots.ts'
import type { JobResult } from './jobs.ts'
import type { Period } from './periods.ts'
import { updateRecord, updateWithoutRules } from './records.ts'
import type { Row } from './store.ts'
import {
  endWorker,
  objectIn,
  WORKER_STATE,
  WORKER_TABLE,
  type WorkerOperation,
  type WorkerResult
} from './worker-records.ts'

/** The requests of workers. `timezone` is the IANA zone of the user. */
export interface SlotRequest {
  readonly cmdb_ci_sys_id?: string
  readonly change_sys_id?: string
  /** Stored format, UTC; empty: now. */
  readonly planned_start_time?: string
  readonly duration_in_seconds?: number
  readonly timezone: string
}

export interface AssociationRequest {
  readonly cmdb_ci_sys_ids: readonly string[]
  readonly association_type: AssociationType
  readonly refresh_impacted_services?: boolean
}

/** What a worker works with. */
interface Work {
  readonly engine: Engine
  /** Who asked for it. */
  readonly actor: Actor
  readonly request: unknown
  readonly change: Row | undefined
}

const failed = (message: string): WorkerResult => ({ messages: { errorMessages: [message] } })
const NO_SLOTS: WorkerResult = {
  messages: { infoMessages: [`No slots found for ${SCHEDULE_WINDOW_DAYS} days from now`] }
}

/** The free slots of a request; an error text when the CI or the window is not there any more. */
function slotsOf({ engine, request, change }: Work): Period[] | string {
  const { cmdb_ci_sys_id, planned_start_time = '', duration_in_seconds, timezone } = request as SlotRequest
  const ci = engine.store.get('cmdb_ci', cmdb_ci_sys_id ?? change?.cmdb_ci ?? '')
  if (!ci) return 'cmdb_ci not found'
  // Where the request has neither start nor duration, those of the change count.
  const planned = change && plannedWindow(change)
  const wanted =
    duration_in_seconds === undefined
      ? planned && { from: planned.start, durationMs: planned.end - planned.start }
      : { from: parseUtc(planned_start_time) ?? 0, durationMs: duration_in_seconds * 1000 }
  if (!wanted) return 'Planned start and end date not found'
  return freeSlots(engine, { ci, ...wanted, zone: timezone, ...(change && { change }) })
}

function listSlots(work: Work): WorkerResult {
  const slots = slotsOf(work)
  if (typeof slots === 'string') return failed(slots)
  if (slots.length === 0) return NO_SLOTS
  const { timezone } = work.request as SlotRequest
  const time = (ms: number) => ({ value: utc(ms), display_value: inZone(utc(ms), timezone) })
  return { payload: { spans: slots.map(({ start, end }) => ({ start: time(start), end: time(end) })) } }
}

function moveToFirstSlot(work: Work): WorkerResult {
  const { engine, actor, change } = work
  if (!change) return failed('Change Request not found')
  const slots = slotsOf(work)
  if (typeof slots === 'string') return failed(slots)
  const [slot] = slots
  if (!slot) return NO_SLOTS
  const dates = { start_date: utc(slot.start), end_date: utc(slot.end) }
  updateRecord(engine, actor, 'change_request', change, dates)
  return { messages: { infoMessages: ['Change has been updated'] } }
}

function associateItems({ engine, actor, request, change }: Work): WorkerResult {
  if (!change) return failed('Change Request not found')
  const { cmdb_ci_sys_ids, association_type, refresh_impacted_services } = request as AssociationRequest
  const invalid = cmdb_ci_sys_ids.filter(id => !engine.store.get('cmdb_ci', id))
  const valid = cmdb_ci_sys_ids.filter(id => !invalid.includes(id))
  const known = valid.filter(
    ci => !associate(engine, actor, { type: association_type, change: change.sys_id, ci, byHand: true })
  )
  if (refresh_impacted_services && association_type === 'affected') {
    refreshImpacted(engine, actor, change.sys_id, itemsOf(engine, 'affected', change.sys_id))
  }
  const invalidMessages = invalid.map(id => `Invalid CMDB_CI sys_id provided: ${id}`)
  return {
    messages: {
      [valid.length === 0 ? 'errorMessages' : 'warningMessages']: invalidMessages,
      infoMessages: known.map(id => `CMDB_CI sys_id already associated: ${id}`)
    }
  }
}

function refreshServices({ engine, actor, change }: Work): WorkerResult {
  if (!change) return failed('Change Request not found')
  refreshImpacted(engine, actor, change.sys_id, [change.cmdb_ci ?? ''])
  return {}
}

const OPERATIONS: Readonly<Record<WorkerOperation, (work: Work) => WorkerResult>> = {
  'slots-of-ci': listSlots,
  'slots-of-change': listSlots,
  'first-slot': moveToFirstSlot,
  associate: associateItems,
  impacted: refreshServices,
  // Ended by the job that detects conflicts.
  conflict: () => ({})
}

function run(engine: Engine, worker: Row): WorkerResult {
  const work = {
    engine,
    actor: findActor(engine.store, worker.sys_created_by ?? '') ?? SYSTEM,
    request: objectIn(worker.request),
    change: engine.store.get('change_request', worker.change_request ?? '')
  }
  try {
    return OPERATIONS[worker.operation as WorkerOperation](work)
  } catch (error) {
    if (!(error instanceof RuleAbort)) throw error
    return failed(error.message)
  }
}

/** Schedules the two steps of a worker: it takes as long as an approval takes to be requested. */
export function scheduleWorker(engine: Engine, sysId: string): void {
  engine.jobs.schedule({ kind: 'worker', sysId, delayMs: engine.settings.approvalDelayMs / 2 })
}

/** The next step of a worker: from Waiting to In-Progress, and from there to its end. */
export function runWorker(engine: Engine, sysId: string): JobResult {
  const worker = engine.store.get(WORKER_TABLE, sysId)
  if (worker?.state === WORKER_STATE.waiting) {
    updateWithoutRules(engine, WORKER_TABLE, sysId, { state: WORKER_STATE.inProgress })
    scheduleWorker(engine, sysId)
  } else if (worker?.state === WORKER_STATE.inProgress) endWorker(engine, sysId, run(engine, worker))
  return 'done'
}
