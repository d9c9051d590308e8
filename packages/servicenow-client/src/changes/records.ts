/** Change tasks and templates, the same from both REST dialects. */

import { nearest } from '../lookups/nearest.ts'
import { type Telling, toldApart } from '../lookups/told-apart.ts'
import { clientProblem } from '../problems/codes.ts'
import { isSameName, Query } from '../query/query.ts'
import type { ChangeTask, Template } from './change-api.ts'
import { canonical, type Fields, fieldOf, isSysId } from './fields.ts'

/** States of change tasks that need not be closed: Closed (3), Canceled (4) and Skipped (7). */
const DONE = new Set(['3', '4', '7'])

export function openTask(fields: Fields): ChangeTask[] {
  const state = canonical(fieldOf(fields, 'state').value)
  if (DONE.has(state)) return []
  return [
    {
      sysId: fieldOf(fields, 'sys_id').value,
      number: fieldOf(fields, 'number').value,
      shortDescription: fieldOf(fields, 'short_description').value,
      state,
      type: fieldOf(fields, 'change_task_type').value
    }
  ]
}

/** The query for a template, and the one for all active templates. */
export function templateQueries(nameOrSysId: string): { exact: Query; near: Query } {
  const active = new Query().is('active', 'true')
  const exact = isSysId(nameOrSysId)
    ? active.is('sys_id', nameOrSysId.toLowerCase())
    : active.is('name', nameOrSysId)
  return { exact, near: active }
}

/** What tells templates of one name apart. */
const TEMPLATE_TELLING: Telling = [
  ['category', 'category'],
  ['short_description', 'short description']
]

/** @throws Problem `lookup-none` or `lookup-many`, listing candidates */
export async function pickTemplate(request: {
  given: string
  exact: Query
  near: Query
  /** All records of a query. */
  read: (query: Query) => Promise<Fields[]>
  /** The first ones, to suggest names from. */
  sample: (query: Query) => Promise<Fields[]>
  operation: string
}): Promise<Template> {
  const { given, exact } = request
  const key = isSysId(given) ? 'sys_id' : 'name'
  const rows = (await request.read(exact)).filter(
    row => exact.accepts(row) && isSameName(fieldOf(row, key).value, given)
  )
  const [only] = rows
  if (rows.length === 1 && only !== undefined) {
    const value = (name: string) => fieldOf(only, name).value
    return { sysId: value('sys_id'), name: value('name'), version: value('current_version') }
  }
  const facts = { operation: request.operation, kind: 'standard change template', name: given } as const
  if (rows.length > 1) {
    const candidates = toldApart(rows, TEMPLATE_TELLING)
    throw clientProblem('lookup-many', { ...facts, candidates })
  }
  const names = (await request.sample(request.near)).map(row => fieldOf(row, 'name').value)
  throw clientProblem('lookup-none', { ...facts, candidates: nearest(given, names) })
}
