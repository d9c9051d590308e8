import type { Row } from '../engine/store.ts'
import { fieldAtPath, followPath, type PathValue, readPath, valueAt } from '../query/field-path.ts'
import type { Context } from '../server/context.ts'
import { aggregate } from './functions.ts'
import type { AggregateRequest, GroupOrder, Having, Measure } from './request.ts'

/** The rows with the same values in the fields that group. */
export interface Group {
  readonly values: ReadonlyMap<string, PathValue>
  readonly rows: readonly Row[]
}

/** The groups of the rows, in the order of their first rows. Without fields to group by: one, of all rows. */
export function groupRows(
  context: Context,
  table: string,
  rows: readonly Row[],
  by: readonly string[]
): Group[] {
  if (by.length === 0) return [{ values: new Map(), rows }]
  const groups = new Map<string, { values: Map<string, PathValue>; rows: Row[] }>()
  for (const row of rows) {
    const values = new Map(
      by.map(path => [path, readPath(context.engine, context.actor, { table, row }, path)])
    )
    const key = JSON.stringify([...values.values()].map(one => one.value))
    const group = groups.get(key) ?? { values, rows: [] }
    group.rows.push(row)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** The aggregate of a group as a response has it. */
export function measured({ engine }: Context, table: string, group: Group, measure: Measure): string {
  if (measure.name === 'count') return String(group.rows.length)
  const field = fieldAtPath(table, measure.field)
  if (!field) return ''
  const values = group.rows.map(row => valueAt(followPath(engine, table, row, measure.field)))
  return aggregate(measure.name, field, values)
}

function holds(actual: number, { operator, value }: Having): boolean {
  switch (operator) {
    case '=':
      return actual === value
    case '!=':
      return actual !== value
    case '<':
      return actual < value
    case '<=':
      return actual <= value
    case '>':
      return actual > value
    default:
      return actual >= value
  }
}

/** The sort key of a group: a number for an aggregate or a number field, otherwise text in small letters. */
function keyOf(context: Context, table: string, group: Group, { by }: GroupOrder): string | number {
  const value =
    'measure' in by ? measured(context, table, group, by.measure) : (group.values.get(by.field)?.value ?? '')
  const isNumber = value !== '' && !Number.isNaN(Number(value))
  return isNumber ? Number(value) : value.toLowerCase()
}

function compare(left: string | number, right: string | number): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** The groups that the request selects, in its order. */
export function selectGroups(
  context: Context,
  table: string,
  groups: readonly Group[],
  { having, order }: AggregateRequest
): Group[] {
  const selected = groups.filter(group =>
    having.every(one => holds(Number(measured(context, table, group, one.measure)), one))
  )
  return selected.sort((left, right) => {
    for (const one of order) {
      const difference = compare(keyOf(context, table, left, one), keyOf(context, table, right, one))
      if (difference !== 0) return one.descending ? -difference : difference
    }
    return 0
  })
}
