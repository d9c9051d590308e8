import { type ChangeSnapshot, isApproved, normaliseWord } from './snapshot.ts'
import { isOpen, STATES, type StateName, stateLabel, stateOf, stateTitle } from './states.ts'

/** What a plan looks at. Everything else (open tasks, holds, conditions of a model) the instance judges. */
export type MovableChange = Pick<
  ChangeSnapshot,
  'state' | 'stateLabel' | 'type' | 'approval' | 'fromTemplate'
>

export type RefusalReason =
  /** The target lies beyond an approval that is not given. */
  | 'needs-approval'
  /** Closed or Canceled: nothing follows. */
  | 'finished'
  /** The target lies behind, and a change is never moved back. */
  | 'behind'
  /** The way leads through a state that the instance enters by itself, on approval. */
  | 'by-approval-only'
  /** The change is in a state of the instance's own. */
  | 'unknown-state'
  /** No move leads from here to there. */
  | 'no-path'

export type MovePlan =
  | { kind: 'there' }
  | { kind: 'beyond'; at: StateName }
  | { kind: 'move'; next: StateName; rest: readonly StateName[] }
  | { kind: 'refused'; reason: RefusalReason; text: string }

/** Canceled is off the ladder: it can be entered from any open state and leads nowhere. */
const LADDER: readonly StateName[] = STATES.map(state => state.name).filter(name => name !== 'canceled')

/** States a type does not pass through. A type of the instance's own is not judged. */
const SKIPPED_STATES: Readonly<Record<string, readonly StateName[]>> = {
  emergency: ['assess'],
  standard: ['assess', 'authorize']
}

/** At the target or further up the ladder New … Closed. A custom state (undefined) never is. */
export function isAtOrBeyond(state: StateName | undefined, target: StateName): boolean {
  if (state === undefined) return false
  if (state === target) return true
  const [from, to] = [LADDER.indexOf(state), LADDER.indexOf(target)]
  return from >= 0 && to >= 0 && from > to
}

/**
 * The move that makes ServiceNow ask its approvers: the first one out of New, which the type decides.
 * Undefined when there is none for us to make: the change has left New, is a standard change without a
 * template, or is of the instance's own type (a person submits these).
 */
export function requestApprovalMove(
  change: Pick<ChangeSnapshot, 'state' | 'type' | 'fromTemplate'>
): StateName | undefined {
  if (stateOf(change.state) !== 'new') return undefined
  const type = normaliseWord(change.type)
  if (type === 'normal') return 'assess'
  if (type === 'emergency') return 'authorize'
  return type === 'standard' && change.fromTemplate ? 'scheduled' : undefined
}

/**
 * The moves that take a change to `target`, or why there are none.
 *
 * Only the first move is meant to be made: read the change back and plan again, for the instance may have
 * moved it further, or not at all. A change that lands beyond the target is asked about with
 * {@link isAtOrBeyond} (a plan for a Closed change says `finished`).
 *
 * From Implement on no approval is asked for: what was done must stay closable as what it was.
 */
export function planMoves(change: MovableChange, target: StateName): MovePlan {
  const at = stateOf(change.state)
  if (at === undefined) return refuseCustomState(change, target)
  if (at === target) return { kind: 'there' }
  if (at === 'closed' || at === 'canceled') return refuseFinished(at, target)
  if (target === 'canceled') return planCancel(at)
  if (target === 'new') return refuseBehind(at)
  if (isAtOrBeyond(at, target)) return { kind: 'beyond', at }
  if (isAtOrBeyond(at, 'implement')) return walk(at, target)
  if (at === 'scheduled') return isApproved(change) ? walk(at, target) : refuseUnapproved(change, target)
  return planFromDraft(change, target)
}

/** The rungs after `from`, up to and including `target`, which lies further up. */
function rungs(from: StateName, target: StateName): readonly StateName[] {
  return LADDER.slice(LADDER.indexOf(from) + 1, LADDER.indexOf(target) + 1)
}

