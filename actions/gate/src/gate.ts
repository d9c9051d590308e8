import { markdown, oneLine, type Step } from '@change-actions/action-kit'
import { correlationScope, type GatePolicy, stateText } from '@change-actions/change-control'
import {
  attachAll,
  ChangeError,
  checkConflicts,
  createChange,
  enterImplement,
  type Progress,
  recordActual,
  type Waited,
  waitForApproval
} from '@change-actions/change-flow'
import type { Change } from '@change-actions/servicenow-client'
import { jobExporter } from '../../shared/src/change-name.ts'
import { type Connection, connect } from '../../shared/src/connect.ts'
import { attachmentsOutput, gatherEvidence } from '../../shared/src/evidence.ts'
import { writeApproval, writeChange, writeKind } from '../../shared/src/outputs.ts'
import { reported, type StepReport } from '../../shared/src/report.ts'
import { approvalFacts, comments, failureText, writeProgress } from '../../wait-approval/src/findings.ts'
import { acceptChange, bindSupplied } from './binding.ts'
import { runIsOver } from './github-run.ts'
import type { GateInputs } from './inputs.ts'
import { toGateRequest } from './request.ts'
import { saveGate } from './state.ts'

/** A step of the gate, with what all its parts look at. */
interface Gate {
  readonly step: Step<GateInputs>
  readonly connection: Connection
  readonly report: StepReport
  /** When a state was seen first, on the instance's clock. */
  readonly times: [string, number][]
}

/** Finds or creates the change, attaches, waits, and takes it to Implement: then, and only then, the step passes. */
export async function run(step: Step<GateInputs>): Promise<void> {
  const connection = connect(step)
  const latest: { progress: Progress } = {
    progress: { change: undefined, approvals: undefined, polls: 0, waitedMs: 0 }
  }
  step.onInterrupt(() => {
    step.outputs.set('outcome', 'interrupted')
    step.outputs.set('approved', false)
    writeProgress(step.outputs, latest.progress)
  })
  await reported(step, connection, 'Change-controlled deployment', async report => {
    try {
      await open({ step, connection, report, times: [] }, latest)
    } catch (error) {
      const outcome = error instanceof ChangeError ? error.outcome : undefined
      report.result = outcome ?? 'error'
      step.outputs.set('outcome', report.result)
      throw error
    }
  })
}

async function open(gate: Gate, latest: { progress: Progress }): Promise<void> {
  const { step, report } = gate
  const startedAt = step.now()
  const { change, created } = await prepareChange(gate)
  if (created) report.creationMs = step.now() - startedAt
  if (change === undefined)
    throw dryRun('The change would be created, and the deployment would wait for its approval')
  const policy = policyOf(step, 0)
  const waited = await waitForApproval(gate.connection.flow, {
    policy,
    sysId: change.sysId,
    timeoutMs: step.inputs.dryRun ? 0 : step.inputs.timeout,
    intervalMs: step.inputs.pollInterval,
    onLook: progress => {
      latest.progress = progress
      if (progress.change !== undefined) see(gate, progress.change)
    }
  })
  writeProgress(step.outputs, waited)
  report.waitMs = waited.waitedMs
  report.facts.push(...approvalFacts(waited, waited.outcome))
  judge(step, waited)
  await enter(gate, waited, { created, supplied: isSupplied(step.inputs) })
}

async function prepareChange(gate: Gate): Promise<{ change: Change | undefined; created: boolean }> {
  const { step, connection, report } = gate
  const { inputs, outputs, runtime } = step
  const { evidence, unmatched } = await gatherEvidence(
    { attachments: inputs.attachments },
    runtime,
    step.signal
  )
  if (unmatched.length > 0)
    throw Object.assign(
      new Error(unmatched.map(file => `\`attachments\`: no file matches ${JSON.stringify(file)}`).join('\n')),
      { title: 'Input error' }
    )
  const request = toGateRequest(inputs, runtime, step.now())
  const exportChange = jobExporter(step.env, step.exportVariable)
  outputs.set('correlation-id', request.correlationId)
  let current: Change | undefined
  return createChange(connection.flow, request, {
    onChange: (change, created) => {
      current = change
      outputs.set('created', created)
      exportChange(change)
      see(gate, change)
      saveGate(step, {
        sysId: change.sysId,
        number: change.number,
        created,
        supplied: isSupplied(inputs),
        entered: false
      })
    },
    accept: async (change, resolved) => {
      acceptChange(step, change, resolved)
      if (isSupplied(inputs)) await bindSupplied(connection.flow, change, request.correlationDisplay)
    },
    attach: async change => {
      const attached = await attachAll(connection.flow, change, evidence, 'skip', all =>
        outputs.set('attachments', attachmentsOutput(all))
      )
      if (attached.length > 0)
        report.facts.push(['Attachments', markdown(attached.map(one => one.name).join(', '))])
      if (change !== undefined && !inputs.dryRun) await assess(gate, current ?? change)
    }
  })
}

