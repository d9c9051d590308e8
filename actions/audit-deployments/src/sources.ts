/** What an audit asks GitHub for beside the deployments: policies of commits, and whether runs are over. */
import { controlOf, type Policy } from '@change-actions/change-control'
import type { AuditSources, BoundRepository, CommitAndEnvironment } from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import { type GitHub, nameOf, reasonOf } from '@change-actions/github-actions/github'
import { DEFAULT_POLICY_FILE, parsePolicyText } from '@change-actions/github-actions/policy'
import type { FileInOneCommit } from '@change-actions/github-api'
import type { AuditInputs } from './inputs.ts'

/** A policy, none (`absent`), or one that cannot be read or has mistakes (undefined). */
type Found = Policy | 'absent' | undefined

export function auditSources(step: Step<AuditInputs>, github: GitHub): AuditSources {
  return {
    async freed(repository, asked) {
      const policies = await policiesOf(step, github, repository, asked)
      return ({ commit, environment }) => isFreed(policies.get(commit), environment)
    },
    runOver: ({ repository }, runId) => isRunOver(step, github, repository, runId)
  }
}

/** Undefined where GitHub does not show the run: it may have been deleted, and be over. */
async function isRunOver(
  { log }: Step<AuditInputs>,
  { octokit, send, isProblem }: GitHub,
  repository: string,
  runId: string
): Promise<boolean | undefined> {
  const { readRunCompleted } = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  try {
    return await send(() => readRunCompleted(octokit, nameOf(repository), runId))
  } catch (error) {
    if (!isProblem(error)) throw error
    log.debug(`The run ${runId} of ${repository} was not read: ${reasonOf(error)}`)
    return undefined
  }
}

/** The policies by commit, each commit once: a hundred a request. Without GitHub's response none is known. */
async function policiesOf(
  { log }: Step<AuditInputs>,
  { octokit, send, isProblem }: GitHub,
  { repository }: BoundRepository,
  asked: readonly CommitAndEnvironment[]
): Promise<ReadonlyMap<string, Found>> {
  const { fileAtCommits } = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  const commits = [...new Set(asked.map(one => one.commit))]
  const question = { ...nameOf(repository), path: DEFAULT_POLICY_FILE, commits }
  try {
    const files = await fileAtCommits(octokit, question, send)
    const found = new Map<string, Found>()
    for (const [commit, file] of files) found.set(commit, await policyIn(file))
    return found
  } catch (error) {
    if (!isProblem(error)) throw error
    log.debug(`The policies of ${repository} were not read: ${reasonOf(error)}`)
    return new Map()
  }
}

async function policyIn(file: FileInOneCommit): Promise<Found> {
  if (file.kind === 'text') return parsePolicyText(file.text)
  return file.kind === 'absent' ? 'absent' : undefined
}

/** Where the policy lists no such environment and demands it, nothing is freed: the gate would have refused. */
function isFreed(policy: Found, environment: string): boolean | undefined {
  if (policy === undefined) return undefined
  return policy === 'absent' ? false : controlOf(policy, environment).kind === 'free'
}
