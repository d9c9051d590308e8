/** What operations tell while they work. The front makes log lines of it; nothing here is text for people. */
import type {
  DoorName,
  FieldDifference,
  JobResult,
  PlannedWindow,
  Reason,
  StateName,
  Unproved
} from '@change-actions/change-control'
import type { Approval, Change, ChangeTask, ClientProblem, Scalar } from '@change-actions/servicenow-client'
import type { FlowState, Receipt } from './doors/door.ts'
import type { FileRefusal } from './file-refusal.ts'

/** A write that a dry run leaves out. */
export type PlannedWrite =
  | {
      readonly type: 'create'
      /** `normal`, …; undefined where a change model decides. */
      readonly kind: string | undefined
      /** Name of the template it is made from. */
      readonly template: string | undefined
      readonly fields: Readonly<Record<string, Scalar>>
    }
  /** `change` is undefined for one that would have been created. */
  | { readonly type: 'move'; readonly change: Change | undefined; readonly states: readonly StateName[] }
  | {
      readonly type: 'attach'
      readonly change: Change | undefined
      readonly name: string
      readonly size: number
    }
  | { readonly type: 'write'; readonly change: Change; readonly fields: readonly string[] }
  | { readonly type: 'write-by-name'; readonly change: Change; readonly fields: readonly string[] }
  | { readonly type: 'add-note'; readonly change: Change }
  | { readonly type: 'put-on-hold'; readonly change: Change }
  | { readonly type: 'cancel-duplicate'; readonly change: Change }
  | { readonly type: 'bind'; readonly change: Change }
  | { readonly type: 'evaluate-risk'; readonly change: Change }
  | { readonly type: 'detect-conflicts'; readonly change: Change }
  | {
      readonly type: 'deliver'
      readonly kind: 'flow' | 'event'
      /** '' where the door itself says which flow it is. */
      readonly name: string
      readonly endpoint: string
    }
  /** What a step would do with a change that an earlier dry step would have created. */
  | { readonly type: 'wait-for-missing' }
  | { readonly type: 'update-missing' }

