import type { Call } from './call.ts'

const DEFAULT_PER_PAGE = 30
const MAX_PER_PAGE = 100

export interface Page<T> {
  readonly items: readonly T[]
  /** With `link`, where there is more than one page. */
  readonly headers: Readonly<Record<string, string>>
}

function numberIn(query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number(query.get(name) ?? otherwise)
  return Number.isInteger(value) && value >= 1 ? value : otherwise
}

/** One page of a list, and links to the others at the address of the request: never at another host. */
export function page<T>(call: Call, all: readonly T[]): Page<T> {
  const perPage = Math.min(MAX_PER_PAGE, numberIn(call.query, 'per_page', DEFAULT_PER_PAGE))
  const current = numberIn(call.query, 'page', 1)
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const items = all.slice((current - 1) * perPage, current * perPage)
  const link = linksOf(call, current, last)
  return { items, headers: link === '' ? {} : { link } }
}

function linksOf(call: Call, current: number, last: number): string {
  const to = (number: number, rel: string) => {
    const query = new URLSearchParams(call.query)
    query.set('page', String(number))
    return `<${call.url}?${query}>; rel="${rel}"`
  }
  const back = current > 1 ? [to(current - 1, 'prev')] : []
  const on = current < last ? [to(current + 1, 'next'), to(last, 'last')] : []
  return [...back, ...on, ...(current > 1 ? [to(1, 'first')] : [])].join(', ')
}
