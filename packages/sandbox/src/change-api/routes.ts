import { hasRole } from '../engine/actor.ts'
import type { Context } from '../server/context.ts'
import { HttpError, jsonReply, noSuchResource, type Reply } from '../server/reply.ts'
import { dispatch, type Route } from '../server/router.ts'
import { answerApprovals } from './approvals.ts'
import { changeReply, createAny, createOfType, evaluateRisk, remove, update } from './changes.ts'
import { cancelConflictCheck, readConflicts, startConflictCheck } from './conflicts.ts'
import { findChange, readable } from './find.ts'
import { listReply } from './list.ts'
import { nextStates } from './next-states.ts'
import { createFromTemplate } from './standard.ts'
import { createTask, deleteTask, listTasks, updateTask } from './tasks.ts'
import { typedRecord } from './typed.ts'

const TYPES = ['normal', 'emergency', 'standard'] as const

/** Template and model: a list with the usual tail, and single records. */
function lookup(path: string, table: string, listOptions: { fixed?: string; order: string }): Route[] {
  return [
    { method: 'GET', path, handle: context => listReply(elevated(context), { table, ...listOptions }) },
    {
      method: 'GET',
      path: `${path}/{id}`,
      handle: (context, { id = '' }) => {
        const row = readable(elevated(context), table, id)
        return jsonReply(200, { result: typedRecord(context, table, row) })
      }
    }
  ]
}

/** Templates and models are open to every reader of changes here, unlike through the Table API. */
function elevated(context: Context): Context {
  return { ...context, actor: { ...context.actor, roles: new Set([...context.actor.roles, 'snc_internal']) } }
}

function ofType(type: (typeof TYPES)[number]): Route[] {
  const path = `change/${type}`
  const creation: Route = { method: 'POST', path, handle: context => createOfType(context, type) }
  return [
    {
      method: 'GET',
      path,
      handle: context => listReply(context, { table: 'change_request', fixed: `type=${type}` })
    },
    // A standard change comes from a template; there is no plain creation.
    ...(type === 'standard' ? [] : [creation]),
    { method: 'GET', path: `${path}/{id}`, handle: (c, p) => changeReply(c, findChange(c, p, type)) },
    { method: 'PATCH', path: `${path}/{id}`, handle: (c, p) => update(c, p, type) },
    { method: 'DELETE', path: `${path}/{id}`, handle: (c, p) => remove(c, p, type) }
  ]
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: 'change', handle: context => listReply(context, { table: 'change_request' }) },
  { method: 'POST', path: 'change', handle: createAny },
  ...lookup('change/standard/template', 'std_change_record_producer', {
    fixed: 'active=true',
    order: 'name'
  }),
  ...lookup('change/model', 'chg_model', { order: 'order' }),
  ...TYPES.flatMap(ofType),
  { method: 'POST', path: 'change/standard/{id}', handle: (c, { id = '' }) => createFromTemplate(c, id) },
  { method: 'GET', path: 'change/{id}', handle: (c, p) => changeReply(c, findChange(c, p)) },
  { method: 'PATCH', path: 'change/{id}', handle: (c, p) => update(c, p) },
  { method: 'DELETE', path: 'change/{id}', handle: (c, p) => remove(c, p) },
  { method: 'GET', path: 'change/{id}/nextstates', handle: nextStates },
  { method: 'PATCH', path: 'change/{id}/approvals', handle: answerApprovals },
  { method: 'GET', path: 'change/{id}/conflict', handle: readConflicts },
  { method: 'POST', path: 'change/{id}/conflict', handle: startConflictCheck },
  { method: 'DELETE', path: 'change/{id}/conflict', handle: cancelConflictCheck },
  { method: 'PATCH', path: 'change/{id}/risk', handle: evaluateRisk },
  { method: 'GET', path: 'change/{id}/task', handle: listTasks },
  { method: 'POST', path: 'change/{id}/task', handle: createTask },
  { method: 'PATCH', path: 'change/{id}/task/{task}', handle: updateTask },
  { method: 'DELETE', path: 'change/{id}/task/{task}', handle: deleteTask }
]

const API_ROLES = ['sn_change_read', 'itil', 'approver_user', 'change_manager']

/**
 * The Change Management API.
 * @param path what follows `/api/sn_chg_rest/` and an optional `v1/`
 */
export function changeApi(context: Context, path: string): Reply {
  if (!context.engine.settings.changeManagementApi) throw noSuchResource()
  if (!hasRole(context.actor, ...API_ROLES)) throw new HttpError(403, 'Failed API level ACL Validation', '')
  return dispatch(ROUTES, context, path)
}
