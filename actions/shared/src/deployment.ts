import type { Runtime } from '@change-actions/action-kit'
import { noteMarker } from '@change-actions/change-control'
import type { Note } from '@change-actions/change-flow'

/** Repository, commit, ref, actor and run, one a line; lines without a fact are left out. */
export function describeDeployment(runtime: Runtime): string {
  const facts: [string, string][] = [
    ['Repository', runtime.repository],
    ['Commit', runtime.sha],
    ['Ref', runtime.ref],
    ['Actor', runtime.actor],
    ['Run', runtime.runUrl]
  ]
  return facts.flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`])).join('\n')
}

/** One line for close notes. */
export function closingLine(runtime: Runtime, result: string): string {
  const commit = runtime.sha === '' ? '' : ` at ${runtime.sha.slice(0, 12)}`
  const run = runtime.runUrl === '' ? '' : `, ${runtime.runUrl}`
  return `${runtime.repository || 'Deployment'}${commit}${run}: ${result}`
}

/**
 * A work note with the marker by which a repeat of the same step, in this attempt or a later one, is recognised.
 *
 * @param identity what makes two notes of a step the same one; by default their text
 */
export function noteOf(runtime: Runtime, text: string, identity = text): Note {
  const { repository, runId, job, step } = runtime
  return { text, marker: noteMarker([repository, runId, job, step, identity]) }
}
