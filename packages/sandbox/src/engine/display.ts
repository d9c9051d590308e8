import type { Field } from '../dictionary/field.ts'
import { definitionOf, TABLES } from '../dictionary/tables.ts'
import type { Actor } from './actor.ts'
import { choiceLabel } from './choices.ts'
import { inZone } from './dates.ts'
import type { Engine } from './engine.ts'
import { journalText } from './journal.ts'
import type { Row } from './store.ts'

/** The display value of a reference to a record of `table`; empty when the record does not exist. */
export function referenceDisplayValue(engine: Engine, table: string, sysId: string): string {
  const row = engine.store.get(table, sysId)
  if (!row) return ''
  const { displayField, fields } = definitionOf(table)
  const field = fields.get(displayField)
  const value = row[displayField] ?? ''
  return field?.target ? referenceDisplayValue(engine, field.target, value) : value
}

/** The record of `table` with that display value, any case. When the name is ambiguous: the oldest one. */
export function findByDisplayValue(engine: Engine, table: string, name: string): Row | undefined {
  const { displayField } = definitionOf(table)
  const lower = name.toLowerCase()
  return engine.store.rows(table).find(row => row[displayField]?.toLowerCase() === lower)
}

/** The display value of a field for `actor`: labels, names, dates in the user's time zone. */
export function displayValue(engine: Engine, actor: Actor, field: Field, row: Row): string {
  const raw = row[field.name] ?? ''
  switch (field.type) {
    case 'journal':
      return journalText(engine, actor, row.sys_id, field)
    case 'variables':
      return 'variable_pool'
    case 'date_time':
      return raw === '' ? (field.emptyDisplay ?? '') : inZone(raw, actor.timeZone)
    case 'reference':
      return raw === '' ? '' : referenceDisplayValue(engine, field.target ?? '', raw)
    case 'list':
      return raw
        .split(',')
        .map(id => referenceDisplayValue(engine, field.target ?? '', id) || id)
        .join(', ')
    default:
      if (field.name === 'sys_class_name') return TABLES.get(raw)?.label ?? raw
      return choiceLabel(engine.store, fieldOfClass(field, row), raw) ?? raw
  }
}

/** The field as the table of the row defines it: the states of an incident have labels of their own in the list of tasks. */
function fieldOfClass(field: Field, row: Row): Field {
  return TABLES.get(row.sys_class_name ?? '')?.fields.get(field.name) ?? field
}
