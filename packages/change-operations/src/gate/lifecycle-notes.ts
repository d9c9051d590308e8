/** The work notes in which a gate tells people about a deployment. */
import { formatServiceNowDate, type JobResult } from '@change-actions/change-control'
import type { Deployment } from '../deployment.ts'
import { commitText, type Facts, factLines, noteOf } from '../deployment-texts.ts'
import { noteValue } from '../note-value.ts'
import type { Note } from '../notes.ts'
import type { GateState } from './gate-state.ts'

/**
 * The claim is always written; what it tells people depends on `lifecycleNotes`.
 *
 * @param facts what else is to be on record, such as the policy
 */
export function startText(deployment: Deployment, lifecycleNotes: boolean, facts: Facts = []): string {
  if (!lifecycleNotes) return `Claimed by run ${noteValue(deployment.run)}.`
  const commit = commitText(deployment)
  return text(`Deployment${target(deployment)} started.`, { ...deployment, commit }, factLines(facts))
}

/** How the deployment ended; each leg of a matrix has a note of its own. */
export function endNote(deployment: Deployment, state: GateState, result: JobResult): Note {
  const times = state.times.map(([name, at]) => `${noteValue(name)} ${formatServiceNowDate(at)}`)
  const states = times.length === 0 ? [] : [`States: ${times.join(', ')} (UTC)`]
  return noteOfLeg(deployment, text(`Deployment${target(deployment)} ended: ${result}.`, deployment, states))
}

/** Why this run did not deploy under the change. */
export function notDeployedNote(deployment: Deployment, state: GateState, result: JobResult): Note {
  const why = state.outcome === undefined ? 'the gate did not open' : `the gate ended with ${state.outcome}`
  const first = `Not deployed${target(deployment)}: ${why} (job ${result}).`
  return noteOfLeg(deployment, text(first, deployment))
}

function noteOfLeg(deployment: Deployment, words: string): Note {
  return noteOf(deployment, words, `${words}\n${deployment.leg}`)
}

function target({ environment }: Deployment): string {
  return environment === '' ? '' : ` to ${noteValue(environment)}`
}

function text(first: string, deployment: Deployment, more: readonly string[] = []): string {
  const { repository, commit, job, leg, runUrl, attempt, actor } = deployment
  const inMatrix = job !== '' && leg !== '' && leg !== '0'
  const lines = factLines([
    ['Repository', repository],
    ['Commit', commit],
    ['Job', inMatrix ? `${job}, matrix leg ${leg}` : job],
    ['Run', runUrl === '' ? '' : `${runUrl} (attempt ${attempt})`],
    ['Actor', actor]
  ])
  return [first, ...lines, ...more].join('\n')
}
