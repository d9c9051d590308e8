import { toFields } from '../changes/fields.ts'
import type { Response } from '../http/message.ts'
import { clientProblem } from '../problems/codes.ts'

export type Row = Record<string, unknown>

/** Rows of a list, and what its headers say about the rest. */
export interface Page {
  readonly rows: readonly Row[]
  /** `X-Total-Count`: rows that match, those that may not be read included. */
  readonly total: number | undefined
  /** Whether `Link` names a next page; undefined without that header. */
  readonly next: boolean | undefined
}

export interface TableRows {
  readonly rows: Row[]
  /** Rows that match but may not be read: the limit counts before access control does. */
  readonly hidden: boolean
}

export interface WholeOrCut extends TableRows {
  /** There are more rows than were read. It is no complete list. */
  readonly cut: boolean
}

/** A list is read up to this many pages. */
export const MAX_PAGES = 10

/**
 * Reads a list page by page, up to `MAX_PAGES`. A list of up to one page is one request.
 *
 * A short page is not the last one where the headers say that there are more: access control comes after the limit.
 * Rows that come twice count once: on the Change Management API, offset N skips N - 1 rows.
 *
 * @param limit rows of a page
 * @param read reads the page that begins after `offset` rows
 */
export async function readPages(limit: number, read: (offset: number) => Promise<Page>): Promise<WholeOrCut> {
  const found = new Map<string, Row>()
  let asked = 0
  let total = 0
  for (let n = 0; n < MAX_PAGES; n += 1) {
    const page = await read(n * limit)
    const before = found.size
    for (const row of page.rows) addTo(found, row)
    asked += limit
    total = page.total ?? found.size
    if (!hasMore(page, asked, limit)) return result(found, false)
    // The same rows again: the instance does not follow the offset.
    if (page.rows.length > 0 && found.size === before) break
  }
  return result(found, true)

  function result(rows: ReadonlyMap<string, Row>, cut: boolean): WholeOrCut {
    return { rows: [...rows.values()], hidden: rows.size < Math.min(total, asked), cut }
  }
}

/** The rows of a list that was read to its end. @throws Problem `list-cut` for one that was not */
export function whole({ rows, cut }: WholeOrCut, operation: string): Row[] {
  if (cut) throw clientProblem('list-cut', { operation, read: rows.length })
  return rows
}

/** A page of what a list resource returned. */
export function pageOf(rows: readonly Row[], headers: Response['headers']): Page {
  const total = Number(headers['x-total-count'] ?? Number.NaN)
  const { link } = headers
  return {
    rows,
    total: Number.isFinite(total) ? total : undefined,
    next: link === undefined ? undefined : /rel="?next\b/.test(String(link))
  }
}

function hasMore({ rows, total, next }: Page, asked: number, limit: number): boolean {
  if (next === true) return true
  if (total !== undefined) return total > asked
  // More rows than a page has: the resource knows no limit.
  return next === undefined && rows.length === limit
}

function addTo(found: Map<string, Row>, row: Row): void {
  const id = toFields({ id: row.sys_id }).id?.value ?? ''
  if (!found.has(id)) found.set(id, row)
}
