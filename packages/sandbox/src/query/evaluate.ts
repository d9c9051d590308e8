import { definitionOf } from '../dictionary/tables.ts'
import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'
import { fieldAtPath, followPath } from './field-path.ts'
import { matchesOperator } from './operators.ts'
import { type Condition, type EncodedQuery, encode, type Order, parseQuery } from './parse.ts'
import { evaluateScripts } from './scripts.ts'

/** A query without the terms whose field the table does not have. */
export interface UsableQuery {
  readonly alternatives: EncodedQuery['alternatives']
  readonly order: readonly Order[]
  /** The remaining terms without their order. */
  readonly encoded: string
  /** Fields of the remaining terms. */
  readonly applied: readonly string[]
  /** Fields of the dropped terms, and terms that could not be parsed. */
  readonly ignored: readonly string[]
}

/** Parses a query for a table. Terms with unknown fields are dropped, so they match every row. */
export function usableQuery(table: string, text: string): UsableQuery {
  const parsed = parseQuery(text)
  const applied = new Set<string>()
  const ignored = new Set<string>(parsed.unparsed)
  const isKnown = (condition: Condition) => {
    const known = fieldAtPath(table, condition.field) !== undefined
    ;(known ? applied : ignored).add(condition.field)
    return known
  }
  const alternatives = parsed.alternatives.map(groups =>
    groups.map(group => group.filter(isKnown)).filter(group => group.length > 0)
  )
  const order = parsed.order.filter(one => fieldAtPath(table, one.field) !== undefined)
  return { alternatives, order, encoded: encode(alternatives), applied: [...applied], ignored: [...ignored] }
}

function matches(engine: Engine, actor: Actor, table: string, row: Row, condition: Condition): boolean {
  const field = fieldAtPath(table, condition.field)
  if (!field) return true
  const fieldValue = followPath(engine, actor, table, row, condition.field)
  const value = evaluateScripts(engine, actor, condition.value)
  const other =
    condition.operator === 'SAMEAS' || condition.operator === 'NSAMEAS'
      ? followPath(engine, actor, table, row, condition.value).value
      : undefined
  return matchesOperator(field, fieldValue, condition.operator, other ?? value)
}

/** Whether a row matches the conditions of the query. It need not be stored. */
export function matchesQuery(
  engine: Engine,
  actor: Actor,
  table: string,
  row: Row,
  query: UsableQuery
): boolean {
  return query.alternatives.some(groups =>
    groups.every(group => group.some(condition => matches(engine, actor, table, row, condition)))
  )
}

/**
 * The rows of the table that match the query, in its order or else oldest first. Access rules are not applied.
 * @throws Error for an unknown table
 */
export function select(engine: Engine, actor: Actor, table: string, query: UsableQuery): Row[] {
  if (query.ignored.length > 0 && engine.settings.invalidQueryReturnsNoRows) return []
  definitionOf(table)
  const found = engine.store.rows(table).filter(row => matchesQuery(engine, actor, table, row, query))
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
  const field = fieldAtPath(table, path)
  const { value, display } = followPath(engine, actor, table, row, path)
  if (field?.type === 'integer') return value === '' ? Number.NEGATIVE_INFINITY : Number(value)
  return (field?.type === 'reference' ? display : value).toLowerCase()
}

function compareKeys(left: string | number, right: string | number): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
