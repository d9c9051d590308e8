import type { Field } from '../dictionary/field.ts'
import { definitionOf, TABLES } from '../dictionary/tables.ts'
import type { Actor } from '../engine/actor.ts'
import { displayValue } from '../engine/display.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'

/** The last field of a dotted path; undefined when a part is not a field, or an earlier part is not a reference. */
export function fieldAtPath(table: string, path: string): Field | undefined {
  const [first = '', ...rest] = path.split('.')
  const field = definitionOf(table).fields.get(first)
  if (!field || rest.length === 0) return field
  return field.target && TABLES.has(field.target) ? fieldAtPath(field.target, rest.join('.')) : undefined
}

/** The value of a dotted path. */
export interface PathValue {
  readonly value: string
  readonly display: string
  /** Where the last field is; absent when a reference before it is empty. */
  readonly at?: { readonly table: string; readonly row: Row; readonly field: Field }
}

/** Follows a dotted path from a row. The value is empty when there is no such field or record. */
export function followPath(engine: Engine, actor: Actor, table: string, row: Row, path: string): PathValue {
  const [first = '', ...rest] = path.split('.')
  const field = definitionOf(table).fields.get(first)
  if (!field) return { value: '', display: '' }
  if (rest.length === 0) {
    const value = field.type === 'journal' ? '' : (row[first] ?? '')
    return { value, display: displayValue(engine, actor, field, row), at: { table, row, field } }
  }
  const target = engine.store.get(field.target ?? table, row[first] ?? '')
  if (!target || !field.target) return { value: '', display: '' }
  return followPath(engine, actor, field.target, target, rest.join('.'))
}
