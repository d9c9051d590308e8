import { correlationDisplay, noteMarker } from '@change-actions/change-control'
import type { Note } from '@change-actions/change-operations'
import type { Runtime } from '../step/runtime.ts'

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

/** The line that binds a change; '' away from a runner, where there is no commit and no run to be bound to. */
export function bindingOf(runtime: Runtime, environment: string): string {
  if (!/^[0-9a-f]{40,64}$/i.test(runtime.sha) || !/^\d{1,20}$/.test(runtime.runId)) return ''
  return correlationDisplay({ ...runtime, environment })
}
