/** What an update says of the deployment, in work notes and close notes. */
import { isAtOrBeyond, type JobsResult, type StateName, stateOf } from '@change-actions/change-control'
import {
  closingLine,
  type Deployment,
  endText,
  type Facts,
  type Note,
  noteOf,
  noteValue
} from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import { briefLinks } from '@change-actions/github-actions/change'
import type { Change } from '@change-actions/servicenow-client'
import type { UpdateInputs } from './inputs.ts'

/** Where the change is to go. */
export interface Target {
  readonly state: StateName | undefined
  /** As it was given, or is shipped. */
  readonly closeCode: string | undefined
  /** How the jobs went, where that decides. */
  readonly jobs: JobsResult | undefined
  /** What the work note says of the deployment, beside what the user gives. */
  readonly deployed?: 'nothing' | 'maybe' | 'late'
}

/** A change, and the deployment that it is updated for. */
export interface Updating {
  readonly change: Change
  readonly deployment: Deployment
  readonly target: Target
}

/** What the update does to the deployment: it starts, or is over. Undefined where it stays as it is. */
export function phaseOf({ change, target: { state } }: Updating): 'start' | 'end' | undefined {
  const current = stateOf(change.state)
  if (state === 'implement') return isAtOrBeyond(current, 'review') ? undefined : 'start'
  if (state !== 'review' && state !== 'closed') return undefined
  return isAtOrBeyond(current, state) ? undefined : 'end'
}

/** GitHub's pages for the notes at start and end. It never fails. */
export async function linksOf(step: Step<UpdateInputs>, updating: Updating): Promise<Facts> {
  const { inputs } = step
  const phase = phaseOf(updating)
  if (phase === undefined || !inputs.lifecycleNotes) return []
  const { environment } = inputs
  const ask = phase === 'start' && !inputs.dryRun
  return briefLinks(step, { environment, change: updating.change, ask })
}

/** What the user gives, and what the record has to say of the deployment; undefined where that is nothing. */
export function workNoteOf(inputs: UpdateInputs, updating: Updating, links: Facts): Note | undefined {
  const { deployment, target } = updating
  const given = inputs.workNotes === undefined ? [] : [inputs.workNotes]
  const told = [...given, ...canceledOrLate(updating, inputs)]
  const ended = inputs.lifecycleNotes && phaseOf(updating) === 'end'
  const result = wordsOf(target.jobs) ?? target.closeCode ?? ''
  const lines = [...told, ...(ended ? [endText(deployment, result, links)] : [])]
  const text = lines.join('\n')
  if (text === '') return undefined
  // A later attempt whose change is there already has no end to tell: what the user gives is the same note all the same.
  return noteOf(deployment, text, told.length === 0 ? text : told.join('\n'))
}

/** What stands in place of a deployment, or beside it. */
function canceledOrLate({ deployment, target }: Updating, { workNotes }: UpdateInputs): string[] {
  const { state, jobs, deployed } = target
  const line = closingLine(deployment, wordsOf(jobs) ?? 'nothing was deployed')
  if (deployed !== undefined) return [DEPLOYED[deployed](line)]
  return state === 'canceled' && workNotes === undefined ? [`Canceled: ${line}`] : []
}

const DEPLOYED: Readonly<Record<'nothing' | 'maybe' | 'late', (line: string) => string>> = {
  nothing: line => `Canceled: ${line}. Nothing was deployed.`,
  maybe: line => `Canceled: ${line}. The deployment may have begun.`,
  late: line => `The deployment may have begun, and Implement was entered after it: ${line}.`
}

/** `failure`, or with the jobs that decided: `failure, by deploy (failure)`. */
export function wordsOf(jobs: JobsResult | undefined): string | undefined {
  if (jobs === undefined || jobs.decidedBy.length === 0) return jobs?.result
  return `${jobs.result}, by ${noteValue(jobs.decidedBy.join(', '))}`
}
