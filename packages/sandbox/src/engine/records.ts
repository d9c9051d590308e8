import { definitionOf } from '../dictionary/tables.ts'
import { type Actor, SYSTEM } from './actor.ts'
import { utc } from './dates.ts'
import type { Engine } from './engine.ts'
import { appendJournal } from './journal.ts'
import type { Row, Values } from './store.ts'
import { storable } from './values.ts'

/** Splits values for the record from texts for its journals, and makes the former storable. */
function sortValues(table: string, values: Values): { columns: Values; notes: Values } {
  const { fields } = definitionOf(table)
  const columns: Record<string, string> = {}
  const notes: Record<string, string> = {}
  for (const [name, text] of Object.entries(values)) {
    const field = fields.get(name)
    if (!field) continue
    if (field.type === 'journal') notes[name] = text
    else columns[name] = storable(field, text)
  }
  return { columns, notes }
}

function append(engine: Engine, actor: Actor, table: string, sysId: string, notes: Values): void {
  for (const [element, text] of Object.entries(notes))
    appendJournal(engine, actor, { table, sysId, element, text })
}

function blankRow(table: string): Record<string, string> {
  return Object.fromEntries([...definitionOf(table).fields.keys()].map(name => [name, '']))
}

function newRow(engine: Engine, actor: Actor, table: string, columns: Values): Row {
  const now = utc(engine.settings.now())
  const { numbering } = definitionOf(table)
  const number = numbering
    ? {
        number: `${numbering.prefix}${String(engine.store.count(numbering.prefix, numbering.first)).padStart(7, '0')}`
      }
    : {}
  return {
    ...blankRow(table),
    ...number,
    ...engine.rules[table]?.defaults?.(engine, actor),
    ...columns,
    sys_id: columns.sys_id || engine.store.newSysId(table),
    sys_created_on: now,
    sys_created_by: actor.userName,
    sys_updated_on: now,
    sys_updated_by: actor.userName,
    sys_mod_count: '0'
  }
}

/**
 * Creates a record the way the platform does: defaults, rules, journals, follow-ups.
 * @throws RuleAbort when a rule or data policy refuses it; nothing is stored then.
 */
export function insertRecord(engine: Engine, actor: Actor, table: string, values: Values): Row {
  const rules = engine.rules[table]
  const { columns, notes } = sortValues(table, values)
  const drafted = newRow(engine, actor, table, columns)
  const after = rules?.before?.(engine, { before: undefined, after: drafted, notes }, actor) ?? drafted
  engine.store.put(table, after)
  if (rules?.takesJournal?.(undefined) ?? true) append(engine, actor, table, after.sys_id, notes)
  rules?.after?.(engine, { before: undefined, after, notes }, actor)
  return engine.store.get(table, after.sys_id) ?? after
}

function stamped(engine: Engine, actor: Actor, before: Row, after: Row): Row {
  const changed = Object.keys(after).some(name => after[name] !== before[name])
  if (!changed) return before
  return {
    ...after,
    sys_updated_on: utc(engine.settings.now()),
    sys_updated_by: actor.userName,
    sys_mod_count: String(Number(before.sys_mod_count ?? 0) + 1)
  }
}

/**
 * Changes a record the way the platform does.
 * @throws RuleAbort when a rule or data policy refuses it; nothing is stored then, notes included.
 */
export function updateRecord(engine: Engine, actor: Actor, table: string, before: Row, values: Values): Row {
  const rules = engine.rules[table]
  const { columns, notes } = sortValues(table, values)
  const proposed = { ...before, ...columns }
  const checked = rules?.before?.(engine, { before, after: proposed, notes }, actor) ?? proposed
  const after = stamped(engine, actor, before, checked)
  engine.store.put(table, after)
  const sysId = before.sys_id
  if (rules?.takesJournal?.(before) ?? true) append(engine, actor, table, sysId, notes)
  rules?.after?.(engine, { before, after, notes }, actor)
  return engine.store.get(table, sysId) ?? after
}

/** Sets fields past every rule; journal fields still get an entry. */
export function patchRecord(
  engine: Engine,
  table: string,
  sysId: string,
  values: Values,
  actor = SYSTEM
): Row {
  const before = engine.store.get(table, sysId)
  if (!before) throw new Error(`There is no ${table} with sys_id ${sysId}.`)
  const { columns, notes } = sortValues(table, values)
  const after = stamped(engine, actor, before, { ...before, ...columns })
  engine.store.put(table, after)
  append(engine, actor, table, sysId, notes)
  return after
}

/** Creates a record past every rule, defaults and number included. */
export function plantRecord(engine: Engine, table: string, values: Values, actor = SYSTEM): Row {
  const { columns, notes } = sortValues(table, values)
  const row = newRow(engine, actor, table, columns)
  engine.store.put(table, row)
  append(engine, actor, table, row.sys_id, notes)
  return row
}

const DEPENDANTS: readonly (readonly [table: string, field: string])[] = [
  ['change_task', 'parent'],
  ['sysapproval_approver', 'sysapproval'],
  ['sysapproval_group', 'parent'],
  ['sys_attachment', 'table_sys_id'],
  ['sys_journal_field', 'element_id']
]

/** Removes a record with its tasks, approvals, attachments and notes. */
export function deleteRecord(engine: Engine, table: string, sysId: string): void {
  engine.jobs.cancel(sysId)
  engine.store.remove(table, sysId)
  for (const [dependant, field] of DEPENDANTS) {
    for (const row of engine.store.rows(dependant)) {
      if (row[field] === sysId) deleteRecord(engine, dependant, row.sys_id)
    }
  }
}
