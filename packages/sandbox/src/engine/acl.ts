import type { Field } from '../dictionary/field.ts'
import { EXTENSIONS } from '../dictionary/tables.ts'
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
  incident: 'itil',
  problem: 'itil',
  problem_task: 'itil',
  em_event: 'evt_mgmt_integration',
  sys_journal_field: 'admin',
  sys_properties: 'admin',
  sys_trigger: 'admin',
  sysevent: 'admin',
  syslog: 'admin',
  sys_user_has_role: 'admin'
}

/** The roles that may create records of a table, and those that may delete them. Absent: administrators. */
const CREATE_ROLES: Readonly<Record<string, string>> = {
  change_request: 'sn_change_write',
  change_task: 'sn_change_write',
  incident: 'snc_internal',
  problem: 'itil',
  problem_task: 'itil'
}
const DELETE_ROLES: Readonly<Record<string, readonly string[]>> = {
  change_request: ['change_manager', 'sn_change_admin'],
  change_task: ['sn_change_write'],
  incident: ['itil_admin'],
  problem: ['problem_admin'],
  problem_task: ['problem_admin']
}

/** Tables whose rows a user may read when one of these fields names the user. */
const OWNER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  sysapproval_approver: ['approver'],
  sys_user: ['sys_id'],
  sys_user_has_role: ['user'],
  incident: ['caller_id', 'opened_by']
}

function owns(actor: Actor, table: string, row: Row): boolean {
  return OWNER_FIELDS[table]?.some(name => row[name] === actor.sysId) ?? false
}

const CHANGE_TABLES = ['change_request', 'change_task']
const TICKET_TABLES = ['incident', 'problem', 'problem_task']

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
  // The rules of a table count for its records in the list of the table that it extends.
  const own = row.sys_class_name ?? ''
  if (EXTENSIONS[table]?.includes(own)) return mayRead(engine, actor, own, row)
  if (mayReadTable(engine, actor, table) || owns(actor, table, row)) return true
  return table === 'change_request' && hasRole(actor, 'approver_user') && isApprover(engine, actor, row)
}

/** The record that an attachment belongs to. */
function attachmentParent(engine: Engine, attachment: Row): Row | undefined {
  const table = attachment.table_name ?? ''
  return table === '' ? undefined : engine.store.get(table, attachment.table_sys_id ?? '')
}

export function mayCreate(actor: Actor, table: string): boolean {
  return hasRole(actor, CREATE_ROLES[table] ?? 'admin')
}

export function mayWrite(actor: Actor, table: string, row: Row): boolean {
  if (CHANGE_TABLES.includes(table)) return hasRole(actor, 'sn_change_write')
  if (TICKET_TABLES.includes(table)) return hasRole(actor, 'itil') || owns(actor, table, row)
  if (table === 'sysapproval_approver') return hasRole(actor) || owns(actor, table, row)
  return hasRole(actor)
}

export function mayDelete(actor: Actor, table: string): boolean {
  return hasRole(actor, ...(DELETE_ROLES[table] ?? []))
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
