import type { GatePolicy } from '@change-actions/change-control'
import {
  enterImplement,
  type Look,
  lookOnce,
  problemOfWait,
  recordActual,
  type Waited,
  waitForApproval
} from '@change-actions/change-operations'
import { markdown, type Step } from '@change-actions/github-actions'
import {
  approvalFacts,
  approversOf,
  commentedRows,
  commentOf,
  connect,
  deploymentOf,
  dryRunProblem,
  isRunCompleted,
  reasonText,
  reported,
  statesFacts,
  stepProblem,
  WARNINGS,
  writeBasis,
  writeProgress
} from '@change-actions/github-actions/change'
import { type Change, Problem } from '@change-actions/servicenow-client'
import { assessOnce } from './conflicts.ts'
import type { GateInputs } from './inputs.ts'
import { prepareChange } from './prepare.ts'
import { type Gate, remember, see } from './progress.ts'

/**
 * Finds or creates the change, attaches, waits, and takes it to Implement: then, and only then, the step passes.
 *
 * @throws Problem with the outcome of the gate
 */
export async function run(step: Step<GateInputs>): Promise<void> {
  const connection = connect(step)
  await reported(step, connection, 'Change-controlled deployment', async report => {
    const gate: Gate = {
      step,
      deployment: deploymentOf(step.runtime, step.inputs),
      connection,
      report,
      state: undefined,
      foreign: false,
      conflictsTold: new Set(),
      progress: { change: undefined, approvals: undefined, polls: 0, requests: 0, waitedMs: 0 },
      waited: undefined
    }
    step.onInterrupt(() => {
      writeProgress(step.outputs, gate.progress)
      conclude(gate, 'interrupted')
    })
    try {
      await open(gate)
      conclude(gate, 'approved')
    } catch (error) {
      conclude(gate, (error instanceof Problem ? error.outcome : undefined) ?? 'error')
      throw error
    }
  })
}

/** Tells the outcome of the gate to the steps after it and to the post step. */
function conclude(gate: Gate, outcome: string): void {
  const { step, report, waited, state } = gate
  const approved = outcome === 'approved'
  step.outputs.set('approved', approved)
  step.outputs.set('outcome', outcome)
  report.result = outcome
  report.facts.unshift(['Outcome', markdown(outcome)])
  if (waited !== undefined)
    report.facts.push(...approvalFacts(waited, waited.outcome).filter(([name]) => name !== 'Outcome'))
  if (state === undefined) return
  report.facts.push(...statesFacts(state.times))
  if (!approved) remember(gate, { outcome })
}

async function open(gate: Gate): Promise<void> {
  const { step, report, connection } = gate
  const { inputs } = step
  const { change, creationMs } = await prepareChange(gate)
  report.creationMs = creationMs
  if (change === undefined) throw stepProblem('dry-run', {}, { outcome: 'dry-run' })
  const look: Look = {
    policy: policyOf(gate),
    sysId: change.sysId,
    onPoll: progress => {
      gate.progress = progress
      if (progress.change !== undefined) see(gate, progress.change)
    }
  }
  const { timeout: timeoutMs, pollInterval: intervalMs } = inputs
  const waited = inputs.dryRun
    ? await lookOnce(connection.context, look)
    : await waitForApproval(connection.context, { ...look, timeoutMs, intervalMs })
  gate.waited = waited
  const approvedBy = approversOf(waited.approvals)
  if (approvedBy.length > 0) remember(gate, { approvedBy })
  writeProgress(step.outputs, waited)
  writeBasis(step.outputs, waited, inputs.requireApproval)
  report.waitMs = waited.waitedMs
  judge(step, waited)
  await enter(gate, waited.change ?? change)
}

function policyOf({ step, foreign }: Gate): GatePolicy {
  const { inputs } = step
  return {
    proceedStates: inputs.proceedStates,
    waitStates: inputs.waitStates,
    requireApproval: inputs.requireApproval,
    requireApprover: inputs.requireApprover,
    selfApproval: inputs.selfApproval,
    editsAfterSubmission: inputs.editsAfterSubmission,
    whenNotRequested: inputs.whenNotRequested,
    respectWindow: inputs.changeWindow === 'respect',
    minimumWindowMs: inputs.minimumWindow,
    allowNewCommit: inputs.allowNewCommit,
    // The commit of another repository says nothing about this one's.
    commit: foreign ? undefined : step.runtime.sha
  }
}

/** @throws Problem with the outcome, unless the gate may open */
function judge(step: Step<GateInputs>, waited: Waited): void {
  const { change, outcome, reason } = waited
  const number = change?.number ?? ''
  if (outcome === 'error') throw problemOfWait(waited)
  if (step.inputs.dryRun) throw dryRunProblem(waited)
  if (waited.warning !== undefined) step.log.warning(`${number}: ${WARNINGS[waited.warning]}`)
  if (outcome === 'approved') {
    step.log.info(`${number}: ${reason === undefined ? outcome : reasonText(reason)}.`)
    return
  }
  for (const comment of commentedRows(waited).flatMap(commentOf)) step.log.info(comment)
  throw problemOfWait(waited)
}

async function enter(gate: Gate, approved: Change): Promise<void> {
  const { step, connection, deployment } = gate
  const { inputs, log } = step
  const { context, client } = connection
  // Another change may have been planned since approval was requested.
  await assessOnce(gate, approved, false)
  const { change: entered } = await enterImplement(context, {
    change: approved,
    deployment,
    policy: policyOf(gate),
    lifecycleNotes: inputs.lifecycleNotes,
    takeOver: inputs.takeOver,
    runIsOver: runId => isRunCompleted(step, inputs.githubToken, runId),
    onEnter: () => remember(gate, { phase: 'entering' }),
    onMoved: moved => see(gate, moved)
  })
  remember(gate, { phase: 'entered' })
  see(gate, entered)
  const change = await recordActual(context, entered, 'work_start')
  see(gate, change)
  log.info(
    `${change.number} is in ${change.stateLabel}: the deployment may start. ${client.changeUrl(change.sysId)}`
  )
}
