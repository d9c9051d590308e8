import { rowsOf } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import type { Query } from '../query/query.ts'

export interface TableRead {
  readonly table: string
  readonly query: Query
  readonly operation: string
  readonly limit: number
  /** Only these columns, where given. */
  readonly fields?: readonly string[]
  readonly maxRetries?: number | undefined
}

export interface TableRows {
  readonly rows: Record<string, unknown>[]
  /** Rows that match but may not be read: the limit counts before access control does. */
  readonly hidden: boolean
}

export interface WholeOrCut extends TableRows {
  /** More rows match than were asked for, or as many. */
  readonly cut: boolean
}

/** Reads rows through the Table API, every field in both forms. */
export function readTable(pipeline: Pipeline, read: TableRead): Promise<WholeOrCut> {
  const columns = read.fields === undefined ? {} : { sysparm_fields: read.fields.join(',') }
  return pipeline.request({
    operation: read.operation,
    method: 'GET',
    path: `/api/now/table/${read.table}`,
    query: {
      sysparm_query: read.query.toString(),
      sysparm_display_value: 'all',
      sysparm_exclude_reference_link: 'true',
      sysparm_limit: String(read.limit),
      ...columns
    },
    read: (body, headers) => {
      const rows = rowsOf(body, read.operation)
      const total = Number(headers['x-total-count'] ?? rows.length)
      return {
        rows,
        hidden: total > 0 && rows.length < Math.min(total, read.limit),
        cut: total > read.limit || rows.length >= read.limit
      }
    },
    maxRetries: read.maxRetries
  })
}
