/** What can be wrong with a change, as codes with facts. Texts for people are made by the front. */
import type {
  ApprovalStep,
  AskedField,
  FieldDifference,
  JobResult,
  Reason,
  RecordedClaim,
  Refused,
  StateName,
  Unproved
} from '@change-actions/change-control'
import {
  type Approval,
  type Change,
  type ClientCode,
  type ClientProblem,
  isClientProblem,
  type NextState,
  Problem,
  type ProblemDetails,
  type RequestFacts
} from '@change-actions/servicenow-client'
import type { FileRefusal } from './file-refusal.ts'

/** A wait that ended without an approval. */
export interface WaitFacts {
  readonly reason: Reason
  /** The rows of approvers who rejected. */
  readonly rejections: readonly Approval[]
}

/** A wait whose time is up. */
export interface TimeoutFacts {
  /** Why it still waited; undefined when the last poll failed. */
  readonly reason?: Reason | undefined
  /** Milliseconds; 0 for a wait that checks once. */
  readonly timeoutMs: number
  /** The rows of approvers who have yet to decide, where they are known and fresh. */
  readonly pending: readonly Approval[]
  /** Why the last poll failed. */
  readonly last?: ClientProblem | undefined
}

/** A field of a change that is not as requested. */
export interface FieldDisplay {
  readonly field: string
  /** As the record shows it. Untrusted text. */
  readonly display: string
}

/** Why a named change is not for this deployment. */
export type ForeignReason =
  | { readonly code: 'bound-elsewhere' }
  /** The variables of the job name it, and nothing proves that this run made or uses it. */
  | { readonly code: 'not-of-this-run' }
  | { readonly code: 'other-kind'; readonly fields: readonly FieldDisplay[] }

/** Why another run's deployment keeps this one from a change. */
export type InUseReason =
  | {
      readonly code: 'claimed'
      /** Undefined when another run claimed at the same moment and cannot be named. */
      readonly holder: (Pick<RecordedClaim, 'runId'> & Partial<Pick<RecordedClaim, 'attempt'>>) | undefined
      /** This run holds it, for another environment. */
      readonly own: boolean
    }
  /** It is in Review, and another run's deployment is over. */
  | { readonly code: 'deployment-over' }

/** What the instance tells about a move. */
export interface TransitionFacts {
  readonly next: StateName
  /** Undefined where the instance has no such question, or gave no usable response. */
  readonly allowed?: readonly NextState[] | undefined
}

export interface Empty {
  readonly [key: string]: never
}

/** The facts of each problem of an operation, by code. */
export interface ChangeProblems {
  // How a wait ends; the code is the gate's outcome.
  unbound: WaitFacts
  rejected: WaitFacts
  canceled: WaitFacts
  closed: WaitFacts
  unauthorized: WaitFacts
  'window-closed': WaitFacts
  'window-not-open': WaitFacts
  withdrawn: WaitFacts
  'not-requested': WaitFacts
  'stale-approval': WaitFacts
  'no-approver': WaitFacts
  edited: WaitFacts
  'unexpected-state': WaitFacts
  timeout: TimeoutFacts

  // A change that was found or named cannot be used.
  /** It is closed or canceled. */
  'already-over': { readonly state: 'closed' | 'canceled' }
  /** A deployment under it is over: it is in Review. */
  'already-used': Empty
  /** It was rejected and is back in New. */
  'rejected-before': Empty
  /** The open change of this deployment is of another type, CI or parent. */
  differs: { readonly fields: readonly FieldDisplay[] }
  /** The change under a derived identity has another short description than the one given. */
  'other-title': { readonly title: string; readonly given: string }
  'foreign-change': { readonly why: ForeignReason }
  'in-use': { readonly why: InUseReason }
  /** Who created it is not shown: whether it is ours cannot be told. */
  'creator-unreadable': Empty
  /** The work notes cannot be read, so that claims are not known. */
  'notes-unreadable': Empty
  /** It was approved, and may no longer proceed just before the deployment. */
  'changed-after-approval': { readonly reason: Reason }
  conflict: { readonly conflicts: readonly { readonly change: string; readonly type: string }[] }
  /** Conflicts are to fail, and cannot be told: no CI or no window, or the instance gave no report. */
  'conflict-unknown': { readonly why: 'no-basis' | 'unfinished' }

