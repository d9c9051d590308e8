export interface Listed<T> {
  readonly items: readonly T[]
  /** False when there are more pages than were read: what is not among the items may still exist. */
  readonly complete: boolean
  /** How many there are, as GitHub says; undefined where it does not. */
  readonly total: number | undefined
}

/** Of 100 items each, which is the maximum of GitHub's API. */
const MAX_PAGES = 10

/** What `octokit.paginate.iterator` returns. */
type Pages<T> = AsyncIterable<{ readonly data: readonly T[]; readonly headers: { readonly link?: string } }>

/**
 * All items of a list, page by page: `listAll(octokit.paginate.iterator(octokit.rest.actions.listArtifactsForRepo, { …,
 * per_page: 100 }))`.
 *
 * @throws GitHubProblem of the first page that cannot be read
 */
export async function listAll<T>(pages: Pages<T>, maxPages = MAX_PAGES): Promise<Listed<T>> {
  const items: T[] = []
  let read = 0
  let total: number | undefined
  for await (const { data, headers } of pages) {
    items.push(...data)
    read += 1
    total ??= totalOf(data)
    if (read >= maxPages) return { items, complete: !/\brel="next"/.test(headers.link ?? ''), total }
  }
  return { items, complete: true, total }
}

/** Octokit keeps `total_count` beside the items, and not in their type. */
function totalOf(data: object): number | undefined {
  const { total_count: total } = data as { readonly total_count?: unknown }
  return typeof total === 'number' ? total : undefined
}
