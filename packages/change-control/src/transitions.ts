import { type ChangeSnapshot, isApproved, normaliseWord } from './snapshot.ts'
import { isOpen, STATES, type StateName, stateOf, stateTitle } from './states.ts'

/** What a plan is made from. Everything else (open tasks, holds, conditions of a model) the instance judges. */
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
  | Refused

/** No move is made, and why; states are named as people see them, `approval` is raw. */
export interface Refused {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  readonly state: string
  readonly target: StateName
  readonly type: string
  readonly approval: string
  /** What takes a change that waits for an approval further. */
  readonly next?: ApprovalStep
}

/** What has to happen before a change moves on by approval. */
export type ApprovalStep =
  /** Correct what was objected to, and submit again. */
  | 'resubmit'
  /** A person submits it: for a change of this kind no step can. */
  | 'submit-by-hand'
  /** A step requests approval. */
  | 'request-approval'
  /** Approved: ServiceNow moves it to Scheduled. */
  | 'wait-for-scheduled'
  /** It came to Scheduled without an approval. */
  | 'approve-by-hand'
  | 'wait-for-approvers'

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
 * The move that makes ServiceNow request approval: the first one out of New, which the type decides.
 * Undefined when there is none to make: the change has left New, is a standard change without a
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
 * moved it further, or not at all. A change that arrives beyond the target is recognised with
 * {@link isAtOrBeyond} (a plan for a Closed change says `finished`).
 *
 * From Implement on no approval is required: what was done must stay closable as what it was.
 */
export function planMoves(change: MovableChange, target: StateName): MovePlan {
  const at = stateOf(change.state)
  if (at === undefined) return refuse('unknown-state', change, target)
  if (at === target) return { kind: 'there' }
  if (at === 'closed' || at === 'canceled') return refuse('finished', change, target)
  if (target === 'canceled')
    return isOpen(at) ? { kind: 'move', next: 'canceled', rest: [] } : refuse('no-path', change, target)
  if (target === 'new') return refuse('behind', change, target)
  if (isAtOrBeyond(at, target)) return { kind: 'beyond', at }
  if (isAtOrBeyond(at, 'implement')) return walk(at, target)
  if (at === 'scheduled')
    return isApproved(change) ? walk(at, target) : refuse('needs-approval', change, target)
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
  if (SKIPPED_STATES[normaliseWord(change.type)]?.includes(target)) return refuse('no-path', change, target)
  const rejected = normaliseWord(change.approval) === 'rejected'
  if (first === 'scheduled' && !rejected) return { kind: 'move', next: first, rest: rungs(first, target) }
  const beyondApproval = isAtOrBeyond(target, 'implement')
  return refuse(beyondApproval && !isApproved(change) ? 'needs-approval' : 'by-approval-only', change, target)
}

function refuse(reason: RefusalReason, change: MovableChange, target: StateName): Refused {
  const waits = reason === 'needs-approval' || reason === 'by-approval-only'
  return {
    kind: 'refused',
    reason,
    state: stateTitle(change),
    target,
    type: normaliseWord(change.type),
    approval: change.approval,
    ...(waits && { next: approvalStep(change) })
  }
}

function approvalStep(change: MovableChange): ApprovalStep {
  const approval = normaliseWord(change.approval)
  if (approval === 'rejected') return 'resubmit'
  if (stateOf(change.state) === 'new')
    return requestApprovalMove(change) === undefined ? 'submit-by-hand' : 'request-approval'
  if (approval === 'approved') return 'wait-for-scheduled'
  return stateOf(change.state) === 'scheduled' && approval !== 'requested'
    ? 'approve-by-hand'
    : 'wait-for-approvers'
}