  /** Approval cannot be requested: the instance asks for fields that the change does not have. */
  'missing-fields': {
    readonly fields: readonly AskedField[]
    readonly next: StateName
    /** `none`: not made; `canceled`, `left`: made by this step, and canceled or not; `reused`, `named`: left as it is. */
    readonly change: 'none' | 'canceled' | 'left' | 'reused' | 'named'
    /** The text of a refusal that names no field: the group is assumed to be the reason. */
    readonly refusal?: string
  }

  /** A rollback that no person approves; the change is the one to go back from. */
  'rollback-refused': { readonly unproved: readonly Unproved[] }

  // A move.
  'needs-approval': MoveFacts
  'cannot-move': MoveFacts
  /** The instance has no move from where the change is to where it should go, nor one on the way. */
  'no-such-move': {
    readonly next: StateName
    /** As the instance shows it. */
    readonly state: string
    /** The states that count as `next`: values and labels. */
    readonly wanted: readonly string[]
    /** `known` are the moves from here, or all states of the instance. */
    readonly kind: 'moves' | 'states'
    readonly known: readonly string[]
  }
  /** The map has only the label of the state to be written, and the instance does not tell its value. '': no state counts as it. */
  'state-without-value': { readonly next: StateName; readonly label: string }
  /** Moved again and again without arriving. */
  'moves-back': { readonly target: StateName; readonly state: string; readonly moves: readonly string[] }
  /** Reported success, but the change did not move. */
  'did-not-leave': TransitionFacts & {
    readonly state: string
    readonly onHold: boolean
    readonly holdReason: string
  }
  'open-tasks': {
    readonly tasks: readonly string[]
    /** They were closed, and stayed open. */
    readonly stuck: boolean
  }
  /** A state of the instance's own, from which no closing is known. */
  'unknown-state': { readonly state: string }
  /** The job succeeded, and the change knows of no deployment. */
  'not-closed': { readonly reason: 'canceled' | 'not-started'; readonly state: StateName }
  /** The instance has a list of close codes, and this one is not in it. */
  'unknown-close-code': {
    readonly code: string
    /** The job's result it stands for; undefined for a code that was given outright. */
    readonly result: JobResult | undefined
    /** Labels of the instance's codes, those like it first. */
    readonly codes: readonly string[]
  }

  // A write.
  /** Texts that would be cut; nothing was written. */
  'too-long': {
    readonly fields: readonly {
      readonly field: string
      /** Characters. */
      readonly length: number
      readonly max: number
    }[]
  }
  'not-applied': {
    readonly differences: readonly FieldDifference[]
    /** `create`: the change stays in New, and approval was not requested. */
    readonly during: 'create' | 'update'
  }
  'note-not-stored': {
    readonly note: 'work note' | 'comment'
    readonly field: string
    readonly state: string
  }
  /** A rule of the instance on names, types or sizes of files. */
  'file-refused': FileRefusal
  'not-on-hold': { readonly state: string }
  'still-on-hold': { readonly state: string }
  'not-canceled': Empty

  /** A creation was successful, and the change that it made cannot be read. */
  'created-unseen': {
    /** '' where the response did not name it. */
    readonly sysId: string
    readonly correlationId: string
    /** Why it cannot be read. */
    readonly last?: ClientProblem | undefined
  }

