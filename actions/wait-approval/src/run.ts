import type { Outcome } from '@change-actions/change-control'
import {
  ChangeError,
  findNamed,
  type Progress,
  type Wait,
  type Waited,
  waitForApproval
} from '@change-actions/change-operations'
import { oneLine, type Step } from '@change-actions/github-actions'
import {
  approvalFacts,
  type Connection,
  comments,
  connect,
  failureText,
  nameOf,
  reported,
  type StepReport,
  writeApproval,
  writeChange,
  writeProgress
} from '@change-actions/github-actions/change'
import type { WaitInputs } from '@change-actions/github-actions/input-sets'

/** Waits until the change may be deployed under, or says why it may not. */
export async function run(step: Step<WaitInputs>): Promise<void> {
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
  step: Step<WaitInputs>,
  connection: Connection,
  report: StepReport,
  see: (progress: Progress) => void
): Promise<void> {
  const { inputs, outputs, env } = step
  const { client, flow } = connection
  const name = nameOf(inputs, env)
  if (name === undefined) return dryWithoutChange(step, connection, report)
  const found =
    name.sysId === undefined || name.number !== undefined ? await findNamed(flow, name) : undefined
  if (found !== undefined) writeChange(outputs, client, found)
  const onLook = (progress: Progress) => {
    see(progress)
    if (progress.change === undefined) return
    report.change = progress.change
    writeChange(outputs, client, progress.change)
    writeApproval(outputs, progress.change)
  }
  const waited = await waitForApproval(flow, {
    ...waitOf(inputs, step.runtime.sha),
    sysId: found?.sysId ?? name.sysId ?? '',
    onLook
  })
  finish(step, waited, report)
}

function waitOf(inputs: WaitInputs, sha: string): Omit<Wait, 'sysId'> {
  const { proceedStates, waitStates, requireApproval, allowNewCommit, changeWindow } = inputs
  return {
    policy: {
      proceedStates,
      waitStates,
      requireApproval,
      allowNewCommit,
      respectWindow: changeWindow === 'respect',
      commit: sha
    },
    // A dry run is one look.
    timeoutMs: inputs.dryRun ? 0 : inputs.timeout,
    intervalMs: inputs.pollInterval
  }
}

function finish(step: Step<WaitInputs>, waited: Waited, report: StepReport): void {
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
  if (waited.warning !== undefined) log.warning(`${number}: ${waited.warning}`)
  if (approved) log.info(`${number}: ${waited.reason}.`)
  else if (outcome === 'dry-run')
    log.info(
      `Dry run: ${number} was looked at once and no gate is opened. ${waited.outcome}: ${waited.reason}.`
    )
  else refuse(step, waited, number)
}

function refuse(step: Step<WaitInputs>, waited: Waited, number: string): void {
  for (const comment of comments(waited)) step.log.info(comment)
  // Not being able to ask is a failure whatever the step is told to tolerate.
  if (waited.outcome === 'error') throw waited.error ?? new ChangeError('Change: error', waited.reason)
  const text = failureText(waited)
  const title = `Change ${number}: ${waited.outcome as Exclude<Outcome, 'approved'>}` as const
  if (step.inputs.failWhenNotApproved) throw new ChangeError(title, text, waited.error)
  step.log.warning(oneLine(text, 1_000), title)
}

function dryWithoutChange(step: Step<WaitInputs>, connection: Connection, report: StepReport): void {
  connection.flow.report.plan('wait for the approval of the change that the earlier step would have created')
  step.outputs.set('approved', false)
  step.outputs.set('outcome', 'dry-run')
  report.result = 'dry-run'
}
