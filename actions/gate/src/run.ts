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
import type { PolicyFacts, Step } from '@change-actions/github-actions'
import {
  type BriefLinks,
  briefLinks,
  claimRulesOf,
  commentedRows,
  commentOf,
  connect,
  dryRunProblem,
  failureOf,
  identityOf,
  keptConnection,
  keptFailure,
  reasonText,
  reported,
  stepProblem,
  tellWait,
  WARNINGS,
  withPemText,
  writeBasis,
  writeProgress,
  writeProof
} from '@change-actions/github-actions/change'
import { listsOf } from '@change-actions/github-actions/input-sets'
import { type Change, Interrupted, Problem } from '@change-actions/servicenow-client'
import { assessOnce } from './conflicts.ts'
import type { GateInputs } from './inputs.ts'
import { prepareChange } from './prepare.ts'
import { type Gate, remember, see } from './progress.ts'

/** Names the part of the summary that has no change to name. */
const TITLE = 'Change-controlled deployment'

/**
 * Finds or creates the change, attaches, waits, and takes it to Implement: then, and only then, the step passes.
 *
 * @throws Problem with the outcome of the gate
 */
export async function run(step: Step<GateInputs>): Promise<void> {
  const secrets = withPemText(step.inputs)
  const connection = connect({ ...step, inputs: secrets })
  const connectionKept = keptConnection(secrets, step.env)
  const identity = identityOf(step.runtime, step.inputs)
  const show = { as: 'block', title: TITLE, environment: step.inputs.environment } as const
  await reported(step, connection, show, async report => {
    report.story.version = step.inputs.version
    const gate: Gate = {
      step,
      identity,
      claims: claimRulesOf(step, identity, step.inputs),
      connection,
      report,
      state: undefined,
      connectionKept,
      foreign: false,
      own: false,
      links: undefined,
      conflictsTold: new Set(),
      progress: { change: undefined, approvals: undefined, polls: 0, requests: 0, waitedMs: 0 }
    }
    step.onInterrupt(() => {
      writeProgress(step.outputs, gate.progress)
      conclude(gate, 'interrupted')
    })
    try {
      await open(gate)
      conclude(gate, 'approved')
    } catch (error) {
      if (error instanceof Interrupted) throw error
      conclude(gate, (error instanceof Problem ? error.outcome : undefined) ?? 'error')
      remember(gate, { failure: keptFailure(await failureOf(error), step.redact) })
      throw error
    }
  })
}

/** Tells the outcome of the gate to the steps after it and to the post step. */
function conclude(gate: Gate, outcome: string): void {
  const { step, report, state } = gate
  const approved = outcome === 'approved'
  step.outputs.set('approved', approved)
  step.outputs.set('outcome', outcome)
  report.result = outcome
  if (state === undefined) return
  report.story.states = state.times
  report.story.links = state.links ?? []
  report.story.refused = !approved
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
    own: { ...gate.claims, ofJob: false },
    onPoll: progress => {
      gate.progress = progress
      if (progress.change !== undefined) see(gate, progress.change)
    }
  }
  const { timeout: timeoutMs, pollInterval: intervalMs } = inputs
  const waited = inputs.dryRun
    ? await lookOnce(connection.context, look)
    : await waitForApproval(connection.context, { ...look, timeoutMs, intervalMs })
  tellWait(step, report, waited)
  const { decisions } = report.story
  if (decisions.length > 0) remember(gate, { decisions })
  writeProgress(step.outputs, waited)
  const basis = writeBasis(step.outputs, waited, inputs.requireApproval)
  judge(step, waited)
  await enter(gate, waited.change ?? change)
  const { deployment } = gate.identity
  writeProof(step, { waited, deployment, instance: connection.client.instance, basis })
}

function policyOf({ step, foreign }: Gate): GatePolicy {
  const { inputs } = step
  return {
    ...listsOf(inputs),
    requireApproval: inputs.requireApproval,
    requireApprover: inputs.requireApprover,
    selfApproval: inputs.selfApproval,
    editsAfterSubmission: inputs.editsAfterSubmission,
    whenNotRequested: inputs.whenNotRequested,
    respectWindow: inputs.changeWindow === 'respect',
    minimumWindowMs: inputs.minimumWindow,
    allowNewCommit: inputs.allowNewCommit,
    requireBinding: inputs.requireBinding,
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

function policyText(policy: PolicyFacts | undefined): string {
  if (policy === undefined) return ''
  const { repository, path, commit, section } = policy
  return `${repository}/${path} at commit ${commit}${section === undefined ? '' : `, section ${section}`}`
}

/** Pages for the notes at start and end. Of a change that was there before they are not known yet. */
async function linksOf(gate: Gate, change: Change): Promise<BriefLinks> {
  const { step } = gate
  if (gate.links !== undefined || !step.inputs.lifecycleNotes) return gate.links ?? []
  const { environment } = step.inputs
  const links = await briefLinks(step, { environment, change, ask: true })
  gate.links = links
  if (links.length > 0) remember(gate, { links })
  return links
}

async function enter(gate: Gate, approved: Change): Promise<void> {
  const { step, connection } = gate
  const { inputs, log } = step
  const { context, client } = connection
  // Another change may have been planned since approval was requested.
  const [links] = await Promise.all([linksOf(gate, approved), assessOnce(gate, approved, false)])
  const { change: entered } = await enterImplement(context, {
    change: approved,
    ...gate.claims,
    policy: policyOf(gate),
    lifecycleNotes: inputs.lifecycleNotes,
    facts: [...links, ['Policy', policyText(step.policy)]],
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
