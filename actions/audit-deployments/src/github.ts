/** What the audit reads from GitHub. */
import type { AuditedRepository } from '@change-actions/change-operations'
import { oneLine, type Step } from '@change-actions/github-actions'
import type { DeploymentSpan, GitHubProblem, Octokit, RepositoryName } from '@change-actions/github-api'
import type { AuditInputs } from './inputs.ts'
import { recorded } from './recorded.ts'

/** A span of time; epoch milliseconds, both included. */
export interface Span {
  readonly since: number
  readonly until: number
}

/** A repository, or the list of them, that could not be read. */
export interface Unread {
  readonly repository: string
  /** In GitHub's words. Untrusted text. */
  readonly reason: string
}

export interface ReadRepositories {
  readonly repositories: readonly AuditedRepository[]
  readonly unread: readonly Unread[]
}

/** GitHub, as one step asks it. */
export interface GitHub {
  readonly octokit: Octokit
  /** Sends a request until it succeeds or its problem is not temporary; rate limits of up to a minute are waited for. */
  send<T>(request: () => Promise<T>): Promise<T>
  isProblem(error: unknown): error is GitHubProblem
}

/** The minute that GitHub asks for after its secondary limit, and the tenth that is added to it. */
const MAX_PAUSE_MS = 66_000

/** Loads Octokit. */
export async function gitHubOf(step: Step<AuditInputs>): Promise<GitHub> {
  const github = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  const octokit = await github.createGitHub({
    apiUrl: step.env.GITHUB_API_URL ?? 'https://api.github.com',
    token: step.inputs.githubToken ?? ''
  })
  return {
    octokit,
    send: request =>
      github.sendUntilDone({
        send: request,
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

/** The deployments of all repositories that were asked for. One that cannot be read does not keep the others. */
export async function readRepositories(
  step: Step<AuditInputs>,
  github: GitHub,
  span: Span
): Promise<ReadRepositories> {
  const { names, unread } = await namesOf(step, github)
  const repositories: AuditedRepository[] = []
  const failed: Unread[] = [...unread]
  for (const name of names) {
    const repository = `${name.owner}/${name.repo}`
    try {
      repositories.push(
        await readOne(step, github, { ...name, ...span, environments: step.inputs.environments })
      )
    } catch (error) {
      if (!github.isProblem(error)) throw error
      failed.push({ repository, reason: reasonOf(error) })
    }
  }
  return { repositories, unread: failed }
}

async function readOne(
  { runtime }: Step<AuditInputs>,
  { octokit, send }: GitHub,
  span: DeploymentSpan
): Promise<AuditedRepository> {
  const { deploymentsOf } = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  const deployments = []
  for await (const one of deploymentsOf(octokit, span, send)) deployments.push(recorded(one))
  const environments = new Set([...span.environments, ...deployments.map(one => one.environment)])
  return {
    server: runtime.serverUrl,
    repository: `${span.owner}/${span.repo}`,
    environments: [...environments],
    deployments
  }
}

/** The repositories by name, each once. */
async function namesOf(
  { inputs, runtime }: Step<AuditInputs>,
  { octokit, send, isProblem }: GitHub
): Promise<{ readonly names: readonly RepositoryName[]; readonly unread: readonly Unread[] }> {
  if (!inputs.repositories.includes('installation')) {
    const given = inputs.repositories.map(one => (one === 'this' ? runtime.repository : one))
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
    return { names: [], unread: [{ repository: listed, reason: reasonOf(error) }] }
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
