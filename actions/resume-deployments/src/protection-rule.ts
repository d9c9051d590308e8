/** Deployments that wait for the decision of a GitHub App: custom deployment protection rules. */
import { isInScope } from '@change-actions/change-control'
import type { DecidedChange } from '@change-actions/change-operations'
import { oneLine } from '@change-actions/github-actions'
import { reasonText } from '@change-actions/github-actions/change'
import type { GitHub } from '@change-actions/github-actions/github'
import { decideRule, pendingEnvironments, readRun, reviewsOf } from '@change-actions/github-api'
import { type Latch, nameOf, type Result, type Writer } from './latch.ts'

const NO_RULE =
  'install the GitHub App on the repository with the permissions actions: read and deployments: write, and enable its rule in the environment (Settings, Environments, Deployment protection rules)'

type State = 'approved' | 'rejected'

/** @param urlOf the page of a change */
export function protectionRule(github: GitHub, writer: Writer, urlOf: (sysId: string) => string): Latch {
  const decide = async (one: DecidedChange, state: State): Promise<Result> => {
    const runId = one.binding.runId
    const pending = await github.send(() => pendingEnvironments(github.octokit, nameOf(one), runId))
    const [environment, ...others] = pending.filter(name => isOf(one, name))
    if (environment === undefined) return { kind: 'skipped', reason: 'nothing waits for it at GitHub' }
    if (others.length > 0)
      return {
        kind: 'skipped',
        warn: true,
        reason: `its run waits at several environments (${[environment, ...others].join(', ')}), and the change names none`
      }
    if (await isAnswered(github, one, environment))
      return {
        kind: 'skipped',
        environment,
        reason: 'decided already; another rule of the environment is open'
      }
    return await send(github, writer, one, { environment, state, comment: commentOf(one, urlOf) })
  }
  return { letGo: one => decide(one, 'approved'), reject: one => decide(one, 'rejected') }
}

/** A change that was made without an environment serves any one. */
function isOf({ binding, repository }: DecidedChange, environment: string): boolean {
  const { server: serverUrl, repository: name } = repository
  return isInScope(binding.scope, { serverUrl, repository: name, environment })
}

async function send(
  github: GitHub,
  writer: Writer,
  one: DecidedChange,
  decision: { readonly environment: string; readonly state: State; readonly comment: string }
): Promise<Result> {
  const { octokit } = github
  const { environment } = decision
  const name = nameOf(one)
  const { runId } = one.binding
  const isPending = async () => (await pendingEnvironments(octokit, name, runId)).includes(environment)
  try {
    await writer.write(
      () => decideRule(octokit, name, runId, decision),
      async () => ((await isPending()) ? undefined : true)
    )
    return { kind: 'done', environment }
  } catch (error) {
    if (!github.isProblem(error)) throw error
    const said = error.facts.message ?? error.code
    if (error.code === 'no-permission')
      return {
        kind: 'failed',
        environment,
        reason: `the App of this token owns no enabled rule of the environment ${environment}, or may not decide (${said})`,
        fix: NO_RULE
      }
    // Somebody else may have decided at the same moment.
    if (error.code === 'rejected')
      return { kind: 'skipped', environment, warn: true, reason: `GitHub takes no decision: ${said}` }
    throw error
  }
}

/** Each attempt asks the rule once at most: with as many decisions as attempts, this one has its own. */
async function isAnswered(github: GitHub, one: DecidedChange, environment: string): Promise<boolean> {
  const name = nameOf(one)
  const { runId } = one.binding
  const reviews = await github.send(() => reviewsOf(github.octokit, name, runId))
  const ours = reviews.filter(
    review => review.comment.startsWith(SIGN) && review.environments.includes(environment)
  )
  if (ours.length === 0) return false
  const run = await github.send(() => readRun(github.octokit, name, runId))
  return ours.length >= run.attempt
}

/** By it our decisions are known among others. */
const SIGN = 'ServiceNow '

function commentOf({ change, decision }: DecidedChange, urlOf: (sysId: string) => string): string {
  return `${SIGN}${oneLine(change.number, 40)}: ${oneLine(reasonText(decision.reason), 400)}. ${urlOf(change.sysId)}`
}
