import { fieldAtPath } from '../query/field-path.ts'
import type { HttpRequest } from '../server/request.ts'
import { HttpError } from '../server/response.ts'
import { type AggregateFunction, FUNCTIONS } from './functions.ts'

/** `count`, or an aggregate of a field. */
export type Measure =
  | { readonly name: 'count' }
  | { readonly name: AggregateFunction; readonly field: string }

export interface Having {
  readonly measure: Measure
  readonly operator: string
  readonly value: number
}

/** The order of groups: by a field that groups, or by an aggregate. */
export interface GroupOrder {
  readonly by: { readonly field: string } | { readonly measure: Measure }
  readonly descending: boolean
}

export interface AggregateRequest {
  readonly measures: readonly Measure[]
  readonly groupBy: readonly string[]
  readonly having: readonly Having[]
  readonly order: readonly GroupOrder[]
  readonly display: 'false' | 'true' | 'all'
}

const OPERATORS = ['=', '!=', '<', '<=', '>', '>=']

function listOf(request: HttpRequest, name: string): string[] {
  const items = (request.query.get(name) ?? '').split(',').map(item => item.trim())
  return items.filter(item => item !== '')
}

function measureOf(name: string, field: string): Measure | undefined {
  const lower = name.toLowerCase()
  if (lower === 'count') return { name: 'count' }
  const found = FUNCTIONS.find(one => one === lower)
  return found && { name: found, field }
}

/** `aggregate^field^operator^value`. @throws HttpError 400 for another form */
function havingFrom(text: string): Having {
  const [name = '', field = '', operator = '', value = ''] = text.split('^')
  const measure = measureOf(name, field)
  if (!measure || !OPERATORS.includes(operator) || value === '' || Number.isNaN(Number(value))) {
    throw new HttpError(400, `Invalid value for sysparm_having: ${text}`)
  }
  return { measure, operator, value: Number(value) }
}

/** `field`, `COUNT` or `AGGREGATE^field`, each with `^DESC` or without. */
function orderFrom(text: string): GroupOrder {
  const parts = text.split('^')
  const descending = parts.at(-1)?.toUpperCase() === 'DESC'
  const [first = '', field = ''] = descending ? parts.slice(0, -1) : parts
  const measure = measureOf(first, field)
  return { by: measure ? { measure } : { field: first }, descending }
}

/**
 * The parameters of a request. Fields that the table does not have are ignored.
 * @throws HttpError 400 for a condition on groups that cannot be read
 */
export function aggregateRequest(request: HttpRequest, table: string): AggregateRequest {
  const isKnown = (field: string) => fieldAtPath(table, field) !== undefined
  const display = request.query.get('sysparm_display_value')?.toLowerCase()
  const ofFields = FUNCTIONS.flatMap(name =>
    listOf(request, `sysparm_${name}_fields`)
      .filter(isKnown)
      .map(field => ({ name, field }))
  )
  const counts = request.query.get('sysparm_count') === 'true'
  return {
    measures: [...(counts ? [{ name: 'count' } as const] : []), ...ofFields],
    groupBy: listOf(request, 'sysparm_group_by').filter(isKnown),
    having: listOf(request, 'sysparm_having').map(havingFrom),
    order: listOf(request, 'sysparm_order_by').map(orderFrom),
    display: display === 'true' || display === 'all' ? display : 'false'
  }
}
