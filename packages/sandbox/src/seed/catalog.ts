import type { Field, FieldType, Table } from '../dictionary/field.ts'
import { definitionOf, parentOf, TABLES } from '../dictionary/tables.ts'
import { utc } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
import { type Row, sysIdOf, type Values } from '../engine/store.ts'

const INTERNAL_TYPES: Readonly<Record<FieldType, string>> = {
  string: 'string',
  integer: 'integer',
  boolean: 'boolean',
  date_time: 'glide_date_time',
  reference: 'reference',
  list: 'glide_list',
  journal: 'journal_input',
  variables: 'variables',
  password: 'password2'
}

/** Characters of a text that is stored without an own maximum. */
const MAX_TEXT = 4000

const tableId = (name: string): string => sysIdOf(`seed sys_db_object ${name}`)

function maxLength({ name, type, maxLength: own }: Field): number {
  if (name === 'sys_id' || type === 'reference') return 32
  if (type === 'string' || type === 'journal' || type === 'list') return own ?? MAX_TEXT
  return 40
}

/** The fields that a table defines itself: those that its parent does not have. */
function ownFields({ name, fields }: Table): Field[] {
  const parent = parentOf(name)
  const inherited = parent === undefined ? undefined : definitionOf(parent).fields
  return [...fields.values()].filter(field => !inherited?.has(field.name))
}

function fieldRecord(table: Table, field: Field): Values {
  return {
    name: table.name,
    element: field.name,
    column_label: field.label,
    internal_type: INTERNAL_TYPES[field.type],
    reference: field.target === undefined ? '' : tableId(field.target),
    max_length: String(maxLength(field)),
    read_only: String(field.readOnly ?? false),
    display: String(field.name === table.displayField)
  }
}

/** The entry of the table itself comes before those of its fields. */
function dictionaryOf(table: Table): Values[] {
  const collection = { name: table.name, column_label: table.label, internal_type: 'collection' }
  return [collection, ...ownFields(table).map(field => fieldRecord(table, field))]
}

function tableRecord(name: string, label: string): Values {
  const parent = parentOf(name)
  return {
    sys_id: tableId(name),
    name,
    label,
    super_class: parent === undefined ? '' : tableId(parent),
    is_extendable: 'true'
  }
}

/** A row as the instance's installation wrote it. Fields without a value are empty. */
function installed(engine: Engine, table: string, values: Values): Row {
  const blank = Object.fromEntries([...definitionOf(table).fields.keys()].map(name => [name, '']))
  const now = utc(engine.settings.now())
  return {
    ...blank,
    sys_id: sysIdOf(`seed ${table} ${values.name}.${values.element}`),
    ...(definitionOf(table).fields.has('sys_class_name') && { sys_class_name: table }),
    ...values,
    sys_created_on: now,
    sys_created_by: 'admin',
    sys_updated_on: now,
    sys_updated_by: 'admin',
    sys_mod_count: '0'
  }
}

/** Tables of a stock instance that are known by name here, and whose records are not served. */
const NAMES_ONLY: Values = { alm_asset: 'Asset', bsm_chart: 'BSM Chart' }

/** Rows in the log of an instance that has run for a while. */
const LOG_ROWS = 1000

/**
 * Describes every table and field in `sys_db_object` and `sys_dictionary`, as they are first read. A stock instance
 * names tables beside those that it serves here, and has a log.
 */
export function provideCatalog(engine: Engine): void {
  const { store, settings } = engine
  const isStock = settings.seed === 'stock'
  store.provide('sys_dictionary', () =>
    [...TABLES.values()].flatMap(dictionaryOf).map(values => {
      const active = { active: 'true', mandatory: 'false' }
      return installed(engine, 'sys_dictionary', { element: '', ...values, ...active })
    })
  )
  store.provide('sys_db_object', () => {
    const served = [...TABLES.values()].map(({ name, label }) => tableRecord(name, label))
    const named = Object.entries(isStock ? NAMES_ONLY : {}).map(([name, label]) => tableRecord(name, label))
    return [...served, ...named].map(values => installed(engine, 'sys_db_object', values))
  })
  if (!isStock) return
  store.provide('syslog', () =>
    Array.from({ length: LOG_ROWS }, (_, index) =>
      installed(engine, 'syslog', {
        sys_id: sysIdOf(`seed syslog ${index}`),
        level: '0',
        source: 'Scheduler',
        message: `Job ${index + 1} ended`
      })
    )
  )
}
