import type { Field } from '../dictionary/field.ts'
import { type Actor, hasRole } from './actor.ts'
import type { Engine } from './engine.ts'
import type { Row } from './store.ts'

/**
 * Roles that may read each table. `snc_internal` stands for what an ordinary internal user sees
 * and an integration account may lack: users, groups, CIs, choices, templates, approvals.
 */
const READERS: Readonly<Record<string, string>> = {
  change_request: 'sn_change_read',
  change_task: 'sn_change_read',
  task: 'sn_change_read',
  sys_journal_field: 'itil',
  sys_user_has_role: 'admin'
}

/** Tables whose rows an approver or the user concerned sees without further roles: field that names the user. */
const OWN_ROWS: Readonly<Record<string, string>> = {
  sysapproval_approver: 'approver',
  sys_user: 'sys_id',
  sys_user_has_role: 'user'
}

const CHANGE_TABLES = ['change_request', 'change_task']

function readerRole(table: string): string {
  return READERS[table] ?? 'snc_internal'
}

function isAsked(engine: Engine, actor: Actor, change: Row): boolean {
  return engine.store
    .rows('sysapproval_approver')
    .some(row => row.sysapproval === change.sys_id && row.approver === actor.sysId)
}

/** Whether the account may read rows of the table at all, its own aside. */
export function mayReadTable(actor: Actor, table: string): boolean {
  return hasRole(actor, readerRole(table))
}

export function mayRead(engine: Engine, actor: Actor, table: string, row: Row): boolean {
  if (table === 'sys_attachment') {
    const parent = parentOf(engine, row)
    return parent !== undefined && mayRead(engine, actor, row.table_name ?? '', parent)
  }
  if (mayReadTable(actor, table)) return true
  const owner = OWN_ROWS[table]
  if (owner) return row[owner] === actor.sysId
  return table === 'change_request' && hasRole(actor, 'approver_user') && isAsked(engine, actor, row)
}

function parentOf(engine: Engine, attachment: Row): Row | undefined {
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

export function mayReadField(field: Field): boolean {
  return field.type !== 'password'
}

/** Columns the platform owns, and those that only an administrator may set by hand. */
export function mayWriteField(actor: Actor, table: string, field: Field): boolean {
  if (field.readOnly) return false
  const guarded = table === 'change_request' && field.name === 'approval'
  return !guarded || hasRole(actor)
}
