import type { Field } from '../dictionary/field.ts'
import { definitionOf, EXTENSIONS, TABLES } from '../dictionary/tables.ts'
import type { Actor } from '../engine/actor.ts'
import { displayValue } from '../engine/display.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'

/**
 * The table in which a path goes on after a reference to `target`, and the rest of the path: `ref_change_request` leads
 * to the fields of a table that extends the target. Undefined when the sandbox has no such table.
 */
function continued(target: string | undefined, rest: readonly string[]): [string, string] | undefined {
  if (!target || !TABLES.has(target)) return undefined
  const cast = /^ref_(\w+)$/.exec(rest[0] ?? '')?.[1]
  if (cast === undefined) return [target, rest.join('.')]
  return EXTENSIONS[target]?.includes(cast) ? [cast, rest.slice(1).join('.')] : undefined
}

/** References of a path. More, which only a client's mistake has, would fill the stack. */
const MAX_REFERENCES = 100

/** The last field of a dotted path; undefined when a part is not a field, or an earlier part is not a reference. */
export function fieldAtPath(table: string, path: string): Field | undefined {
  if (!path.includes('.')) return definitionOf(table).fields.get(path)
  const [first = '', ...rest] = path.split('.')
  if (rest.length > MAX_REFERENCES) return undefined
  const next = continued(definitionOf(table).fields.get(first)?.target, rest)
  return next && fieldAtPath(...next)
}

/** Where the last field of a dotted path is. */
export interface PathEnd {
  readonly table: string
  readonly row: Row
  readonly field: Field
}

/** Follows a dotted path from a row; undefined when there is no such field, or a reference before it is empty. */
export function followPath(engine: Engine, table: string, row: Row, path: string): PathEnd | undefined {
  const { fields } = definitionOf(table)
  if (!path.includes('.')) {
    const field = fields.get(path)
    return field && { table, row, field }
  }
  const [first = '', ...rest] = path.split('.')
  const next = continued(fields.get(first)?.target, rest)
  const target = next && engine.store.get(next[0], row[first] ?? '')
  return target && followPath(engine, next[0], target, next[1])
}

/** The stored value at the end of a path; journals have none. */
export function valueAt(end: PathEnd | undefined): string {
  if (!end || end.field.type === 'journal') return ''
  return end.row[end.field.name] ?? ''
}

/** The display value at the end of a path. */
export function displayAt(engine: Engine, actor: Actor, end: PathEnd | undefined): string {
  return end ? displayValue(engine, actor, end.field, end.row) : ''
}

/** What stands at the end of a path. */
export interface PathValue {
  readonly value: string
  readonly display: string
}

/** The stored and the display value at the end of a path; '' where it leads nowhere. */
export function readPath(
  engine: Engine,
  actor: Actor,
  at: { readonly table: string; readonly row: Row },
  path: string
): PathValue {
  const end = followPath(engine, at.table, at.row, path)
  return { value: valueAt(end), display: displayAt(engine, actor, end) }
}
