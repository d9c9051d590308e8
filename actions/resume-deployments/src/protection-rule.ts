/** Deployments that wait for the decision of a GitHub App: custom deployment protection rules. */
import { isInScope, stateOf } from '@change-actions/change-control'
import type { DecidedChange } from '@change-actions/change-operations'
import type { GitHub } from '@change-actions/github-actions/github'
import { decideRule, pendingEnvironments, readRun } from '@change-actions/github-api'
import { type Answers, answersAt, commentOf } from './answers.ts'
import { isNews, type Latch, NOTHING, nameOf, nothingLeft, type Result, type Writer } from './latch.ts'

const NO_RULE =
  'install the GitHub App on the repository with the permissions actions: read and deployments: write, and enable its rule in the environment (Settings, Environments, Deployment protection rules)'

type State = 'approved' | 'rejected'

/**
 * @param urlOf the page of a change
 * @param now epoch milliseconds, on the instance's clock
 */
export function protectionRule(
  github: GitHub,
  writer: Writer,
  { urlOf, now }: { urlOf(sysId: string): string; now(): number }
): Required<Latch> {
  const answers = answersAt(github)
  const decide = async (one: DecidedChange, state: State): Promise<Result> => {
    const runId = one.binding.runId
    const pending = await github.send(() => pendingEnvironments(github.octokit, nameOf(one), runId))
    const [environment, ...others] = pending.filter(name => isOf(one, name))
    if (environment === undefined) return { kind: 'nothing' }
    if (others.length > 0)
      return {
        kind: 'skipped',
        warn: true,
        reason: `its run waits at several environments (${[environment, ...others].join(', ')}), and the change names none`
      }
    const given = await answers.given(one, name => name === environment)
    if (await answers.areAll(one, environment, given))
      return {
        kind: 'skipped',
        environment,
        reason: 'decided already; another rule of the environment is open'
      }
    const comment = commentOf(one, urlOf(one.change.sysId))
    return await send(github, writer, one, { decision: { environment, state, comment }, answers, given })
  }
  return {
    letGo: one => decide(one, 'approved'),
    reject: one => decide(one, 'rejected'),
    explain: one => explain(github, answers, one, now())
  }
}

/** A deployment that has begun, or of which everybody has heard, costs no further request. */
async function explain(github: GitHub, answers: Answers, one: DecidedChange, now: number): Promise<Result> {
  if (!isNews(one, now) || stateOf(one.change.state) === 'implement') return { kind: 'nothing' }
  const run = await github.send(() => readRun(github.octokit, nameOf(one), one.binding.runId))
  if (run.status !== 'completed') return { kind: 'skipped', reason: `${NOTHING}: its run goes on` }
  const given = await answers.given(one, name => isOf(one, name))
  if (given >= run.attempt) return { kind: 'skipped', reason: 'it was let go, and its run is over' }
  const ended = `its run ended with ${run.conclusion ?? 'no conclusion'}`
  return {
    kind: 'skipped',
    warn: true,
    reason: nothingLeft(ended)
  }
}

/** A change that was made without an environment serves any one. */
function isOf({ binding, repository }: DecidedChange, environment: string): boolean {
  const { server: serverUrl, repository: name } = repository
  return isInScope(binding.scope, { serverUrl, repository: name, environment })
}

interface Sending {
  readonly decision: { readonly environment: string; readonly state: State; readonly comment: string }
  readonly answers: Answers
  /** Decisions of ours before this one. */
  readonly given: number
}

async function send(
  github: GitHub,
  writer: Writer,
  one: DecidedChange,
  { decision, answers, given }: Sending
): Promise<Result> {
  const { octokit } = github
  const { environment } = decision
  const name = nameOf(one)
  const { runId } = one.binding
  const isPending = async () => (await pendingEnvironments(octokit, name, runId)).includes(environment)
  let isLost = false
  /** Another rule may keep the environment waiting after our decision. */
  const find = async () => {
    isLost = true
    const isTaken = !(await isPending()) || (await answers.given(one, each => each === environment)) > given
    return isTaken ? true : undefined
  }
  try {
    await writer.write(() => decideRule(octokit, name, runId, decision), find)
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
    // Nothing documents which of the two GitHub responds with; the run was there a moment ago.
    if (error.code !== 'rejected' && error.code !== 'not-found') throw error
    // The attempt whose response was lost was taken.
    if (isLost) return { kind: 'done', environment }
    const still = await github.send(isPending)
    const why = still
      ? 'decided already, as far as GitHub tells; another rule of the environment is open'
      : 'it waits no more'
    return { kind: 'skipped', environment, reason: `${why} (${said})` }
  }
}
