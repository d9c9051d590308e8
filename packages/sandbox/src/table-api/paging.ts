import type { Context } from '../server/context.ts'
import { isTrue } from '../server/request.ts'
import { HttpError } from '../server/response.ts'

export interface Paging {
  readonly limit: number
  readonly offset: number
}

const DEFAULT_LIMIT = 10_000

/** @throws HttpError 400 when the parameter is not a whole number of 0 or more */
function wholeNumber({ request }: Context, name: string, fallback: number): number {
  const text = request.query.get(name)
  if (text === null || text === '') return fallback
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new HttpError(400, `Invalid value for ${name}: ${text}`)
  return number
}

/** `sysparm_limit` and `sysparm_offset`. @throws HttpError 400 for values that are not whole numbers */
export function paging(context: Context, defaultLimit = DEFAULT_LIMIT): Paging {
  return {
    limit: wholeNumber(context, 'sysparm_limit', defaultLimit),
    offset: wholeNumber(context, 'sysparm_offset', 0)
  }
}

function linkTo({ request }: Context, { limit }: Paging, offset: number, rel: string): string {
  // The query as it was sent: what a tiny URL stands for may be too long for a header.
  const query = new URLSearchParams(request.target.slice(request.path.length + 1))
  query.set('sysparm_limit', String(limit))
  query.set('sysparm_offset', String(offset))
  return `<${request.origin}${request.path}?${query}>;rel="${rel}"`
}

function links(context: Context, page: Paging, total: number): string {
  const { limit, offset } = page
  const last = limit === 0 ? 0 : Math.max(Math.ceil(total / limit) - 1, 0) * limit
  const rels: [string, number][] = [['first', 0]]
  if (offset > 0) rels.push(['prev', Math.max(offset - limit, 0)])
  if (offset + limit < total) rels.push(['next', offset + limit])
  rels.push(['last', last])
  return rels.map(([rel, at]) => linkTo(context, page, at, rel)).join(',')
}

/** Characters of `Link`. Clients and proxies refuse a response whose headers are longer than 16 KiB. */
const MAX_LINK = 8192

/**
 * `X-Total-Count`, and `Link` to the first, previous, next and last page unless the query makes it too long.
 * @param total rows that match the query, those without read access included
 */
export function pagingHeaders(context: Context, page: Paging, total: number): Record<string, string> {
  const { request } = context
  const link = isTrue(request, 'sysparm_suppress_pagination_header') ? '' : links(context, page, total)
  return {
    ...(!isTrue(request, 'sysparm_no_count') && { 'X-Total-Count': String(total) }),
    ...(link !== '' && link.length <= MAX_LINK && { Link: link })
  }
}
