import type { Field } from '../dictionary/field.ts'
import { type Actor, hasRole } from './actor.ts'
import type { Engine } from './engine.ts'
import type { Row } from './store.ts'

/**
 * The role that may read each table. Default: `snc_internal`, the role of internal users, for users, groups, CIs,
 * choices, templates and approvals. Integration accounts often lack it.
 */
const READ_ROLES: Readonly<Record<string, string>> = {
  change_request: 'sn_change_read',
  change_task: 'sn_change_read',
  task: 'sn_change_read',
  task_ci: 'sn_change_read',
  task_cmdb_ci_service: 'sn_change_read',
  task_service_offering: 'sn_change_read',
  chg_mgt_worker: 'sn_change_read',
  sys_journal_field: 'admin',
  sys_properties: 'admin',
  sys_trigger: 'admin',
  sysevent: 'admin',
  syslog: 'admin',
  sys_user_has_role: 'admin'
}

/** Tables whose rows a user may read when this field names the user. */
const OWNER_FIELDS: Readonly<Record<string, string>> = {
  sysapproval_approver: 'approver',
  sys_user: 'sys_id',
  sys_user_has_role: 'user'
}

const CHANGE_TABLES = ['change_request', 'change_task']

function isApprover(engine: Engine, actor: Actor, change: Row): boolean {
  return engine.store
    .rows('sysapproval_approver')
    .some(row => row.sysapproval === change.sys_id && row.approver === actor.sysId)
}

/** Whether a role allows reading the rows of the table. A user may read some own rows without it. */
export function mayReadTable({ settings }: Pick<Engine, 'settings'>, actor: Actor, table: string): boolean {
  if (table === 'sys_journal_field' && settings.readableJournal) return hasRole(actor, 'sn_change_read')
  return hasRole(actor, READ_ROLES[table] ?? 'snc_internal')
}

/** Whether the row may be read: by role, as its owner, or as an approver of the change. */
export function mayRead(engine: Engine, actor: Actor, table: string, row: Row): boolean {
  if (table === 'sys_attachment') {
    const parent = attachmentParent(engine, row)
    return parent !== undefined && mayRead(engine, actor, row.table_name ?? '', parent)
  }
  if (mayReadTable(engine, actor, table)) return true
  const ownerField = OWNER_FIELDS[table]
  if (ownerField) return row[ownerField] === actor.sysId
  return table === 'change_request' && hasRole(actor, 'approver_user') && isApprover(engine, actor, row)
}

/** The record that an attachment belongs to. */
function attachmentParent(engine: Engine, attachment: Row): Row | undefined {
  const table = attachment.table_name ?? ''
  return table === '' ? undefined : engine.store.get(table, attachment.table_sys_id ?? '')
}

export function mayCreate(actor: Actor, table: string): boolean {
  return hasRole(actor, CHANGE_TABLES.includes(table) ? 'sn_change_write' : 'admin')
}

export function mayWrite(actor: Actor, table: string, row: Row): boolean {
  if (CHANGE_TABLES.includes(table)) return hasRole(actor, 'sn_change_write')
  if (table === 'sysapproval_approver') return hasRole(actor) || row.approver === actor.sysId
  return hasRole(actor)
}

export function mayDelete(actor: Actor, table: string): boolean {
  if (table === 'change_request') return hasRole(actor, 'change_manager', 'sn_change_admin')
  return hasRole(actor, ...(table === 'change_task' ? ['sn_change_write'] : []))
}

/** False for passwords, and for the unreadable fields of a change unless the user is an administrator. */
export function mayReadField({ settings }: Engine, actor: Actor, table: string, field: Field): boolean {
  if (field.type === 'password') return false
  const adminOnly = table === 'change_request' && settings.unreadableFields.includes(field.name)
  return !adminOnly || hasRole(actor)
}

/** False for system fields, and for the approval of a change unless the user is an administrator. */
export function mayWriteField(actor: Actor, table: string, field: Field): boolean {
  if (field.readOnly) return false
  const adminOnly = table === 'change_request' && field.name === 'approval'
  return !adminOnly || hasRole(actor)
}
