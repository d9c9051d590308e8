import { definitionOf, EXTENSIONS, TABLES } from '../../dictionary/tables.ts'
import { mayCreate, mayDelete, mayRead, mayReadField, mayWrite, mayWriteField } from '../../engine/acl.ts'
import { fromZone } from '../../engine/dates.ts'
import { displayValue, findByDisplayValue } from '../../engine/display.ts'
import { RuleAbort } from '../../engine/engine.ts'
import { journalEntries } from '../../engine/journal.ts'
import {
  deleteRecord,
  insertRecord,
  insertWithoutRules,
  updateRecord,
  updateWithoutRules
} from '../../engine/records.ts'
import type { Row, Values } from '../../engine/store.ts'
import { select, usableQuery } from '../../query/evaluate.ts'
import type { RowValues } from '../realm/types.ts'
import { type Arguments, type Operation, type RunContext, textOf } from './run-context.ts'

/** The fields of a table, with that of the tables it stands for; null for an unknown table. */
const fields: Operation = (_, args) => {
  const table = TABLES.get(textOf(args, 'table'))
  return table
    ? [...table.fields.values()].map(({ name, label, type, target }) => ({ name, label, type, target }))
    : null
}

/** The row as the user may see it. */
function readable({ engine, actor }: RunContext, table: string, row: Row): Row {
  const kept = Object.entries(row).filter(([name]) => {
    const field = definitionOf(table).fields.get(name)
    return !field || mayReadField(engine, actor, table, field)
  })
  return Object.fromEntries(kept) as Row
}

const query: Operation = (context, args) => {
  const { engine, actor } = context
  const table = textOf(args, 'table')
  const found = select(engine, actor, table, usableQuery(table, textOf(args, 'query')))
  const rows = args.secure
    ? found.filter(row => mayRead(engine, actor, table, row)).map(row => readable(context, table, row))
    : found
  const limit = Number(args.limit)
  return limit > 0 ? rows.slice(0, limit) : rows
}

/** The value of the field that another row has already; undefined when there is none. */
function duplicate({ engine, application }: RunContext, table: string, sysId: string, values: Values) {
  const unique = application.tables.find(one => one.table.name === table)?.unique ?? []
  const rows = unique.length === 0 ? [] : engine.store.rows(table)
  return unique.find(
    name => values[name] && rows.some(row => row[name] === values[name] && row.sys_id !== sysId)
  )
}

const refused = (error: string) => ({ row: null, error })

/** A write whose refusal is a result: `insert()` returns null. */
function attempt(context: RunContext, write: () => Row): { row: Row | null; error?: string } {
  try {
    return { row: write() }
  } catch (error) {
    if (!(error instanceof RuleAbort)) throw error
    context.events.log('error', error.message, context.application.scope)
    return refused(error.message)
  }
}

const DENIED = 'Security constraints prevent access to the requested record'

function sentValues({ actor }: RunContext, table: string, args: Arguments): Values {
  const values = args.values as RowValues
  if (!args.secure) return values
  const may = (name: string) => {
    const field = definitionOf(table).fields.get(name)
    return !field || mayWriteField(actor, table, field)
  }
  return Object.fromEntries(Object.entries(values).filter(([name]) => may(name)))
}

const insert: Operation = (context, args) => {
  const { engine, actor, suspension } = context
  const table = textOf(args, 'table')
  definitionOf(table)
  if (table in EXTENSIONS) return refused(`Records of ${table} are created in a table that extends it`)
  if (args.secure && !mayCreate(actor, table)) return refused(DENIED)
  const values = sentValues(context, table, args)
  const taken = duplicate(context, table, values.sys_id ?? '', values)
  if (taken) return refused(`Unique Key violation detected: ${taken}`)
  if (args.rules) return attempt(context, () => insertRecord(engine, actor, table, values))
  return { row: suspension.during(() => insertWithoutRules(engine, table, values, actor)) }
}

/** The table that a record of a table is stored in. */
const storedIn = (table: string, row: Row) => (table in EXTENSIONS ? row.sys_class_name || table : table)

const update: Operation = (context, args) => {
  const { engine, actor, suspension } = context
  const row = engine.store.get(textOf(args, 'table'), textOf(args, 'id'))
  if (!row) return refused('The record does not exist')
  const table = storedIn(textOf(args, 'table'), row)
  if (args.secure && !mayWrite(actor, table, row)) return refused(DENIED)
  const values = sentValues(context, table, args)
  const taken = duplicate(context, table, row.sys_id, values)
  if (taken) return refused(`Unique Key violation detected: ${taken}`)
  if (args.rules) return attempt(context, () => updateRecord(engine, actor, table, row, values))
  return { row: suspension.during(() => updateWithoutRules(engine, table, row.sys_id, values, actor)) }
}

const remove: Operation = ({ engine, actor }, args) => {
  const row = engine.store.get(textOf(args, 'table'), textOf(args, 'id'))
  if (!row) return refused('The record does not exist')
  const table = storedIn(textOf(args, 'table'), row)
  if (args.secure && !mayDelete(actor, table)) return refused(DENIED)
  deleteRecord(engine, table, row.sys_id)
  return { row }
}

const may: Operation = ({ engine, actor }, args) => {
  const table = textOf(args, 'table')
  const row = engine.store.get(table, textOf(args, 'id'))
  switch (args.access) {
    case 'create':
      return mayCreate(actor, table)
    case 'delete':
      return mayDelete(actor, table)
    case 'write':
      return row ? mayWrite(actor, table, row) : mayCreate(actor, table)
    default:
      return row !== undefined && mayRead(engine, actor, table, row)
  }
}

const display: Operation = ({ engine, actor }, args) => {
  const table = definitionOf(textOf(args, 'table'))
  const field = table.fields.get(textOf(args, 'field') || table.displayField)
  return field ? displayValue(engine, actor, field, args.row as Row) : ''
}

/** The value that a display value stands for, as `setDisplayValue` takes it. */
const fromDisplay: Operation = ({ engine, actor }, args) => {
  const field = definitionOf(textOf(args, 'table')).fields.get(textOf(args, 'field'))
  const text = textOf(args, 'text')
  if (field?.type === 'reference') return findByDisplayValue(engine, field.target ?? '', text)?.sys_id ?? ''
  return field?.type === 'date_time' ? fromZone(text, actor.timeZone) : text
}

/** The last entry of a journal; with -1 all of them, newest first. */
const journal: Operation = ({ engine }, args) => {
  const entries = journalEntries(engine, textOf(args, 'id'), textOf(args, 'element')).reverse()
  const wanted = Number(args.count) === -1 ? entries : entries.slice(0, 1)
  return wanted.map(entry => entry.value).join('\n\n')
}

export const RECORD_OPERATIONS: Readonly<Record<string, Operation>> = {
  fields,
  query,
  insert,
  update,
  delete: remove,
  may,
  display,
  fromDisplay,
  journal
}
