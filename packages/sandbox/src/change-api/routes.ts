import { hasRole } from '../engine/actor.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse, jsonResponse, noSuchResource } from '../server/response.ts'
import { dispatch, type Route } from '../server/router.ts'
import { decideApprovals } from './approvals.ts'
import {
  changeResponse,
  createChange,
  createOfType,
  deleteChange,
  evaluateRisk,
  updateChange
} from './changes.ts'
import { cancelConflictCheck, readConflicts, startConflictCheck } from './conflicts.ts'
import { requireChange, requireReadable } from './find.ts'
import { addItems, listItems, refreshImpactedServices } from './items.ts'
import { listResponse } from './list.ts'
import { nextStates } from './next-states.ts'
import { slotsOfChange, slotsOfCi, takeFirstSlot } from './schedule.ts'
import { createFromTemplate } from './standard.ts'
import { createTask, deleteTask, listTasks, readTask, updateTask } from './tasks.ts'
import { typedRecord } from './typed.ts'
import { readWorker } from './workers.ts'

const TYPES = ['normal', 'emergency', 'standard'] as const

/** The list and the single records of templates or models. */
function lookUpRoutes(path: string, table: string, listOptions: { fixed?: string; order: string }): Route[] {
  return [
    {
      method: 'GET',
      path,
      handle: context => listResponse(withInternalRole(context), { table, ...listOptions })
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      handle: (context, { id = '' }) => {
        const row = requireReadable(withInternalRole(context), table, id)
        return jsonResponse(200, { result: typedRecord(context, table, row) })
      }
    }
  ]
}

/** An account that may read changes may read templates and models here. The Table API requires `snc_internal`. */
function withInternalRole(context: Context): Context {
  return { ...context, actor: { ...context.actor, roles: new Set([...context.actor.roles, 'snc_internal']) } }
}

/** The routes of one type of changes. */
function routesOfType(type: (typeof TYPES)[number]): Route[] {
  const path = `change/${type}`
  const creation: Route = { method: 'POST', path, handle: context => createOfType(context, type) }
  return [
    {
      method: 'GET',
      path,
      handle: context => listResponse(context, { table: 'change_request', fixed: `type=${type}` })
    },
    // A standard change is created from a template.
    ...(type === 'standard' ? [] : [creation]),
    { method: 'GET', path: `${path}/{id}`, handle: (c, p) => changeResponse(c, requireChange(c, p, type)) },
    { method: 'PATCH', path: `${path}/{id}`, handle: (c, p) => updateChange(c, p, type) },
    { method: 'DELETE', path: `${path}/{id}`, handle: (c, p) => deleteChange(c, p, type) }
  ]
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: 'change', handle: context => listResponse(context, { table: 'change_request' }) },
  { method: 'POST', path: 'change', handle: createChange },
  ...lookUpRoutes('change/standard/template', 'std_change_record_producer', {
    fixed: 'active=true',
    order: 'name'
  }),
  ...lookUpRoutes('change/model', 'chg_model', { order: 'order' }),
  ...TYPES.flatMap(routesOfType),
  { method: 'POST', path: 'change/standard/{id}', handle: (c, { id = '' }) => createFromTemplate(c, id) },
  { method: 'GET', path: 'change/worker/{id}', handle: readWorker },
  { method: 'GET', path: 'change/ci/{id}/schedule', handle: slotsOfCi },
  { method: 'GET', path: 'change/{id}', handle: (c, p) => changeResponse(c, requireChange(c, p)) },
  { method: 'PATCH', path: 'change/{id}', handle: (c, p) => updateChange(c, p) },
  { method: 'DELETE', path: 'change/{id}', handle: (c, p) => deleteChange(c, p) },
  { method: 'GET', path: 'change/{id}/nextstates', handle: nextStates },
  { method: 'PATCH', path: 'change/{id}/approvals', handle: decideApprovals },
  { method: 'GET', path: 'change/{id}/conflict', handle: readConflicts },
  { method: 'POST', path: 'change/{id}/conflict', handle: startConflictCheck },
  { method: 'DELETE', path: 'change/{id}/conflict', handle: cancelConflictCheck },
  { method: 'PATCH', path: 'change/{id}/risk', handle: evaluateRisk },
  { method: 'GET', path: 'change/{id}/task', handle: listTasks },
  { method: 'POST', path: 'change/{id}/task', handle: createTask },
  { method: 'GET', path: 'change/{id}/task/{task}', handle: readTask },
  { method: 'PATCH', path: 'change/{id}/task/{task}', handle: updateTask },
  { method: 'DELETE', path: 'change/{id}/task/{task}', handle: deleteTask },
  { method: 'GET', path: 'change/{id}/schedule', handle: slotsOfChange },
  { method: 'PATCH', path: 'change/{id}/schedule/first_available', handle: takeFirstSlot },
  { method: 'GET', path: 'change/{id}/ci', handle: listItems },
  { method: 'POST', path: 'change/{id}/ci', handle: addItems },
  { method: 'POST', path: 'change/{id}/refresh_impacted_services', handle: refreshImpactedServices }
]

const API_ROLES = ['sn_change_read', 'itil', 'approver_user', 'change_manager']

/**
 * The Change Management API.
 * @param path the path below `/api/sn_chg_rest/` and an optional `v1/`
 * @throws HttpError for an unknown path or method, and for requests that fail
 */
export function changeApi(context: Context, path: string): HttpResponse {
  if (!context.engine.settings.changeManagementApi) throw noSuchResource()
  if (!hasRole(context.actor, ...API_ROLES)) throw new HttpError(403, 'Failed API level ACL Validation', '')
  return dispatch(ROUTES, context, path)
}