  // Without a change.
  /** Other jobs canceled or took each draft. */
  interference: Empty
  'ambiguous-title': { readonly title: string; readonly changes: readonly string[] }
  /** Values that the instance does not know; the draft made to find out was canceled, a reused change was left. */
  'not-resolved': {
    readonly values: readonly { readonly field: string; readonly value: string }[]
    readonly draft: string | undefined
  }
  /** Several names of a change that do not agree. */
  'names-disagree': {
    readonly number: string
    readonly sysId?: string | undefined
    readonly given: { readonly by: 'number' | 'correlation-id'; readonly value: string; readonly has: string }
  }
  'no-change-named': Empty
  /** The planned end has passed. @see CreateRequest.windowBinds */
  'plan-over': { readonly plannedEnd: string }
}

/** Why no move is made. */
export interface MoveFacts extends Omit<Refused, 'kind'> {
  readonly next?: ApprovalStep
}

export type ChangeCode = keyof ChangeProblems

/** A problem of an operation: of one of these codes, or whichever. */
export type ChangeProblem<C extends ChangeCode = ChangeCode> = C extends ChangeCode
  ? Problem<C, ChangeProblems[C]>
  : never

type More = Pick<ProblemDetails<string, object>, 'outcome' | 'cause' | 'committed' | 'retry'>

/** A problem of an operation. @param change what it is about; undefined where there is none */
export function changeProblem<C extends ChangeCode>(
  code: C,
  change: Pick<Change, 'number' | 'sysId'> | undefined,
  facts: ChangeProblems[C],
  more: More = {}
): ChangeProblem<C> {
  const subject =
    change === undefined
      ? undefined
      : ({ kind: 'change', number: change.number, sysId: change.sysId } as const)
  return new Problem({ code, facts, subject, ...more }) as unknown as ChangeProblem<C>
}

/** Every code, for telling problems of operations from others. */
const CHANGE_CODES: Readonly<Record<ChangeCode, true>> = {
  unbound: true,
  rejected: true,
  canceled: true,
  closed: true,
  unauthorized: true,
  'window-closed': true,
  'window-not-open': true,
  withdrawn: true,
  'not-requested': true,
  'stale-approval': true,
  'no-approver': true,
  edited: true,
  'unexpected-state': true,
  timeout: true,
  'already-over': true,
  'already-used': true,
  'rejected-before': true,
  differs: true,
  'other-title': true,
  'foreign-change': true,
  'in-use': true,
  'creator-unreadable': true,
  'notes-unreadable': true,
  'changed-after-approval': true,
  conflict: true,
  'conflict-unknown': true,
  'missing-fields': true,
  'rollback-refused': true,
  'needs-approval': true,
  'cannot-move': true,
  'no-such-move': true,
  'state-without-value': true,
  'moves-back': true,
  'did-not-leave': true,
  'open-tasks': true,
  'unknown-state': true,
  'not-closed': true,
  'unknown-close-code': true,
  'too-long': true,
  'not-applied': true,
  'note-not-stored': true,
  'file-refused': true,
  'not-on-hold': true,
  'still-on-hold': true,
  'not-canceled': true,
  'created-unseen': true,
  interference: true,
  'ambiguous-title': true,
  'not-resolved': true,
  'names-disagree': true,
  'no-change-named': true,
  'plan-over': true
}

/** Whether something thrown is a problem of an operation, and of one of the codes where some are named. */
export function isChangeProblem<C extends ChangeCode = ChangeCode>(
  error: unknown,
  ...codes: C[]
): error is ChangeProblem<C> {
  if (!(error instanceof Problem) || !Object.hasOwn(CHANGE_CODES, error.code)) return false
  return codes.length === 0 || (codes as string[]).includes(error.code)
}

/** Whether something thrown is a move that the instance refused, with what it tells about the move. */
export function isRefusedMove(
  error: unknown
): error is Problem<ClientCode, RequestFacts & { readonly transition: TransitionFacts }> {
  return isClientProblem(error) && 'transition' in error.facts
}
