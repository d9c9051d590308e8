import { GraphQLError } from 'graphql'

/** Arguments of every connection. */
export interface Paging {
  readonly first?: number | null
  readonly last?: number | null
  readonly after?: string | null
  readonly before?: string | null
}

const MAX_PAGE = 100

function cursor(index: number): string {
  return Buffer.from(`cursor:v2:${index}`).toString('base64')
}

function indexOf(text: string): number {
  const index = Number(Buffer.from(text, 'base64').toString('utf8').replace('cursor:v2:', ''))
  if (!Number.isInteger(index)) throw new GraphQLError(`\`${text}\` does not appear to be a valid cursor.`)
  return index
}

function checkSize(name: 'first' | 'last', value: number): void {
  if (value >= 0 && value <= MAX_PAGE) return
  const words = value < 0 ? 'cannot be less than 0' : `exceeds the \`${name}\` limit of ${MAX_PAGE} records`
  throw new GraphQLError(`Requesting ${value} records on the connection: \`${name}\` ${words}.`)
}

/**
 * A connection over a list.
 * @throws GraphQLError without `first` and `last`, and for more than 100
 */
export function connection<T>(all: readonly T[], args: Paging, node: (item: T) => unknown): object {
  const { first, last, after, before } = args
  if (first == null && last == null) {
    throw new GraphQLError('You must provide a `first` or `last` value to properly paginate the connection.')
  }
  let start = after == null ? 0 : indexOf(after) + 1
  let end = before == null ? all.length : indexOf(before)
  if (first != null) {
    checkSize('first', first)
    end = Math.min(end, start + first)
  }
  if (last != null) {
    checkSize('last', last)
    start = Math.max(start, end - last)
  }
  const items = all.slice(start, end)
  return {
    totalCount: all.length,
    nodes: () => items.map(node),
    edges: () => items.map((item, index) => ({ cursor: cursor(start + index), node: node(item) })),
    pageInfo: {
      startCursor: items.length === 0 ? null : cursor(start),
      endCursor: items.length === 0 ? null : cursor(start + items.length - 1),
      hasNextPage: end < all.length,
      hasPreviousPage: start > 0
    }
  }
}
