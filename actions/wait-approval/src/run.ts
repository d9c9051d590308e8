import type { GatePolicy, Outcome } from '@change-actions/change-control'
import {
  findNamed,
  isChangeProblem,
  type Look,
  lookOnce,
  type Progress,
  problemOfWait,
  type Waited,
  waitForApproval
} from '@change-actions/change-operations'
import { oneLine, type Step } from '@change-actions/github-actions'
import {
  approvalFacts,
  type Connection,
  changeNameOf,
  checkedOnceText,
  claimRulesOf,
  commentedRows,
  commentOf,
  connect,
  describeError,
  identityOf,
  reasonText,
  reported,
  type StepReport,
  WARNINGS,
  whyText,
  writeApproval,
  writeChange,
  writeProgress
} from '@change-actions/github-actions/change'
import { listsOf } from '@change-actions/github-actions/input-sets'
import type { WaitApprovalInputs } from './inputs.ts'

/**
 * Waits until the change may be deployed under, or says why it may not.
 *
 * @throws Problem with the outcome of the wait, unless it is approved
 */
export async function run(step: Step<WaitApprovalInputs>): Promise<void> {
  const connection = connect(step)
  let latest: Progress = { change: undefined, approvals: undefined, polls: 0, requests: 0, waitedMs: 0 }
  step.onInterrupt(() => {
    step.outputs.set('outcome', 'interrupted')
    step.outputs.set('approved', false)
    writeProgress(step.outputs, latest)
  })
  const see = (progress: Progress) => {
    latest = progress
  }
  await reported(step, connection, 'Change approval', report => wait(step, connection, report, see))
}

async function wait(
  step: Step<WaitApprovalInputs>,
  connection: Connection,
  report: StepReport,
  see: (progress: Progress) => void
): Promise<void> {
  const { inputs, outputs, env } = step
  const { client, context } = connection
  const name = changeNameOf(inputs, env)
  if (name === undefined) return dryWithoutChange(step, connection, report)
  const found =
    name.sysId === undefined || name.number !== undefined ? await findNamed(context, name) : undefined
  if (found !== undefined) writeChange(outputs, client, found)
  const onPoll = (progress: Progress) => {
    see(progress)
    if (progress.change === undefined) return
    report.change = progress.change
    writeChange(outputs, client, progress.change)
    writeApproval(outputs, progress.change)
  }
  const look: Look = {
    sysId: found?.sysId ?? name.sysId ?? '',
    policy: policyOf(inputs, step.runtime.sha),
    own: {
      ...claimRulesOf(step, identityOf(step.runtime, inputs), inputs),
      ofJob: found === undefined && name.ofJob === true
    },
    onPoll
  }
  const { timeout: timeoutMs, pollInterval: intervalMs } = inputs
  const waiting = inputs.dryRun
    ? lookOnce(context, look)
    : waitForApproval(context, { ...look, timeoutMs, intervalMs })
  const waited = await waiting.catch(error => refuseUnwaited(step, error, report))
  if (waited !== undefined) await finish(step, waited, report)
}

function policyOf(inputs: WaitApprovalInputs, sha: string): GatePolicy {
  const { requireApproval, whenNotRequested, allowNewCommit, changeWindow } = inputs
  return {
    ...listsOf(inputs),
    requireApproval,
    whenNotRequested,
    allowNewCommit,
    requireBinding: inputs.requireBinding,
    respectWindow: changeWindow === 'respect',
    commit: sha
  }
}

async function finish(step: Step<WaitApprovalInputs>, waited: Waited, report: StepReport): Promise<void> {
  const { inputs, outputs, log } = step
  const outcome: Outcome = inputs.dryRun && waited.outcome !== 'error' ? 'dry-run' : waited.outcome
  const approved = outcome === 'approved'
  report.waitMs = waited.waitedMs
  report.result = outcome
  outputs.set('approved', approved)
  outputs.set('outcome', outcome)
  writeProgress(outputs, waited)
  report.facts.push(...approvalFacts(waited, outcome))
  const number = waited.change?.number ?? ''
  if (waited.warning !== undefined) log.warning(`${number}: ${WARNINGS[waited.warning]}`)
  if (approved) log.info(`${number}: ${waited.reason === undefined ? outcome : reasonText(waited.reason)}.`)
  else if (outcome === 'dry-run')
    log.info(`Dry run: ${checkedOnceText(number, waited.outcome, whyText(waited))}`)
  else await refuse(step, waited)
}

/** A change that is not for this deployment is not waited for. @throws what was thrown, unless that is tolerated */
async function refuseUnwaited(
  step: Step<WaitApprovalInputs>,
  error: unknown,
  report: StepReport
): Promise<undefined> {
  if (!isChangeProblem(error)) throw error
  const { outcome = 'error' } = error
  report.result = outcome
  step.outputs.set('approved', false)
  step.outputs.set('outcome', outcome)
  if (outcome === 'error' || step.inputs.failWhenNotApproved) throw error
  await warn(step, error, outcome)
}

async function refuse(step: Step<WaitApprovalInputs>, waited: Waited): Promise<void> {
  for (const comment of commentedRows(waited).flatMap(commentOf)) step.log.info(comment)
  const problem = problemOfWait(waited)
  // Having no usable response is a failure whatever the step is told to tolerate.
  if (waited.outcome === 'error' || step.inputs.failWhenNotApproved) throw problem
  await warn(step, problem, waited.outcome)
}

async function warn(step: Step<WaitApprovalInputs>, problem: unknown, outcome: string): Promise<void> {
  const { title, lines } = (await describeError(problem)) ?? { title: outcome, lines: [] }
  step.log.warning(oneLine(lines.join('\n'), 1_000), title)
}

function dryWithoutChange(step: Step<WaitApprovalInputs>, connection: Connection, report: StepReport): void {
  connection.plan({ type: 'wait-for-missing' })
  step.outputs.set('approved', false)
  step.outputs.set('outcome', 'dry-run')
  report.result = 'dry-run'
}
