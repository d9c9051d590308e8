/** GitHub, as a step asks it. Octokit is loaded with the first question. */
import type { GitHubCode, GitHubProblem, Octokit, RepositoryName } from '@change-actions/github-api'
import type { Step } from '../step/definition.ts'
import { oneLine } from '../text.ts'

/** A repository, or the list of them, that could not be read. */
export interface Unread {
  readonly repository: string
  /** In GitHub's words. Untrusted text. */
  readonly reason: string
  /** Undefined where GitHub listed only a part. */
  readonly code?: GitHubCode | undefined
  /** The next attempt may succeed. */
  readonly temporary?: boolean | undefined
}

/** GitHub, as one step asks it. */
export interface GitHub {
  readonly octokit: Octokit
  /**
   * Sends a request until it succeeds or its problem is not temporary; rate limits of up to a minute are waited for.
   *
   * @param find looks for what an earlier attempt may have written; without it, a write that may have been carried out is
   *   not sent again
   */
  send<T>(request: () => Promise<T>, find?: () => Promise<T | undefined>): Promise<T>
  isProblem(error: unknown): error is GitHubProblem
}

/** The minute that GitHub asks for after its secondary limit, and the tenth that is added to it. */
const MAX_PAUSE_MS = 66_000

/** What of a step is needed. */
export type GitHubStep = Pick<
  Step<{ readonly githubToken?: string | undefined }>,
  'inputs' | 'env' | 'sleep' | 'log' | 'runtime'
>

/** Loads Octokit. */
export async function gitHubOf(step: GitHubStep): Promise<GitHub> {
  const github = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  const octokit = await github.createGitHub({
    apiUrl: step.env.GITHUB_API_URL ?? 'https://api.github.com',
    token: step.inputs.githubToken ?? ''
  })
  return {
    octokit,
    send: (request, find) =>
      github.sendUntilDone({
        send: request,
        find,
        maxPauseMs: MAX_PAUSE_MS,
        sleep: ms => step.sleep(ms),
        random: Math.random,
        onRetry: (_, pauseMs, problem) =>
          step.log.info(
            `GitHub: ${oneLine(reasonOf(problem), 300)}, while ${problem.facts.operation}; retrying in ${Math.ceil(pauseMs / 1000)} s`
          )
      }),
    isProblem: (error): error is GitHubProblem => github.isGitHubProblem(error)
  }
}

/**
 * The repositories that an input `repositories` means, each once.
 *
 * @param wanted names, `this`, or `installation` alone
 */
export async function repositoryNames(
  { runtime }: Pick<GitHubStep, 'runtime'>,
  wanted: readonly string[],
  { octokit, send, isProblem }: GitHub
): Promise<{ readonly names: readonly RepositoryName[]; readonly unread: readonly Unread[] }> {
  if (!wanted.includes('installation')) {
    const given = wanted.map(one => (one === 'this' ? runtime.repository : one))
    const unique = new Map(given.map(name => [name.toLowerCase(), name]))
    return { names: [...unique.values()].map(nameOf), unread: [] }
  }
  const { installedRepositories } = await import(
    /* webpackChunkName: "github" */ '@change-actions/github-api'
  )
  const listed = 'the repositories of the installation'
  try {
    const { repositories, complete } = await send(() => installedRepositories(octokit))
    const count = repositories.length
    const more = count === 0 ? 'there are none' : `there are more than the ${count} that were read`
    const whole = complete && count > 0
    return { names: repositories, unread: whole ? [] : [{ repository: listed, reason: more }] }
  } catch (error) {
    if (!isProblem(error)) throw error
    const { code } = error
    const { temporary } = error.retry
    return { names: [], unread: [{ repository: listed, reason: reasonOf(error), code, temporary }] }
  }
}

/** `owner/name` in its two parts. */
export function nameOf(name: string): RepositoryName {
  const [owner = '', repo = ''] = name.split('/')
  return { owner, repo }
}

/** Why GitHub did not respond with what was asked for. Untrusted text. */
export function reasonOf({ code, facts }: GitHubProblem): string {
  const status = facts.status === undefined ? '' : ` (${facts.status})`
  return `${code}${status}${facts.message === undefined ? '' : `: ${facts.message}`}`
}
