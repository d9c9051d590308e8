import type { Numbering } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { type Actor, SYSTEM } from './actor.ts'
import { utc } from './dates.ts'
import type { Engine, RecordWrite } from './engine.ts'
import { appendJournal } from './journal.ts'
import type { Row, Values } from './store.ts'
import { storableValue } from './values.ts'

/** Separates the stored values of columns from texts for journal fields. Unknown fields are dropped. */
function splitJournals(table: string, values: Values): { columns: Values; notes: Values } {
  const { fields } = definitionOf(table)
  const columns: Record<string, string> = {}
  const notes: Record<string, string> = {}
  for (const [name, text] of Object.entries(values)) {
    const field = fields.get(name)
    if (!field) continue
    if (field.type === 'journal') notes[name] = text
    else columns[name] = storableValue(field, text)
  }
  return { columns, notes }
}

function appendNotes(engine: Engine, actor: Actor, table: string, sysId: string, notes: Values): void {
  for (const [element, text] of Object.entries(notes))
    appendJournal(engine, actor, { table, sysId, element, text })
}

const blankRows = new Map<string, Values>()

/**
 * Every field of the table, empty. It is parsed from JSON because the engine gives such an object a fixed shape: the
 * rows that begin as its copies are read several times faster than those that grow field by field.
 */
function blankRow(table: string): Values {
  const fields = () => [...definitionOf(table).fields.keys()].map(name => [name, ''])
  const blank = blankRows.get(table) ?? JSON.parse(JSON.stringify(Object.fromEntries(fields())))
  blankRows.set(table, blank)
  return blank
}

/** The next number, such as CHG0030001. */
function nextNumber({ store }: Engine, { prefix, first }: Numbering): string {
  return `${prefix}${String(store.count(prefix, first)).padStart(7, '0')}`
}

function newRow(engine: Engine, actor: Actor, table: string, columns: Values): Row {
  const now = utc(engine.settings.now())
  const { fields, numbering } = definitionOf(table)
  return {
    ...blankRow(table),
    ...(fields.has('sys_class_name') && { sys_class_name: table }),
    ...(numbering && !columns.number && { number: nextNumber(engine, numbering) }),
    ...engine.rules[table]?.defaults?.(engine, actor, columns),
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
 * The write as the rules of a stock instance change it, then those that were added, then those of an application.
 * @throws RuleAbort when a rule or data policy refuses it
 */
function checkedWrite(engine: Engine, actor: Actor, table: string, write: RecordWrite): RecordWrite {
  const after = engine.rules[table]?.beforeWrite?.(engine, write, actor) ?? write.after
  const changed = engine.businessRules.apply(table, { ...write, after })
  return engine.scripts?.before(actor, table, changed) ?? changed
}

/**
 * Creates a record with defaults, rules and journal entries.
 * @throws RuleAbort when a rule or data policy refuses the write; nothing is stored
 */
export function insertRecord(engine: Engine, actor: Actor, table: string, values: Values): Row {
  const rules = engine.rules[table]
  const { columns, notes: sent } = splitJournals(table, values)
  const draft = newRow(engine, actor, table, columns)
  const { after, notes } = checkedWrite(engine, actor, table, {
    before: undefined,
    after: draft,
    notes: sent
  })
  engine.store.put(table, after)
  if (rules?.keepsJournal?.(engine, undefined) ?? true) appendNotes(engine, actor, table, after.sys_id, notes)
  rules?.afterWrite?.(engine, { before: undefined, after, notes }, actor)
  engine.scripts?.written(actor, table, { before: undefined, after, notes })
  return engine.store.get(table, after.sys_id) ?? after
}

/** The row with update time, user and count; `before` when nothing changed. */
function withUpdateStamp(engine: Engine, actor: Actor, before: Row, after: Row): Row {
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
 * Updates a record with rules and journal entries.
 * @throws RuleAbort when a rule or data policy refuses the write; nothing is stored, journal entries included
 */
export function updateRecord(engine: Engine, actor: Actor, table: string, before: Row, values: Values): Row {
  const rules = engine.rules[table]
  const { columns, notes: sent } = splitJournals(table, values)
  const proposed = { ...before, ...columns }
  const checked = checkedWrite(engine, actor, table, { before, after: proposed, notes: sent })
  const { notes } = checked
  const after = withUpdateStamp(engine, actor, before, checked.after)
  engine.store.put(table, after)
  const sysId = before.sys_id
  if (rules?.keepsJournal?.(engine, before) ?? true) appendNotes(engine, actor, table, sysId, notes)
  rules?.afterWrite?.(engine, { before, after, notes }, actor)
  engine.scripts?.written(actor, table, { before, after, notes })
  return engine.store.get(table, sysId) ?? after
}

/**
 * Sets fields without running the rules of a stock instance, as those rules do. Journal fields get an entry. Rules of an
 * application that run after the write do run.
 * @throws Error when there is no such record
 */
export function updateWithoutRules(
  engine: Engine,
  table: string,
  sysId: string,
  values: Values,
  actor = SYSTEM
): Row {
  const before = engine.store.get(table, sysId)
  if (!before) throw new Error(`There is no ${table} with sys_id ${sysId}.`)
  const { columns, notes } = splitJournals(table, values)
  const after = withUpdateStamp(engine, actor, before, { ...before, ...columns })
  engine.store.put(table, after)
  appendNotes(engine, actor, table, sysId, notes)
  engine.scripts?.written(actor, table, { before, after, notes })
  return after
}

/** Creates a record with defaults, number and journal entries, without running rules. */
export function insertWithoutRules(engine: Engine, table: string, values: Values, actor = SYSTEM): Row {
  const { columns, notes } = splitJournals(table, values)
  const row = newRow(engine, actor, table, columns)
  engine.store.put(table, row)
  appendNotes(engine, actor, table, row.sys_id, notes)
  engine.scripts?.written(actor, table, { before: undefined, after: row, notes })
  return row
}

/** The tables whose rows are deleted with a record, and the field that names it. */
const DEPENDENTS: readonly (readonly [table: string, field: string])[] = [
  ['change_task', 'parent'],
  ['problem_task', 'problem'],
  ['sysapproval_approver', 'sysapproval'],
  ['sysapproval_group', 'parent'],
  ['sys_attachment', 'table_sys_id'],
  ['sys_journal_field', 'element_id'],
  ['task_ci', 'task'],
  ['task_cmdb_ci_service', 'task'],
  ['task_service_offering', 'task'],
  ['chg_mgt_worker', 'change_request']
]

/** Deletes a record with its tasks, approvals, attachments and journal entries. */
export function deleteRecord(engine: Engine, table: string, sysId: string): void {
  engine.jobs.cancel(sysId)
  engine.store.remove(table, sysId)
  for (const [dependent, field] of DEPENDENTS) {
    for (const row of engine.store.rows(dependent)) {
      if (row[field] === sysId) deleteRecord(engine, dependent, row.sys_id)
    }
  }
}
