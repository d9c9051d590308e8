import { correlationScope, type GatePolicy } from '@change-actions/change-control'
import {
  ChangeError,
  enterImplement,
  recordActual,
  type Waited,
  waitForApproval
} from '@change-actions/change-operations'
import { markdown, type Step } from '@change-actions/github-actions'
import {
  approvalFacts,
  comments,
  connect,
  failureText,
  reported,
  writeProgress
} from '@change-actions/github-actions/change'
import { isRunCompleted } from '@change-actions/github-api'
import type { Change } from '@change-actions/servicenow-client'
import type { GateInputs } from './inputs.ts'
import { startText, utc } from './notes.ts'
import { prepareChange } from './prepare.ts'
import { type Gate, remember, see } from './progress.ts'

/** Finds or creates the change, attaches, waits, and takes it to Implement: then, and only then, the step passes. */
export async function run(step: Step<GateInputs>): Promise<void> {
  const connection = connect(step)
  await reported(step, connection, 'Change-controlled deployment', async report => {
    const progress = { change: undefined, approvals: undefined, polls: 0, requests: 0, waitedMs: 0 }
    const gate: Gate = {
      step,
      connection,
      report,
      state: undefined,
      foreign: false,
      progress,
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
      conclude(gate, (error instanceof ChangeError ? error.outcome : undefined) ?? 'error')
      throw error
    }
  })
}

/** Says how the gate ended, to the steps after it and to the post step. */
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
  report.facts.push(['States', markdown(state.times.map(([name, at]) => `${name} ${utc(at)}`).join(', '))])
  if (!approved) remember(gate, { outcome })
}

async function open(gate: Gate): Promise<void> {
  const { step, report, connection } = gate
  const { inputs } = step
  const startedAt = step.now()
  const { change, created } = await prepareChange(gate)
  if (created) report.creationMs = step.now() - startedAt
  if (change === undefined)
    throw dryRun(
      'Change not created',
      'The change would be created, and the deployment would wait for its approval'
    )
  const waited = await waitForApproval(connection.flow, {
    policy: policyOf(gate, 0),
    sysId: change.sysId,
    // A dry run is one look.
    timeoutMs: inputs.dryRun ? 0 : inputs.timeout,
    intervalMs: inputs.pollInterval,
    onLook: progress => {
      gate.progress = progress
      if (progress.change !== undefined) see(gate, progress.change)
    }
  })
  gate.waited = waited
  writeProgress(step.outputs, waited)
  report.waitMs = waited.waitedMs
  judge(step, waited)
  await enter(gate, waited.change ?? change)
}

function policyOf({ step, foreign }: Gate, deadline: number): GatePolicy {
  const { inputs } = step
  return {
    proceedStates: inputs.proceedStates,
    waitStates: inputs.waitStates,
    requireApproval: inputs.requireApproval,
    respectWindow: inputs.changeWindow === 'respect',
    minimumWindowMs: inputs.minimumWindow,
    allowNewCommit: inputs.allowNewCommit,
    // The commit of another repository says nothing about this one's.
    commit: foreign ? undefined : step.runtime.sha,
    deadline
  }
}

/** @throws ChangeError with the outcome, unless the gate may open */
function judge(step: Step<GateInputs>, waited: Waited): void {
  const number = waited.change?.number ?? ''
  if (waited.outcome === 'error')
    throw waited.error ?? new ChangeError(`Change ${number}: error`, waited.reason, undefined, 'error')
  if (step.inputs.dryRun)
    throw dryRun(
      `Change ${number}`,
      `${number} was looked at once (${waited.outcome}: ${waited.reason.replace(/\.$/, '')})`
    )
  if (waited.warning !== undefined) step.log.warning(`${number}: ${waited.warning}`)
  if (waited.outcome === 'approved') {
    step.log.info(`${number}: ${waited.reason}.`)
    return
  }
  for (const comment of comments(waited)) step.log.info(comment)
  throw new ChangeError(
    `Change ${number}: ${waited.outcome}`,
    failureText(waited),
    waited.error,
    waited.outcome
  )
}

function dryRun(what: `Change ${string}`, text: string): ChangeError {
  return new ChangeError(
    `${what}: dry-run`,
    `${text}. A dry run never opens a gate.\nFix: leave dry-run out to deploy.`,
    undefined,
    'dry-run'
  )
}

async function enter(gate: Gate, approved: Change): Promise<void> {
  const { step, connection } = gate
  const { runtime, inputs, log } = step
  const { flow, client } = connection
  const scope = correlationScope({ ...runtime, environment: inputs.environment ?? '' })
  const { change: entered } = await enterImplement(flow, {
    change: approved,
    claim: { runId: runtime.runId || '0', attempt: runtime.runAttempt || '1', scope },
    text: startText(inputs, runtime),
    policy: policyOf(gate, client.now()),
    takeOver: inputs.takeOver,
    runIsOver: runId =>
      isRunCompleted({
        apiUrl: step.env.GITHUB_API_URL ?? 'https://api.github.com',
        repository: runtime.repository,
        token: inputs.githubToken,
        runId,
        sleep: step.sleep,
        debug: text => log.debug(text)
      }),
    onEnter: () => remember(gate, { phase: 'entering' }),
    onMoved: moved => see(gate, moved)
  })
  remember(gate, { phase: 'entered' })
  see(gate, entered)
  const change = await recordActual(flow, entered, 'work_start')
  see(gate, change)
  log.info(
    `${change.number} is in ${change.stateLabel}: the deployment may start. ${client.changeUrl(change.sysId)}`
  )
}
