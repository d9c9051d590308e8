/** What the summary of a step tells about a change: one block, written by the last step that acts on it. */
import { stateText } from '@change-actions/change-control'
import type { GateDecision } from '@change-actions/change-operations'
import type { Approval, Change } from '@change-actions/servicenow-client'
import { shorten } from '../../text.ts'

/** Who approved or rejected, when (UTC, as ServiceNow writes it) and what they said. Raw texts. */
export type Decision = GateDecision

/** A state, and when this job saw the change in it, epoch milliseconds. */
export type SeenState = readonly [state: string, at: number]

/** Filled in as a step goes; what is not known is left out of the summary. */
export interface Story {
  /** How it stands, in a few words that follow the number of the change; default: those of the result. Plain text. */
  verdict: string | undefined
  /** Why, as a sentence. Untrusted text. */
  reason: string | undefined
  /** Of what is deployed, where it is given; default: the tag of the run. Untrusted text. */
  version: string | undefined
  environment: string | undefined
  decisions: readonly Decision[]
  /** The deployment was not let go on: whoever approved, the change does not count as approved for it. */
  refused: boolean
  /** The earliest first. */
  states: readonly SeenState[]
  /** Pages about the deployment: comparison, deployments. */
  links: readonly (readonly [name: string, url: string])[]
  /** A line for each file or kind of result. Untrusted text. */
  evidence: readonly string[]
}

/** Nothing is known yet. */
export function emptyStory(): Story {
  return {
    verdict: undefined,
    reason: undefined,
    version: undefined,
    environment: undefined,
    decisions: [],
    refused: false,
    states: [],
    links: [],
    evidence: []
  }
}

/** Comments longer than this are in ServiceNow, and so are more names: a step keeps them for the next one in little room. */
const MAX_COMMENT = 300
const MAX_DECISIONS = 20
const MAX_COMMENTED = 5

/** The rows of those who approved. */
export function approvedRows(approvals: readonly Approval[] | undefined): readonly Approval[] {
  return (approvals ?? []).filter(one => one.state === 'approved')
}

/**
 * Who approved and who rejected, as the summary tells, in the order of their times. Where there are too many, those who
 * rejected are kept.
 *
 * @param redact replaces secrets, before a comment is cut
 */
export function decisionsOf(
  approvals: readonly Approval[] | undefined,
  redact: (text: string) => string
): readonly Decision[] {
  const rows = (state: string) => (approvals ?? []).filter(one => one.state === state)
  return [...rows('rejected'), ...rows('approved')]
    .slice(0, MAX_DECISIONS)
    .map(({ approver, state, at, comments }, i): Decision => {
      const said = i < MAX_COMMENTED ? shorten(redact(comments), MAX_COMMENT) : ''
      return said === '' ? [approver, state, at] : [approver, state, at, said]
    })
    .sort((a, b) => compare(a[2], b[2]) || compare(a[1], b[1]))
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The states with the one that the change is in now, where that is another one. @param at epoch milliseconds */
export function withState(states: readonly SeenState[], change: Change, at: number): readonly SeenState[] {
  const name = stateText(change)
  return states.at(-1)?.[0] === name ? states : [...states, [name, at]]
}
