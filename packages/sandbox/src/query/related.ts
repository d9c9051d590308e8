import { TABLES } from '../dictionary/tables.ts'
import type { Row } from '../engine/store.ts'
import type { Compiler, RowTest } from './compiler.ts'
import { fieldAtPath, followPath, valueAt } from './field-path.ts'
import { InvalidQuery } from './invalid-query.ts'
import type { Condition, RelatedOperator } from './parse.ts'

/** A related record set: which records of another table, and by which field they belong to those of this one. */
interface Relation {
  /** Field of this table that the related records name. */
  readonly field: string
  readonly relatedTable: string
  /** Field of the related table. */
  readonly relatedField: string
  /** Encoded query of the related records. */
  readonly query: string
  readonly holds: (count: number) => boolean
}

type Parser = (table: string, value: string) => Relation | undefined

const COUNTS: Readonly<Record<string, (count: number, wanted: number) => boolean>> = {
  '>=': (count, wanted) => count >= wanted,
  '>': (count, wanted) => count > wanted,
  '<=': (count, wanted) => count <= wanted,
  '<': (count, wanted) => count < wanted,
  '!=': (count, wanted) => count !== wanted,
  '=': (count, wanted) => count === wanted
}

const isSome = (count: number): boolean => count > 0

/** `RLQUERYtask_ci.task,>=1,m2m^ci_item.name=x` */
const parseRelatedList: Parser = (_, value) => {
  const match =
    /^\s?(\w+)\.(\w+),(>=|>|<=|<|!=|=|BETWEEN)(\d{1,9})(?:@(\d{1,9}))?(?:,m2m)?(?:\^(.*))?$/s.exec(value)
  if (!match) return undefined
  const [, relatedTable = '', relatedField = '', comparison = '', low, high = low, query = ''] = match
  const holds = (count: number) =>
    COUNTS[comparison]?.(count, Number(low)) ?? (count >= Number(low) && count <= Number(high))
  return { field: 'sys_id', relatedTable, relatedField, query, holds }
}

/** `SUBQUERYsys_id,assigned_to,change_task^active=true` */
const parseSubquery: Parser = (_, value) => {
  const match = /^([\w.]+),([\w.]+),(\w+)(?:\^(.*))?$/s.exec(value)
  if (!match) return undefined
  const [, field = '', relatedField = '', relatedTable = '', query = ''] = match
  return { field, relatedTable, relatedField, query, holds: isSome }
}

/** `JOINsys_user.sys_id=sys_user_group.manager!active=true` */
const parseJoin: Parser = (table, value) => {
  const match = /^(\w+)\.([\w.]+)=(\w+)\.([\w.]+)!(.*)$/s.exec(value)
  if (match?.[1] !== table) return undefined
  const [, , field = '', relatedTable = '', relatedField = '', query = ''] = match
  return { field, relatedTable, relatedField, query, holds: isSome }
}

const PARSERS: Readonly<Record<RelatedOperator, Parser>> = {
  RLQUERY: parseRelatedList,
  SUBQUERY: parseSubquery,
  JOIN: parseJoin
}

/** Whether a condition is about the records of another table. */
export function isRelated(operator: Condition['operator']): operator is RelatedOperator {
  return Object.hasOwn(PARSERS, operator)
}

/**
 * The test of a condition about related records. They are read once, not for every row.
 * @throws InvalidQuery for a condition that is not complete, an unknown table, and an unknown field
 */
export function relatedTest(
  compiler: Compiler,
  table: string,
  condition: Condition & { operator: RelatedOperator }
): RowTest {
  const relation = PARSERS[condition.operator](table, condition.value)
  const isKnown =
    relation &&
    TABLES.has(relation.relatedTable) &&
    fieldAtPath(table, relation.field) &&
    fieldAtPath(relation.relatedTable, relation.relatedField)
  if (!isKnown)
    throw new InvalidQuery(`Invalid ${condition.operator}: ${condition.operator}${condition.value}`)
  const { engine } = compiler
  const read = (in_: string, row: Row, path: string) => valueAt(followPath(engine, in_, row, path))
  const counts = new Map<string, number>()
  for (const row of compiler.select(relation.relatedTable, relation.query)) {
    const value = read(relation.relatedTable, row, relation.relatedField)
    if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return row => relation.holds(counts.get(read(table, row, relation.field)) ?? 0)
}
