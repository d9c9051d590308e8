import { definitionOf } from '../dictionary/tables.ts'
import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'
import type { FieldValue } from '../engine/table-rows.ts'
import { compile } from './compile.ts'
import type { Compiler, RowTest } from './compiler.ts'
import { otherField } from './field-comparisons.ts'
import { displayAt, fieldAtPath, followPath, valueAt } from './field-path.ts'
import { InvalidQuery } from './invalid-query.ts'
import { type Condition, type EncodedQuery, encode, type Order, parseQuery, TEXT_SEARCHES } from './parse.ts'
import { isRelated } from './related.ts'

/** A query without the terms whose field the table does not have. */
export interface UsableQuery {
  readonly alternatives: EncodedQuery['alternatives']
  readonly order: readonly Order[]
  /** The remaining terms without their order. */
  readonly encoded: string
  /** Fields of the remaining terms. */
  readonly applied: readonly string[]
  /** Fields of the dropped terms. */
  readonly ignored: readonly string[]
  /** Terms without a field and an operator that exists. */
  readonly invalid: readonly string[]
}

/** A field of a condition that the table does not have. */
function unknownField(table: string, condition: Condition): string | undefined {
  if (isRelated(condition.operator) || TEXT_SEARCHES.includes(condition.field)) return undefined
  const other = otherField(condition)
  const paths = [condition.field, ...(other ? [other.path] : [])]
  return paths.find(path => fieldAtPath(table, path) === undefined)
}

/** Parses a query for a table. Terms with unknown fields are dropped, so they match every row. */
export function usableQuery(table: string, text: string): UsableQuery {
  const parsed = parseQuery(text)
  const applied = new Set<string>()
  const ignored = new Set<string>()
  const isKnown = (condition: Condition) => {
    const unknown = unknownField(table, condition)
    if (unknown !== undefined) ignored.add(unknown)
    else applied.add(condition.field || condition.operator)
    return unknown === undefined
  }
  const alternatives = parsed.alternatives.map(groups =>
    groups.map(group => group.filter(isKnown)).filter(group => group.length > 0)
  )
  const order = parsed.order.filter(one => fieldAtPath(table, one.field) !== undefined)
  return {
    alternatives,
    order,
    encoded: encode(alternatives),
    applied: [...applied],
    ignored: [...ignored],
    invalid: parsed.unparsed
  }
}

const some = (tests: readonly RowTest[]): RowTest => {
  const [first, second] = tests
  if (first && !second) return first
  return row => tests.some(test => test(row))
}

function compileAll(compiler: Compiler, table: string, alternatives: EncodedQuery['alternatives']): RowTest {
  const every = alternatives.map(groups => {
    const tests = groups.map(group => some(group.map(condition => compile(compiler, table, condition))))
    return (row: Row) => tests.every(test => test(row))
  })
  return some(every)
}

/** What every row that matches has: the `=` terms that hold for the whole query and need nothing to be evaluated. */
function equalValues(table: string, alternatives: EncodedQuery['alternatives']): FieldValue[] {
  const [only, ...others] = alternatives
  if (!only || others.length > 0) return []
  return only.flatMap(([condition, alternative]) => {
    const field = condition && !alternative ? definitionOf(table).fields.get(condition.field) : undefined
    if (condition?.operator !== '=' || !field || field.type === 'journal' || field.type === 'boolean')
      return []
    const { value } = condition
    return value === '' || value === 'NULL' || value.includes('javascript:') ? [] : [{ field, value }]
  })
}

/** Queries of related records within each other. */
const MAX_DEPTH = 20

/** @throws InvalidQuery for terms that do not exist */
function predicateOf(
  engine: Engine,
  actor: Actor,
  table: string,
  query: UsableQuery,
  depth = 0
): (row: Row) => boolean {
  if (depth > MAX_DEPTH)
    throw new InvalidQuery(`Invalid query: more than ${MAX_DEPTH} levels of related records`)
  const [term] = query.invalid
  if (term !== undefined) throw new InvalidQuery(`Unknown operator: ${term}`)
  const compiler: Compiler = {
    engine,
    actor,
    select: (related, text) => {
      const inner = usableQuery(related, text)
      const [unknown] = engine.settings.invalidQueryReturnsNoRows ? inner.ignored : []
      if (unknown !== undefined) throw new InvalidQuery(`Unknown field of ${related}: ${unknown}`)
      return matching(engine, actor, related, inner, depth + 1)
    }
  }
  return compileAll(compiler, table, query.alternatives)
}

/** @throws InvalidQuery for terms that do not exist */
function matching(engine: Engine, actor: Actor, table: string, query: UsableQuery, depth = 0): Row[] {
  const isMatch = predicateOf(engine, actor, table, query, depth)
  return engine.store.candidates(table, equalValues(table, query.alternatives)).filter(isMatch)
}

/** Whether a row matches the conditions of the query. It need not be stored. @throws InvalidQuery */
export function matchesQuery(
  engine: Engine,
  actor: Actor,
  table: string,
  row: Row,
  query: UsableQuery
): boolean {
  return predicateOf(engine, actor, table, query)(row)
}

/**
 * The rows of the table that match the query, in its order or else oldest first. Access rules are not applied.
 * @throws Error for an unknown table; InvalidQuery for terms that do not exist, where the instance does not return no
 * rows for them
 */
export function select(engine: Engine, actor: Actor, table: string, query: UsableQuery): Row[] {
  definitionOf(table)
  const { invalidQueryReturnsNoRows } = engine.settings
  if (query.ignored.length > 0 && invalidQueryReturnsNoRows) return []
  try {
    return sorted(engine, actor, table, matching(engine, actor, table, query), query.order)
  } catch (error) {
    if (error instanceof InvalidQuery && invalidQueryReturnsNoRows) return []
    throw error
  }
}

function sorted(engine: Engine, actor: Actor, table: string, rows: Row[], order: readonly Order[]): Row[] {
  if (order.length === 0) return rows
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
  const end = followPath(engine, table, row, path)
  const value = valueAt(end)
  if (end?.field.type === 'integer') return value === '' ? Number.NEGATIVE_INFINITY : Number(value)
  return (end?.field.type === 'reference' ? displayAt(engine, actor, end) : value).toLowerCase()
}

function compareKeys(left: string | number, right: string | number): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
