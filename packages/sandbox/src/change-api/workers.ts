import { mayRead } from '../engine/acl.ts'
import type { Row } from '../engine/store.ts'
import { objectIn, WORKER_STATE, WORKER_TABLE } from '../engine/worker-records.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'

const STATE_LABELS: Readonly<Record<string, string>> = {
  [WORKER_STATE.waiting]: 'Waiting',
  [WORKER_STATE.inProgress]: 'In-Progress',
  [WORKER_STATE.complete]: 'Complete',
  [WORKER_STATE.error]: 'Error'
}

/** A worker in the format of this API. `payload` only where it has one. */
export function workerResponse({ request }: Context, status: number, worker: Row): HttpResponse {
  const state = worker.state ?? ''
  return jsonResponse(status, {
    result: {
      worker: {
        sysId: worker.sys_id,
        link: `${request.origin}/api/sn_chg_rest/change/worker/${worker.sys_id}`
      },
      request: worker.request,
      state: { value: Number(state), display_value: STATE_LABELS[state] ?? state },
      type: worker.type,
      messages: { errorMessages: [], warningMessages: [], infoMessages: [], ...objectIn(worker.messages) },
      ...(worker.payload && { payload: objectIn(worker.payload) })
    }
  })
}

/** `GET /change/worker/{id}` @throws HttpError 404 when there is no such worker, or the account may not read it */
export function readWorker(context: Context, { id = '' }: PathParameters): HttpResponse {
  const { engine, actor } = context
  const worker = engine.store.get(WORKER_TABLE, id)
  if (!worker || !mayRead(engine, actor, WORKER_TABLE, worker))
    throw new HttpError(404, 'Worker not found', '')
  return workerResponse(context, 200, worker)
}