export type OperationEvent =
  // Creating and reusing.
  | { readonly type: 'change-created'; readonly change: Change }
  /** A draft that an earlier attempt left half made. */
  | { readonly type: 'draft-resumed'; readonly change: Change }
  /** An earlier change of the same deployment has ended and becomes the parent. */
  | { readonly type: 'previous-linked'; readonly previous: Change }
  /** A rollback whose change a person approves. */
  | {
      readonly type: 'rollback-unproved'
      readonly failed: Change
      readonly unproved: readonly Unproved[]
    }
  /** A change that was named. */
  | { readonly type: 'change-used'; readonly change: Change }
  | { readonly type: 'change-reused'; readonly change: Change }
  /** Made a moment ago: its own job is left to finish. */
  | { readonly type: 'waiting-for-own-job'; readonly change: Change }
  | { readonly type: 'duplicate-canceled'; readonly duplicate: Change; readonly kept: Change }
  /** Another job has a change for this deployment already: our draft was canceled. */
  | { readonly type: 'own-draft-canceled'; readonly draft: Change; readonly kept: Change }
  /** The planned end, in ServiceNow's form, has passed. */
  | { readonly type: 'plan-over'; readonly plannedEnd: string }
  /** The dictionary may not be read. */
  | { readonly type: 'lengths-not-checked'; readonly fields: readonly string[] }
  /** No assignment group is given, and it cannot be told before the first move whether one is asked for. */
  | { readonly type: 'group-not-checked'; readonly dryRun: boolean }
  /** A person has to submit it. */
  | { readonly type: 'left-in-new'; readonly change: Change }
  /** Its approval has not been requested, and no move is known from there. */
  | { readonly type: 'left-in-own-state'; readonly change: Change }
  /** A short description that is not safe in a query was not looked for. */
  | { readonly type: 'title-not-searched'; readonly title: string }
  /** Already submitted: a field that differs is left as it is. */
  | { readonly type: 'field-left'; readonly change: Change; readonly difference: FieldDifference }
  | { readonly type: 'field-not-applied'; readonly change: Change; readonly difference: FieldDifference }
  /** What was submitted could not be noted: later edits will not be noticed. */
  | { readonly type: 'fields-not-noted'; readonly change: Change }
  | { readonly type: 'several-open'; readonly correlationId: string; readonly changes: readonly Change[] }

  // Moving.
  | { readonly type: 'moved'; readonly change: Change }
  | { readonly type: 'already-beyond'; readonly change: Change; readonly target: StateName }
  | { readonly type: 'task-closed'; readonly change: Change; readonly task: ChangeTask }
  | {
      readonly type: 'actual-time-not-written'
      readonly change: Change
      readonly field: 'work_start' | 'work_end'
      readonly problem: ClientProblem
    }

  // Attaching.
  | {
      readonly type: 'attached'
      readonly change: Change
      readonly file: { readonly name: string; readonly size: number; readonly sha256: string }
    }
  | { readonly type: 'already-attached'; readonly change: Change; readonly name: string }
  /** The instance takes no such file; the others go on. */
  | { readonly type: 'not-attached'; readonly change: Change; readonly refusal: FileRefusal }
  | { readonly type: 'upload-progress'; readonly name: string; readonly percent: number }

  // Waiting: when something changes, and at least every five minutes.
  | {
      readonly type: 'waiting'
      readonly change: Change
      readonly reason: Reason
      /** Rows of approvers who have yet to decide, where they are known and fresh. */
      readonly pending: readonly Approval[]
      readonly waitedMs: number
    }
  /** The gate opens all the same. `fields`: undefined where it cannot be told whether any were edited. */
  | {
      readonly type: 'edited-after-submission'
      readonly change: Change
      readonly fields: readonly string[] | undefined
    }
  /** The planned window is another one than was submitted; it is obeyed. */
  | {
      readonly type: 'window-moved'
      readonly change: Change
      readonly from: PlannedWindow
      readonly to: PlannedWindow
    }
  /** The few fields of a poll cannot be read by themselves. `why`: a code, or the fields that are hidden. */
  | { readonly type: 'polls-whole-record'; readonly change: Change; readonly why: string }
  | { readonly type: 'poll-failed'; readonly problem: ClientProblem; readonly waitedMs: number }

  // Whose a change is.
  /** Found under the same identity, and left alone: somebody else made it, or it is bound elsewhere. */
  | {
      readonly type: 'not-ours'
      readonly change: Change
      readonly why: 'creator' | 'bound-elsewhere'
      /** Untrusted text. */
      readonly creator: string
    }
  /** Bound to another repository or environment, and accepted all the same. */
  | { readonly type: 'foreign-allowed'; readonly change: Change }
  /** Our account made it, its binding is gone, and it may be written to all the same. */
  | { readonly type: 'unbound-used'; readonly change: Change }

  /** The notes cannot be read: whether another run deploys under the change is not known. */
  | { readonly type: 'claims-not-read'; readonly change: Change }

  // The gate.
  | { readonly type: 'not-bound'; readonly change: Change }
  | { readonly type: 'conflicts-not-checked'; readonly change: Change }
  | { readonly type: 'conflicts-not-detected'; readonly change: Change; readonly problem: ClientProblem }
  | { readonly type: 'conflicts-unfinished'; readonly change: Change }
  | {
      readonly type: 'conflicts-found'
      readonly change: Change
      readonly conflicts: readonly { readonly change: string; readonly type: string }[]
    }
  | { readonly type: 'already-claimed'; readonly change: Change }
  | { readonly type: 'claim-taken-over'; readonly change: Change; readonly runId: string }
  /** The run that had claimed it has completed. */
  | { readonly type: 'claim-inherited'; readonly change: Change; readonly runId: string }
  | { readonly type: 'lost-claim-not-noted'; readonly change: Change }

  // Flows and events.
  | {
      readonly type: 'delivered'
      readonly kind: 'flow' | 'event'
      readonly name: string
      readonly door: DoorName
      readonly receipt: Receipt
    }
  | { readonly type: 'flow-state'; readonly state: FlowState; readonly execution: string }
  | { readonly type: 'flow-poll-failed'; readonly problem: ClientProblem; readonly waitedMs: number }

  // After the job.
  | { readonly type: 'claimed-elsewhere'; readonly change: Change }
  | { readonly type: 'left-as-is'; readonly change: Change }
  | { readonly type: 'finished'; readonly change: Change; readonly result: JobResult }
  | { readonly type: 'takes-no-notes'; readonly change: Change }
  | { readonly type: 'planned'; readonly write: PlannedWrite }
