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
  type Connection,
  changeNameOf,
  claimRulesOf,
  commentedRows,
  commentOf,
  connect,
  describeError,
  dryRunProblem,
  identityOf,
  reasonText,
  reported,
  type StepReport,
  stepProblem,
  tellWait,
  WARNINGS,
  withState,
  writeApproval,
  writeBasis,
  writeChange,
  writeProgress,
  writeProof
} from '@change-actions/github-actions/change'
import { listsOf } from '@change-actions/github-actions/input-sets'
import { type Problem, parseInstance } from '@change-actions/servicenow-client'
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
  const show = { as: 'block', title: 'Change approval', environment: step.inputs.environment } as const
  await reported(step, connection, show, report => wait(step, connection, report, see))
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
    report.story.states = withState(report.story.states, progress.change, client.now())
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
  const { whenNotRequested, allowNewCommit, changeWindow } = inputs
  return {
    ...listsOf(inputs),
    requireApproval: inputs.requireApproval,
    requireApprover: inputs.requireApprover,
    selfApproval: inputs.selfApproval,
    editsAfterSubmission: inputs.editsAfterSubmission,
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
  report.result = outcome
  outputs.set('approved', approved)
  outputs.set('outcome', outcome)
  writeProgress(outputs, waited)
  const basis = writeBasis(outputs, waited, inputs.requireApproval)
  tellWait(step, report, waited)
  const number = waited.change?.number ?? ''
  if (waited.warning !== undefined) log.warning(`${number}: ${WARNINGS[waited.warning]}`)
  if (!approved) return refuse(step, waited, outcome)
  log.info(`${number}: ${waited.reason === undefined ? outcome : reasonText(waited.reason)}.`)
  const { deployment } = identityOf(step.runtime, inputs)
  writeProof(step, { waited, deployment, instance: parseInstance(inputs.instance ?? ''), basis })
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
  if (outcome === 'error') throw error
  await tolerate(step, error as unknown as Problem)
}

/** @throws Problem unless the step is told to tolerate it */
async function refuse(step: Step<WaitApprovalInputs>, waited: Waited, outcome: Outcome): Promise<void> {
  const isDry = outcome === 'dry-run'
  if (!isDry) for (const comment of commentedRows(waited).flatMap(commentOf)) step.log.info(comment)
  const problem = isDry ? dryRunProblem(waited) : problemOfWait(waited)
  // Having no usable response is a failure whatever the step is told to tolerate.
  if (outcome === 'error') throw problem
  await tolerate(step, problem)
}

/** Not decided yet: for a step that was told to check once this is no reason to warn. */
const NOT_YET = new Set<Outcome | undefined>(['timeout', 'window-not-open'])

/** A step that is told not to fail warns; one that checks once, and may check again, has a notice. */
async function tolerate(step: Step<WaitApprovalInputs>, problem: Problem): Promise<void> {
  if (step.inputs.failWhenNotApproved) throw problem
  const { title, lines } = (await describeError(problem)) ?? { title: problem.outcome ?? '', lines: [] }
  const isNotYet = step.inputs.timeout === 0 && NOT_YET.has(problem.outcome as Outcome | undefined)
  const write = isNotYet ? step.log.notice : step.log.warning
  write(oneLine(lines.join('\n'), 1_000), title)
}

/** The step before would have made the change. */
async function dryWithoutChange(
  step: Step<WaitApprovalInputs>,
  connection: Connection,
  report: StepReport
): Promise<void> {
  connection.plan({ type: 'wait-for-missing' })
  step.outputs.set('approved', false)
  step.outputs.set('outcome', 'dry-run')
  report.result = 'dry-run'
  await tolerate(step, stepProblem('dry-run', {}, { outcome: 'dry-run' }))
}
