import type { Field } from '../dictionary/field.ts'
import { definitionOf, TABLES } from '../dictionary/tables.ts'
import type { Actor } from '../engine/actor.ts'
import { displayValue } from '../engine/display.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'

/** The field a dotted path ends at; undefined when a step is not a field, or no reference to step across. */
export function fieldAt(table: string, path: string): Field | undefined {
  const [first = '', ...rest] = path.split('.')
  const field = definitionOf(table).fields.get(first)
  if (!field || rest.length === 0) return field
  return field.target && TABLES.has(field.target) ? fieldAt(field.target, rest.join('.')) : undefined
}

export interface Walked {
  readonly value: string
  readonly display: string
  /** Table and row that hold the last field; absent when a reference on the way is empty. */
  readonly at?: { readonly table: string; readonly row: Row; readonly field: Field }
}

/** Follows a dotted path from a row. */
export function walk(engine: Engine, actor: Actor, table: string, row: Row, path: string): Walked {
  const [first = '', ...rest] = path.split('.')
  const field = definitionOf(table).fields.get(first)
  if (!field) return { value: '', display: '' }
  if (rest.length === 0) {
    const value = field.type === 'journal' ? '' : (row[first] ?? '')
    return { value, display: displayValue(engine, actor, field, row), at: { table, row, field } }
  }
  const target = engine.store.get(field.target ?? table, row[first] ?? '')
  if (!target || !field.target) return { value: '', display: '' }
  return walk(engine, actor, field.target, target, rest.join('.'))
}
