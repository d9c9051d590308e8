import type { Actor } from './actor.ts'
import type { Engine } from './engine.ts'
import { insertWithoutRules, updateWithoutRules } from './records.ts'
import type { Row } from './store.ts'

export const WORKER_TABLE = 'chg_mgt_worker'

/** Stored values of a worker's state. */
export const WORKER_STATE = { waiting: '1', inProgress: '2', complete: '3', error: '4' } as const

/** What a worker does. */
export type WorkerOperation =
  | 'slots-of-ci'
  | 'slots-of-change'
  | 'first-slot'
  | 'associate'
  | 'impacted'
  | 'conflict'

export interface Messages {
  readonly errorMessages?: readonly string[]
  readonly warningMessages?: readonly string[]
  readonly infoMessages?: readonly string[]
}

/** How a worker ended. A payload only where there is one. */
export interface WorkerResult {
  readonly messages?: Messages
  readonly payload?: unknown
}

interface NewWorker {
  /** As its response names it: `schedule`, `affected`, `impacted`, `offering` or `conflict`. */
  readonly type: string
  readonly operation: WorkerOperation
  /** The request, as the response repeats it; absent: an empty text. */
  readonly request?: Readonly<Record<string, unknown>>
  /** sys_id. */
  readonly change?: string
}

/** The JSON object in a field of a worker; an empty one for other text, which an administrator may have written. */
export function objectIn(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text || '{}')
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** A worker that waits, in the name of the user who asked for it. */
export function createWorker(engine: Engine, actor: Actor, worker: NewWorker): Row {
  const values = {
    type: worker.type,
    operation: worker.operation,
    state: WORKER_STATE.waiting,
    request: worker.request ? JSON.stringify(worker.request) : '',
    change_request: worker.change ?? ''
  }
  return insertWithoutRules(engine, WORKER_TABLE, values, actor)
}

/** Ends a worker: in Error when it has error messages, in Complete otherwise. */
export function endWorker(
  engine: Engine,
  sysId: string,
  { messages = {}, payload }: WorkerResult = {}
): void {
  const failed = (messages.errorMessages ?? []).length > 0
  updateWithoutRules(engine, WORKER_TABLE, sysId, {
    state: failed ? WORKER_STATE.error : WORKER_STATE.complete,
    messages: JSON.stringify(messages),
    payload: payload === undefined ? '' : JSON.stringify(payload)
  })
}

/** Ends the unfinished workers of a change that run conflict detection. */
export function endConflictWorkers(engine: Engine, changeId: string, result?: WorkerResult): void {
  for (const worker of engine.store.rows(WORKER_TABLE)) {
    if (worker.operation !== 'conflict' || worker.change_request !== changeId) continue
    if (worker.state === WORKER_STATE.waiting) endWorker(engine, worker.sys_id, result)
  }
}
