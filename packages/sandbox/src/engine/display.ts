import type { Field } from '../dictionary/field.ts'
import { definitionOf, EXTENSIONS } from '../dictionary/tables.ts'
import type { Actor } from './actor.ts'
import { labelOf } from './choices.ts'
import { inZone } from './dates.ts'
import type { Engine } from './engine.ts'
import { journalText } from './journal.ts'
import type { Row } from './store.ts'

/** What stands for a record of `table` when something refers to it; empty for a dangling reference. */
export function recordName(engine: Engine, table: string, sysId: string): string {
  const row = engine.store.get(table, sysId)
  if (!row) return ''
  const shown = definitionOf(table).displayField
  const field = definitionOf(table).fields.get(shown)
  const value = row[shown] ?? ''
  return field?.target ? recordName(engine, field.target, value) : value
}

/** The record of `table` that goes by that name, any case: the first when several do. */
export function recordNamed(engine: Engine, table: string, name: string): Row | undefined {
  const shown = definitionOf(table).displayField
  const wanted = name.toLowerCase()
  return engine.store.rows(table).find(row => row[shown]?.toLowerCase() === wanted)
}

/** A field as a form would show it to `actor`: labels, names, dates in the user's zone. */
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
      return raw === '' ? '' : recordName(engine, field.target ?? '', raw)
    case 'list':
      return raw
        .split(',')
        .map(id => recordName(engine, field.target ?? '', id) || id)
        .join(', ')
    default:
      if (field.name === 'sys_class_name' && raw in CLASS_LABELS) return CLASS_LABELS[raw] ?? raw
      return labelOf(engine.store, field, raw) ?? raw
  }
}

const CLASS_LABELS: Readonly<Record<string, string>> = Object.fromEntries(
  (EXTENSIONS.task ?? []).map(name => [name, definitionOf(name).label])
)
