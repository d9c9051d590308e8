/**
 * Commits as GitHub's REST API tells of them, for steps whose commit is in no repository: any commit may be given files.
 * The stateful GitHub of test/github is for everything else.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Files } from './commit.ts'

export interface GitHubCommits {
  /** The value of GITHUB_API_URL. */
  readonly url: string
  /** Paths of the requests, with their query. */
  readonly requests: readonly string[]
  /** Tokens of the requests, each once. */
  readonly tokens: ReadonlySet<string>
  /** The status of every response from now on; undefined: as it is. */
  refuse(status: number | undefined): void
  close(): Promise<void>
}

/**
 * @param filesOf the files of a commit of a repository, and of what GITHUB_API_URL has behind the url, if anything;
 *   undefined: there is no such commit
 * @param commitOf the commit that a ref stands for
 */
export async function startCommits(
  filesOf: (repository: string, commit: string, base: string) => Files | undefined,
  commitOf: (ref: string) => string = ref => ref
): Promise<GitHubCommits> {
  const requests: string[] = []
  const tokens = new Set<string>()
  let refusal: number | undefined
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://github.test')
    requests.push(decodeURIComponent(request.url ?? '').replace(/&?per_page=1$/, ''))
    tokens.add((request.headers.authorization ?? '').replace(/^token /, ''))
    const [status, body] =
      refusal === undefined ? bodyOf(pathname, searchParams) : [refusal, { message: 'Refused' }]
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  function bodyOf(pathname: string, query: URLSearchParams): [status: number, body: unknown] {
    const [, base = '', repository = '', kind, rest = ''] =
      /^(.*)\/repos\/([^/]+\/[^/]+)\/(contents|commits)\/(.+)$/.exec(pathname) ?? []
    const path = decodeURIComponent(rest)
    const commit = kind === 'commits' ? commitOf(path) : (query.get('ref') ?? '')
    const files = filesOf(repository, commit, base)
    if (kind === 'commits' && files !== undefined) return [200, { sha: commit }]
    const text = files?.[path]
    if (text === undefined) return [404, { message: 'Not Found' }]
    return [200, { type: 'file', encoding: 'base64', content: Buffer.from(text).toString('base64') }]
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tokens,
    refuse(status) {
      refusal = status
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
