/** What is written of a deployment into ServiceNow's records. */
import { bindingOf, noteMarker, withoutMarkers } from '@change-actions/change-control'
import type { Deployment } from './deployment.ts'
import { noteValue } from './note-value.ts'
import type { Note } from './notes.ts'

/** Facts with their names; '' for one that is not known. */
export type Facts = readonly (readonly [name: string, value: string])[]

/** Facts as lines of a text; those that are not known are left out. */
export function factLines(facts: Facts): string[] {
  return facts.flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${noteValue(value)}`]))
}

/** The commit with how it is known: who approves must know whether it was seen, or is what the workflow states. */
export function commitText({ commit, commitBasis, runCommit }: Deployment): string {
  if (commit === '') return ''
  const notes = [
    ...(commitBasis === 'stated' ? ['commit stated, not observed'] : []),
    ...(runCommit === '' ? [] : [`the run is of ${runCommit}`])
  ]
  return notes.length === 0 ? commit : `${commit} (${notes.join('; ')})`
}

/** Repository, commit, ref, actor and run, one a line. @param more facts below them */
export function describeDeployment(deployment: Deployment, more: Facts = []): string {
  const { repository, ref, actor, runUrl } = deployment
  return factLines([
    ['Repository', repository],
    ['Commit', commitText(deployment)],
    ['Ref', ref],
    ['Actor', actor],
    ['Run', runUrl],
    ...more
  ]).join('\n')
}

/** One line for close notes. */
export function closingLine(deployment: Deployment, result: string): string {
  const { repository, commit, runUrl } = deployment
  const at = commit === '' ? '' : ` at ${noteValue(commit.slice(0, 12))}`
  const run = runUrl === '' ? '' : `, ${noteValue(runUrl)}`
  return `${noteValue(repository) || 'Deployment'}${at}${run}: ${result}`
}

/**
 * A work note with the marker by which a repeat of the same step, in this attempt or a later one, is recognised.
 *
 * @param text may hold untrusted text: nothing in it is read as a marker
 * @param identity what makes two notes of a step the same one; by default their text
 */
export function noteOf(deployment: Deployment, text: string, identity = text): Note {
  const { repository, run, job, step } = deployment
  return { text: withoutMarkers(text), marker: noteMarker([repository, run, job, step, identity]) }
}

/** Where commit or run are not known: it is bound to its repository and environment all the same. */
const UNKNOWN_COMMIT = '0'.repeat(40)

/** The line that binds a change to a deployment. @param sign makes the HMAC of the line, where there is a key */
export function bindingFor(deployment: Deployment, sign?: (text: string) => string): string {
  const { commit, run, server: serverUrl, repository, environment } = deployment
  const known = /^[0-9a-f]{40,64}$/i.test(commit) ? commit : UNKNOWN_COMMIT
  const runId = /^\d{1,15}$/.test(run) ? run : '0'
  return bindingOf({ commit: known, runId, serverUrl, repository, environment }, sign)
}
