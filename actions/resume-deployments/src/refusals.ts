/** What it means for a change that GitHub refused a request for it. */
import type { DecidedChange } from '@change-actions/change-operations'
import type { GitHub } from '@change-actions/github-actions/github'
import { type GitHubProblem, readRun, repositoryName } from '@change-actions/github-api'
import { type Left, nameOf, type Result } from './latch.ts'

/** Reads a refusal of a read, or of a write that no latch explains. */
export type Refusals = (problem: GitHubProblem, one: DecidedChange) => Promise<Result | Left>

export function refusalsOf(github: GitHub): Refusals {
  const visible = new Map<string, Promise<GitHubProblem | undefined>>()
  /** Undefined where the token may see the repository. Asked once in a sweep. */
  const whyHidden = (one: DecidedChange): Promise<GitHubProblem | undefined> => {
    const { repository } = one.repository
    const asked =
      visible.get(repository) ?? problemOf(github, () => repositoryName(github.octokit, nameOf(one)))
    visible.set(repository, asked)
    return asked
  }
  return async (problem, one) => {
    if (problem.code !== 'not-found') return plain(problem)
    // GitHub says of what a token may not see that it does not exist.
    const hidden = await whyHidden(one)
    if (hidden !== undefined)
      return hidden.code === 'not-found' ? notSeen(one.repository.repository) : plain(hidden)
    const run = await problemOf(github, () => readRun(github.octokit, nameOf(one), one.binding.runId))
    if (run?.code === 'not-found') return { kind: 'gone' }
    return run === undefined ? changed(problem) : plain(run)
  }
}

/** @throws whatever is no problem of GitHub's */
async function problemOf(
  github: GitHub,
  request: () => Promise<unknown>
): Promise<GitHubProblem | undefined> {
  try {
    await github.send(request)
    return undefined
  } catch (error) {
    if (!github.isProblem(error)) throw error
    return error
  }
}

function notSeen(repository: string): Result {
  return {
    kind: 'failed',
    reason: `the token may not see the repository ${repository}`,
    fix: `install the GitHub App on ${repository}, or give the token access to it; or take it out of \`repositories\``
  }
}

/** Another sweep, or a person, may have been faster: a job that ran again has another number. */
function changed({ facts }: GitHubProblem): Result {
  const reason = `what GitHub was asked for is gone, or not there, while ${facts.operation}; the next run looks again`
  return { kind: 'skipped', warn: true, later: true, reason }
}

function plain({ code, facts, retry }: GitHubProblem): Result | Left {
  const said = `${code}${facts.message === undefined ? '' : `: ${facts.message}`}`
  if (code === 'rate-limit') return { left: `left to the next run: GitHub's rate limit (${said})` }
  if (retry.temporary)
    return {
      kind: 'skipped',
      warn: true,
      later: true,
      reason: `GitHub did not respond as it should (${said})`
    }
  return { kind: 'failed', reason: `GitHub refuses ${facts.operation} (${said})`, fix: fixOf(code) }
}

function fixOf(code: GitHubProblem['code']): string {
  if (code === 'credentials') return 'give `github-token` a token that is valid'
  return 'give the token the permissions that the page of this action names, and install the GitHub App on the repository'
}
