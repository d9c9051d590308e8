import type { SavedConnection } from '@change-actions/change-control'
import type { ClaimRules, GateState, Identity, Progress } from '@change-actions/change-operations'
import { type Step, shorten } from '@change-actions/github-actions'
import {
  type BriefLinks,
  type Connection,
  type StepReport,
  withState,
  writeWholeChange
} from '@change-actions/github-actions/change'
import type { Change } from '@change-actions/servicenow-client'
import type { GateInputs } from './inputs.ts'
import { saveGate } from './state.ts'

/** A step of the gate: what all its parts need, and what is known so far. */
export interface Gate {
  readonly step: Step<GateInputs>
  readonly identity: Identity
  readonly claims: ClaimRules
  readonly connection: Connection
  readonly report: StepReport
  /** What the post step is to know; undefined until there is a change. */
  state: GateState | undefined
  /** What the post step may know of the credentials. */
  readonly connectionKept: SavedConnection
  /** Bound to another repository, and accepted all the same. */
  foreign: boolean
  /** Pages at GitHub; undefined until they were looked for. */
  links: BriefLinks | undefined
  /** Named, and made by this run or the one that this run was started for. */
  own: boolean
  /** What the log has about conflicts already. */
  readonly conflictsTold: Set<string>
  progress: Progress
}

/** Of a version, in characters, as the summary tells it. */
const MAX_VERSION = 100

/** There is a change. The loser of a race to create goes on with the winner's: what was seen of its own is forgotten. */
export function begin(gate: Gate, change: Change, made: { created: boolean; supplied: boolean }): void {
  const { sysId, number } = change
  const known = gate.state?.sysId === sysId ? gate.state : undefined
  const { times = [], evidence } = known ?? {}
  const { version } = gate.report.story
  const links = gate.links === undefined ? {} : { links: gate.links }
  const attached = evidence === undefined ? {} : { evidence }
  const told = version === undefined ? {} : { version: shorten(version, MAX_VERSION) }
  gate.state = { sysId, number, ...made, phase: 'before', times, ...told, ...links, ...attached }
  remember(gate, {})
}

/** Tells what is known of the change, at once. */
export function see(gate: Gate, change: Change): void {
  const { outputs } = gate.step
  const { client } = gate.connection
  gate.report.change = change
  writeWholeChange(outputs, client, change)
  const { times = [], approval } = gate.state ?? {}
  const more = withState(times, change, client.now())
  gate.report.story.states = more
  if (more !== times || approval !== change.approval)
    remember(gate, { times: more, approval: change.approval })
}

/** Keeps something for the post step, which has nothing to do after a dry run. */
export function remember(gate: Gate, more: Partial<GateState>): void {
  if (gate.state === undefined) return
  gate.state = { ...gate.state, ...more }
  if (gate.step.inputs.dryRun) return
  // What main saw of the checkout: the job's steps may have changed it by the time of the post step.
  const { sha } = gate.step.runtime
  const values = { ...gate.step.inputs, ...(sha === '' ? {} : { commit: sha }) }
  saveGate(gate.step, values, gate.state, gate.connectionKept)
}