function walk(at: StateName, target: StateName): MovePlan {
  const [next = target, ...rest] = rungs(at, target)
  return { kind: 'move', next, rest }
}

/** From New, Assess or Authorize, to a target further up. */
function planFromDraft(change: MovableChange, target: StateName): MovePlan {
  const first = requestApprovalMove(change)
  if (first === target) return { kind: 'move', next: first, rest: [] }
  if (SKIPPED_STATES[normaliseWord(change.type)]?.includes(target)) return refuseSkipped(change, target)
  const rejected = normaliseWord(change.approval) === 'rejected'
  if (first === 'scheduled' && !rejected) return { kind: 'move', next: first, rest: rungs(first, target) }
  const beyondApproval = isAtOrBeyond(target, 'implement')
  return beyondApproval && !isApproved(change)
    ? refuseUnapproved(change, target)
    : refuseByApprovalOnly(change, target)
}

function planCancel(at: StateName): MovePlan {
  if (isOpen(at)) return { kind: 'move', next: 'canceled', rest: [] }
  const cause = `A change in ${stateLabel(at)} cannot be canceled: its work is done.`
  return refuse('no-path', cause, 'Close it instead, with the close code that is true.')
}

function refuseFinished(at: StateName, target: StateName): MovePlan {
  const cause = `The change is ${stateLabel(at)} and cannot be moved to ${stateLabel(target)}.`
  return refuse('finished', cause, 'Use a new change for a new deployment.')
}

function refuseBehind(at: StateName): MovePlan {
  const cause = `The change is in ${stateLabel(at)} and is not moved back to New.`
  return refuse('behind', cause, 'Revert it in ServiceNow, or leave it and create another.')
}

function refuseCustomState(change: MovableChange, target: StateName): MovePlan {
  const where = `The change is in "${stateTitle(change)}", a state of this instance's own`
  const cause = `${where}, from which no move to ${stateLabel(target)} is known.`
  return refuse('unknown-state', cause, 'Move it to a standard state in ServiceNow first.')
}

function refuseSkipped(change: MovableChange, target: StateName): MovePlan {
  const type = normaliseWord(change.type)
  const kind = type === 'emergency' ? `An ${type}` : `A ${type}`
  const cause = `${kind} change does not pass through ${stateLabel(target)}.`
  return refuse('no-path', cause, 'Name a state that it does pass through.')
}

function refuseUnapproved(change: MovableChange, target: StateName): MovePlan {
  const where = `it is in ${stateTitle(change)} and its approval reads "${change.approval}"`
  const cause = `The change cannot be moved to ${stateLabel(target)}: ${where}.`
  return refuse('needs-approval', cause, howToApprove(change))
}

function refuseByApprovalOnly(change: MovableChange, target: StateName): MovePlan {
  const where = `it is in ${stateTitle(change)}, and ServiceNow takes it on by itself as approvals are given`
  const cause = `The change cannot be moved to ${stateLabel(target)}: ${where}.`
  return refuse('by-approval-only', cause, howToApprove(change))
}

function howToApprove(change: MovableChange): string {
  const approval = normaliseWord(change.approval)
  if (approval === 'rejected') return 'Correct what was objected to and submit it again, or cancel it.'
  if (stateOf(change.state) === 'new') {
    return requestApprovalMove(change) === undefined
      ? 'Have a person submit it for approval in ServiceNow: for a change of this kind no step can.'
      : 'Request approval (create-change with request-approval: true) and wait for it (wait-approval).'
  }
  if (approval === 'approved') return 'It is approved: wait until it reads Scheduled (wait-approval).'
  return stateOf(change.state) === 'scheduled' && approval !== 'requested'
    ? 'Have it approved in ServiceNow: it came to Scheduled without an approval.'
    : 'Wait for the approvers first (wait-approval).'
}

function refuse(reason: RefusalReason, cause: string, fix: string): MovePlan {
  return { kind: 'refused', reason, text: `${cause} ${fix}` }
}
