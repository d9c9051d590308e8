import {
  type Asked,
  problemOfContent,
  problemOfGraphql,
  problemOfNetwork,
  problemOfResponse
} from './classify.ts'
import { isUnderstood, notesOf, onlyReads, type Parameters, type Reply, type Send } from './hooks.ts'
import { GitHubProblem } from './problem.ts'

const GRAPHQL = /\/graphql$/

/** The hook that makes a `GitHubProblem` of every failure. `now`: epoch milliseconds. */
export function classified(now: () => number) {
  return async <P extends Parameters, R extends Reply>(request: Send<P, R>, parameters: P): Promise<R> => {
    const asked = askedOf(parameters)
    try {
      const response = await request(parameters)
      const problem = problemIn(response, parameters, asked, now())
      if (problem !== undefined) throw problem
      return response
    } catch (error) {
      // A request that its caller gave up.
      notesOf(parameters).signal?.throwIfAborted()
      // Anything else is a mistake in a program.
      if (!isHttpError(error)) throw error
      throw error.response === undefined
        ? withOperation(problemOfNetwork(error, asked), asked)
        : problemOfResponse(error.response, asked, now())
    }
  }
}

/** The problem of what Octokit takes for a success. */
function problemIn(
  response: Reply,
  { method, url }: Parameters,
  asked: Asked,
  now: number
): GitHubProblem | undefined {
  if (response.status >= 300) return problemOfResponse(response, asked, now)
  if (!isUnderstood(response, method)) return problemOfContent(response, asked)
  return GRAPHQL.test(url) ? problemOfGraphql(response, asked, now) : undefined
}

/** By its name, which Octokit's documentation gives. */
function isHttpError(error: unknown): error is Error & { readonly response?: Reply } {
  return error instanceof Error && error.name === 'HttpError'
}

/** The problems of `guardedFetch` do not know the operation. */
function withOperation(problem: GitHubProblem, { operation, writes }: Asked): GitHubProblem {
  if (problem.facts.operation !== '') return problem
  const { code, retry, cause } = problem
  const committed = writes ? problem.committed : 'no'
  return new GitHubProblem({ code, facts: { ...problem.facts, operation }, retry, committed, cause })
}

function askedOf(parameters: Parameters): Asked {
  const { method, url, query } = parameters
  const { operation = `${method} ${url}` } = notesOf(parameters)
  const writes = GRAPHQL.test(url) ? /^\s*mutation\b/.test(String(query)) : !onlyReads(method)
  return { operation, writes }
}
