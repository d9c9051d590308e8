/** Puts records into an instance, past all rules. */
import { type InProcessSandbox, type Row, seedId } from '@change-actions/sandbox'
import { BOUND } from './deployment.ts'

/** Stored values by field. */
export type Fields = Readonly<Record<string, string>>

/** The group "DevOps Team", without which no approval can be requested. */
export const GROUP = seedId('sys_user_group', 'devops-team')

/** Somebody who has to decide, or has decided. */
export interface Approver {
  readonly name: string
  readonly group?: string
  /** Default `requested`. */
  readonly state?: string
  readonly comments?: string
}

/** A change made by the account of the operations, and bound to its deployment, with work notes in this order. */
export function insertChange(
  sandbox: InProcessSandbox,
  user: string,
  fields: Fields,
  notes: readonly string[]
) {
  const sysId = sandbox.insert('change_request', {
    assignment_group: GROUP,
    correlation_display: BOUND,
    ...fields
  })
  const { sys_created_on, sys_created_by = user } = fields
  sandbox.set('change_request', sysId, {
    sys_created_by,
    ...(sys_created_on !== undefined && { sys_created_on })
  })
  for (const note of notes) insertNote(sandbox, sys_created_by, sysId, note)
  return { sysId, number: sandbox.change(sysId)?.number ?? '' }
}

/** A work note of an account on a change. */
export function insertNote(sandbox: InProcessSandbox, user: string, change: string, text: string): void {
  sandbox.set('change_request', change, { work_notes: text })
  const row = sandbox.rows('sys_journal_field').at(-1)
  sandbox.set('sys_journal_field', row?.sys_id ?? '', { sys_created_by: user })
}

/** Returns the number of the task. */
export function insertTask(sandbox: InProcessSandbox, change: string, fields: Fields): string {
  const about = { short_description: 'Smoke test', change_task_type: 'testing' }
  const sysId = sandbox.insert('change_task', { ...about, parent: change, change_request: change, ...fields })
  return sandbox.rows('change_task').find(row => row.sys_id === sysId)?.number ?? ''
}

/** Returns the row. */
export function insertApprover(sandbox: InProcessSandbox, change: string, about: Approver): Row {
  const { name, group, state = 'requested', comments = '' } = about
  const sysId = sandbox.insert('sysapproval_approver', {
    approver: userIdOf(sandbox, name),
    state,
    comments,
    sysapproval: change,
    group: group === undefined ? '' : groupApproval(sandbox, change, group)
  })
  return sandbox.rows('sysapproval_approver').find(row => row.sys_id === sysId) as Row
}

/** The user of that name; one is made where there is none. */
export function userIdOf(sandbox: InProcessSandbox, name: string): string {
  if (name === '') return ''
  const found = sandbox.rows('sys_user').find(row => row.name === name)
  return found?.sys_id ?? sandbox.insert('sys_user', { name, user_name: name, active: 'true' })
}

function groupApproval(sandbox: InProcessSandbox, change: string, name: string): string {
  const group = sandbox.rows('sys_user_group').find(row => row.name === name)
  return sandbox.insert('sysapproval_group', { parent: change, assignment_group: group?.sys_id ?? '' })
}