/** Risk and conflicts, before anybody is asked to approve. */
async function assess(gate: Gate, change: Change): Promise<void> {
  const { step, connection } = gate
  const { inputs, log } = step
  if (inputs.evaluateRisk) see(gate, await connection.client.changes.evaluateRisk(change.sysId))
  if (inputs.checkConflicts === 'ignore') return
  const found = await checkConflicts(connection.flow, change)
  if (found === undefined) {
    log.notice(`${change.number}: conflicts were not checked: that needs a CI and a planned start and end.`)
    return
  }
  if (found.conflicts.length === 0) return
  const list = found.conflicts
    .map(one => `${oneLine(one.change, 100)} (${oneLine(one.type, 100)})`)
    .join(', ')
  const text = `${change.number} conflicts with ${list}.`
  if (inputs.checkConflicts === 'warn') log.warning(text)
  else
    throw new ChangeError(
      `Change ${change.number}: conflict`,
      `${text}\nFix: plan another window, or have the conflict resolved.`,
      undefined,
      'conflict'
    )
}

/** Says what is known of the change, at once. */
function see(gate: Gate, change: Change): void {
  const { outputs } = gate.step
  const { client } = gate.connection
  gate.report.change = change
  writeChange(outputs, client, change)
  writeApproval(outputs, change)
  writeKind(outputs, change)
  const state = stateText(change)
  if (gate.times.at(-1)?.[0] !== state) gate.times.push([state, client.now()])
}

export function policyOf(step: Step<GateInputs>, deadline: number): GatePolicy {
  const { inputs } = step
  return {
    proceedStates: inputs.proceedStates,
    waitStates: inputs.waitStates,
    requireApproval: inputs.requireApproval,
    respectWindow: inputs.changeWindow === 'respect',
    minimumWindowMs: inputs.minimumWindow,
    allowNewCommit: inputs.allowNewCommit,
    commit: step.runtime.sha,
    deadline
  }
}

/** @throws ChangeError with the outcome, unless the gate may open */
function judge(step: Step<GateInputs>, waited: Waited): void {
  const number = waited.change?.number ?? ''
  if (waited.outcome === 'error')
    throw waited.error ?? new ChangeError('Change: error', waited.reason, undefined, 'error')
  if (step.inputs.dryRun) throw dryRun(`${number} was looked at once (${waited.outcome}: ${waited.reason})`)
  if (waited.warning !== undefined) step.log.warning(`${number}: ${waited.warning}`)
  if (waited.outcome === 'approved') return
  for (const comment of comments(waited.approvals)) step.log.info(comment)
  throw new ChangeError(
    `Change ${number}: ${waited.outcome}`,
    failureText(waited),
    waited.error,
    waited.outcome
  )
}

function dryRun(text: string): ChangeError {
  return new ChangeError(
    'Change: dry-run',
    `${text}. A dry run never opens a gate.\nFix: leave dry-run out to deploy.`,
    undefined,
    'dry-run'
  )
}

async function enter(
  gate: Gate,
  waited: Waited,
  made: { created: boolean; supplied: boolean }
): Promise<void> {
  const { step, connection, report, times } = gate
  const { runtime, inputs, log } = step
  const { flow, client } = connection
  if (waited.change === undefined) throw new Error('an approved gate has seen its change')
  const scope = correlationScope({ ...runtime, environment: inputs.environment ?? '' })
  const entered = await enterImplement(flow, {
    change: waited.change,
    claim: { runId: runtime.runId || '0', attempt: runtime.runAttempt || '1', scope },
    text: startNote(step),
    policy: policyOf(step, client.now()),
    takeOver: inputs.takeOver,
    runIsOver: runId => runIsOver(step, inputs.githubToken, runId)
  })
  const { sysId, number } = entered.change
  saveGate(step, { sysId, number, ...made, entered: true })
  see(gate, entered.change)
  const change = await recordActual(flow, entered.change, 'work_start', utc(client.now()))
  see(gate, change)
  report.result = 'approved'
  step.outputs.set('approved', true)
  step.outputs.set('outcome', 'approved')
  report.facts.push(['States', markdown(times.map(([state, at]) => `${state} ${utc(at)}`).join(', '))])
  log.info(`${number} is in ${change.stateLabel}: the deployment may start. ${client.changeUrl(sysId)}`)
}

function utc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** The claim is always written; what it tells people depends on `lifecycle-notes`. */
function startNote(step: Step<GateInputs>): string {
  const { runtime, inputs } = step
  const where = inputs.environment === undefined ? '' : ` to ${oneLine(inputs.environment, 100)}`
  if (!inputs.lifecycleNotes) return `Claimed by run ${runtime.runId}.`
  const facts = [
    `Deployment${where} started.`,
    `Repository: ${runtime.repository}`,
    `Commit: ${runtime.sha}`,
    `Run: ${runtime.runUrl} (attempt ${runtime.runAttempt})`,
    `Actor: ${runtime.actor}`
  ]
  return facts.join('\n')
}

function isSupplied(inputs: GateInputs): boolean {
  return inputs.changeNumber !== undefined || inputs.changeSysId !== undefined
}
