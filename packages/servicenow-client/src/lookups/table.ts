import { accepted, rowsOf } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import type { Query } from '../query/query.ts'
import { type Page, pageOf, type Row, readPages, type TableRows, type WholeOrCut } from './pages.ts'

export interface TableRead {
  readonly table: string
  readonly query: Query
  readonly operation: string
  /** Rows of one page. */
  readonly limit: number
  /** Only these columns, where given. */
  readonly fields?: readonly string[]
  readonly maxRetries?: number | undefined
  /** Refuses the rows of a page that show that the query was ignored. Default: rows that do not satisfy it. */
  readonly check?: (rows: readonly Row[]) => void
}

/** Reads the first rows through the Table API, at most `limit`, every field in both forms. */
export async function readTable(pipeline: Pipeline, read: TableRead): Promise<TableRows> {
  const { rows, total = rows.length } = await readPage(pipeline, read, 0)
  return { rows: [...rows], hidden: rows.length < Math.min(total, read.limit) }
}

/**
 * Reads all rows through the Table API, page by page in a fixed order. Each page is checked when it comes: without its
 * query a list has no end.
 *
 * @throws Problem `query-ignored`
 */
export function readWholeTable(pipeline: Pipeline, read: TableRead): Promise<WholeOrCut> {
  const { query, operation, check = rows => void accepted(query, rows, operation) } = read
  const ordered = { ...read, query: query.orderBy('sys_id') }
  return readPages(read.limit, async offset => {
    const page = await readPage(pipeline, ordered, offset)
    check(page.rows)
    return page
  })
}

function readPage(pipeline: Pipeline, read: TableRead, offset: number): Promise<Page> {
  const columns = read.fields === undefined ? {} : { sysparm_fields: read.fields.join(',') }
  const from = offset === 0 ? {} : { sysparm_offset: String(offset) }
  return pipeline.request({
    operation: read.operation,
    method: 'GET',
    path: `/api/now/table/${read.table}`,
    query: {
      sysparm_query: read.query.toString(),
      sysparm_display_value: 'all',
      sysparm_exclude_reference_link: 'true',
      sysparm_limit: String(read.limit),
      ...from,
      ...columns
    },
    read: (body, headers) => pageOf(rowsOf(body, read.operation), headers),
    maxRetries: read.maxRetries
  })
}
