import { definitionOf } from '../dictionary/tables.ts'
import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'
import { holds } from './operators.ts'
import { type Condition, type EncodedQuery, encode, type Order, parseQuery } from './parse.ts'
import { scriptValue } from './scripts.ts'
import { fieldAt, walk } from './walk.ts'

/** A query after the terms that name no field of the table were dropped. */
export interface UsableQuery {
  readonly alternatives: EncodedQuery['alternatives']
  readonly order: readonly Order[]
  readonly encoded: string
  readonly applied: readonly string[]
  readonly ignored: readonly string[]
}

/**
 * Reads a query for a table. Unknown fields are dropped, so that their terms match everything; the caller
 * decides whether that makes the query invalid.
 */
export function usableQuery(table: string, text: string): UsableQuery {
  const parsed = parseQuery(text)
  const applied = new Set<string>()
  const ignored = new Set<string>(parsed.unreadable)
  const known = (condition: Condition) => {
    const found = fieldAt(table, condition.field) !== undefined
    ;(found ? applied : ignored).add(condition.field)
    return found
  }
  const alternatives = parsed.alternatives.map(groups =>
    groups.map(group => group.filter(known)).filter(group => group.length > 0)
  )
  const order = parsed.order.filter(one => fieldAt(table, one.field) !== undefined)
  return { alternatives, order, encoded: encode(alternatives), applied: [...applied], ignored: [...ignored] }
}

function matches(engine: Engine, actor: Actor, table: string, row: Row, condition: Condition): boolean {
  const field = fieldAt(table, condition.field)
  if (!field) return true
  const found = walk(engine, actor, table, row, condition.field)
  const value = scriptValue(engine, actor, condition.value)
  const other =
    condition.operator === 'SAMEAS' || condition.operator === 'NSAMEAS'
      ? walk(engine, actor, table, row, condition.value).value
      : undefined
  return holds(field, found, condition.operator, other ?? value)
}

/** Rows of the table that the query selects, in its order (else oldest first); no access rule is applied. */
export function select(engine: Engine, actor: Actor, table: string, query: UsableQuery): Row[] {
  if (query.ignored.length > 0 && engine.settings.invalidQueryReturnsNoRows) return []
  definitionOf(table)
  const found = engine.store
    .rows(table)
    .filter(row =>
      query.alternatives.some(groups =>
        groups.every(group => group.some(condition => matches(engine, actor, table, row, condition)))
      )
    )
  return sorted(engine, actor, table, found, query.order)
}

function sorted(engine: Engine, actor: Actor, table: string, rows: Row[], order: readonly Order[]): Row[] {
  const keyed = rows.map(row => ({
    row,
    keys: order.map(one => sortKey(engine, actor, table, row, one.field))
  }))
  keyed.sort((left, right) => {
    for (const [index, one] of order.entries()) {
      const difference = compareKeys(left.keys[index] ?? '', right.keys[index] ?? '')
      if (difference !== 0) return one.descending ? -difference : difference
    }
    return 0
  })
  return keyed.map(entry => entry.row)
}

function sortKey(engine: Engine, actor: Actor, table: string, row: Row, path: string): string | number {
  const field = fieldAt(table, path)
  const { value, display } = walk(engine, actor, table, row, path)
  if (field?.type === 'integer') return value === '' ? Number.NEGATIVE_INFINITY : Number(value)
  return (field?.type === 'reference' ? display : value).toLowerCase()
}

function compareKeys(left: string | number, right: string | number): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
