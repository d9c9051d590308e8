/** The work notes in which a gate tells people about a deployment. */
import { formatServiceNowDate, type JobResult, wordOrQuoted } from '@change-actions/change-control'
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
  return startedText({ ...deployment, commit: commitText(deployment) }, facts)
}

/** The same without how the commit is known, for a step that looks at no checkout. */
export function startedText(deployment: Deployment, facts: Facts): string {
  return text(`Deployment${target(deployment)} started.`, deployment, factLines(facts))
}

/**
 * How the deployment ended.
 *
 * @param result in a word or a few
 * @param facts what else is to be on record, such as pages at GitHub
 */
export function endText(deployment: Deployment, result: string, facts: Facts = []): string {
  const words = result === '' ? 'ended' : `ended: ${noteValue(result)}`
  return text(`Deployment${target(deployment)} ${words}.`, deployment, factLines(facts))
}

/** How the deployment ended, by its gate; each leg of a matrix has a note of its own. */
export function endNote(deployment: Deployment, state: GateState, result: JobResult): Note {
  const lines = [endText(deployment, result, state.links), ...approvedLine(state), ...statesLine(state)]
  return noteOfLeg(deployment, lines.join('\n'))
}

/** More names make a line that nobody reads: the record has them all. */
const MAX_APPROVERS = 10

/** When they approved stands in their rows. */
function approvedLine({ decisions = [] }: GateState): string[] {
  const approvedBy = decisions.filter(([, decision]) => decision === 'approved')
  if (approvedBy.length === 0) return []
  const named = approvedBy
    .slice(0, MAX_APPROVERS)
    .map(([name, , at]) => [noteValue(name), noteValue(at)].join(' ').trim())
  const more = approvedBy.length - named.length
  return [`Approved: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''} (UTC)`]
}

/** A job knows when it saw a state, not when the change came into it. */
function statesLine({ times }: GateState): string[] {
  const seen = times.map(([name, at]) => `${noteValue(name)} ${formatServiceNowDate(at)}`)
  return seen.length === 0 ? [] : [`States, as this job observed them: ${seen.join(', ')} (UTC)`]
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
  return environment === '' ? '' : ` to ${wordOrQuoted(noteValue(environment))}`
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
