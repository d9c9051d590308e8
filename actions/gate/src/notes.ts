import { formatServiceNowDate, type JobResult } from '@change-actions/change-control'
import type { Note } from '@change-actions/change-operations'
import { oneLine, type Runtime } from '@change-actions/github-actions'
import { noteOf } from '@change-actions/github-actions/change'
import type { GateInputs } from './inputs.ts'
import type { GateState } from './state.ts'

type Named = Pick<GateInputs, 'environment' | 'ownMatrixIndex'>

/** The claim is always written; what it tells people depends on `lifecycle-notes`. */
export function startText(inputs: Named & Pick<GateInputs, 'lifecycleNotes'>, runtime: Runtime): string {
  if (!inputs.lifecycleNotes) return `Claimed by run ${runtime.runId}.`
  return text(`Deployment${target(inputs)} started.`, inputs, runtime)
}

/** How the deployment ended; legs of a matrix each say so for themselves. */
export function endNote(inputs: Named, runtime: Runtime, state: GateState, result: JobResult): Note {
  const times =
    state.times.length === 0
      ? []
      : [`States: ${state.times.map(([name, at]) => `${name} ${utc(at)}`).join(', ')} (UTC)`]
  const words = text(`Deployment${target(inputs)} ended: ${result}.`, inputs, runtime, times)
  return noteOf(runtime, words, `${words}\n${inputs.ownMatrixIndex ?? ''}`)
}

/** Why this run did not deploy under the change. */
export function notDeployedNote(inputs: Named, runtime: Runtime, state: GateState, result: JobResult): Note {
  const why = state.outcome === undefined ? 'the gate did not open' : `the gate ended with ${state.outcome}`
  const words = text(`Not deployed${target(inputs)}: ${why} (job ${result}).`, inputs, runtime)
  return noteOf(runtime, words, `${words}\n${inputs.ownMatrixIndex ?? ''}`)
}

function target({ environment }: Named): string {
  return environment === undefined ? '' : ` to ${foreign(environment)}`
}

function text(first: string, inputs: Named, runtime: Runtime, more: readonly string[] = []): string {
  const leg = inputs.ownMatrixIndex ?? '0'
  const facts: [string, string][] = [
    ['Repository', runtime.repository],
    ['Commit', runtime.sha],
    ['Job', runtime.job === '' || leg === '0' ? runtime.job : `${runtime.job}, matrix leg ${leg}`],
    ['Run', runtime.runUrl === '' ? '' : `${runtime.runUrl} (attempt ${runtime.runAttempt})`],
    ['Actor', runtime.actor]
  ]
  const lines = facts.flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${foreign(value)}`]))
  return [first, ...lines, ...more].join('\n')
}

/** On one line, and never taken for a marker of ours. */
function foreign(value: string): string {
  return oneLine(value, 300).replaceAll('[gha', '(gha')
}

/** `2026-12-01 22:00:00`. */
export function utc(ms: number): string {
  return formatServiceNowDate(ms)
}
