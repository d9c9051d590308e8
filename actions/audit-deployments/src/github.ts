/** What the audit reads from GitHub. */
import type { AuditedRepository } from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import { type GitHub, reasonOf, repositoryNames, type Unread } from '@change-actions/github-actions/github'
import type { DeploymentSpan } from '@change-actions/github-api'
import type { AuditInputs } from './inputs.ts'
import { recorded } from './recorded.ts'

/** A span of time; epoch milliseconds, both included. */
export interface Span {
  readonly since: number
  readonly until: number
}

export interface ReadRepositories {
  readonly repositories: readonly AuditedRepository[]
  readonly unread: readonly Unread[]
}

/** The deployments of all repositories that were asked for. One that cannot be read does not keep the others. */
export async function readRepositories(
  step: Step<AuditInputs>,
  github: GitHub,
  span: Span
): Promise<ReadRepositories> {
  const { names, unread } = await repositoryNames(step, step.inputs.repositories, github)
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
