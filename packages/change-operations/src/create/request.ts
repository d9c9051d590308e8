import type { Brief, Ownership } from '@change-actions/change-control'
import type { Change, ReferenceKind, Scalar, Template } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { ChangeName } from '../named-change.ts'
import type { Note } from '../notes.ts'
import type { Identity } from '../own/identity.ts'

/** What a change is to be, before names are resolved. Field names are ServiceNow's. */
export interface CreateRequest {
  /** An existing change to use; nothing is created then. */
  readonly supplied: ChangeName | undefined
  readonly type: string | undefined
  readonly template: string | undefined
  readonly model: string | undefined
  /** Fields given by the user. Dates are in ServiceNow's form. */
  readonly given: Readonly<Record<string, Scalar>>
  /** Defaults that never overwrite what a record holds. */
  readonly generated: Readonly<Record<string, Scalar>>
  /** Name or sys_id by field: `assignment_group`, `assigned_to`, `requested_by`, `cmdb_ci`. */
  readonly references: Readonly<Record<string, string>>
  /**
   * Names of records that are given by their sys_id, so that they need not be looked up, by field; `template` for the
   * template. The record that was written must show them.
   */
  readonly known?: Readonly<Record<string, string>>
  /** Value or label by field: `risk`, `priority`, … */
  readonly choices: Readonly<Record<string, string>>
  /** Number or sys_id; of a rollback, the change that failed. */
  readonly parent: string | undefined
  /** The change is made to go back from its parent. `successCode`: the instance's own close code for a success. */
  readonly rollback?: { readonly successCode: string | undefined } | undefined
  readonly note: Note | undefined
  /** The brief, where the description is not ours. Written before approval is requested. */
  readonly briefNote?: Note | undefined
  readonly correlationId: string
  /** The binding. */
  readonly correlationDisplay: string
  /** Whose changes are reused. */
  readonly identity: Identity
  /**
   * The correlation id was derived and the short description is the user's: a submitted change with another one may be
   * that of another deployment.
   */
  readonly titleTells?: boolean
  readonly reuse: boolean
  readonly matchTitle: boolean
  readonly requestApproval: boolean
  readonly resubmit: boolean
  /** Nothing may begin after the planned end. */
  readonly windowBinds?: boolean
  /** Links a new change to the last one of the same deployment that has ended. */
  readonly linkPrevious?: boolean
  /** An earlier attempt of this run may have been killed half way. */
  readonly retried: boolean
}

/** The same with every name turned into a value that can be sent. */
export interface Resolved {
  readonly type: string | undefined
  readonly template: Template | undefined
  readonly model: string | undefined
  /** All fields given by the user, resolved. */
  readonly fields: Readonly<Record<string, Scalar>>
  /** Reference fields whose value must be seen on the written record before it is believed. */
  readonly unverified: readonly string[]
  /** Names that the written record must show for references sent as sys_id, by field. */
  readonly known?: Readonly<Record<string, string>>
  /** Choice fields sent as text because the choice list may not be read. */
  readonly unverifiedChoices: readonly string[]
}

/** The kinds of records that references point at, by field. */
export const REFERENCE_KINDS: Readonly<Record<string, ReferenceKind>> = {
  assignment_group: 'group',
  assigned_to: 'user',
  requested_by: 'user',
  cmdb_ci: 'ci',
  chg_model: 'model'
}

/** A name and the sys_id that is held for it, for messages. */
export function knownText(name: string, sysId: string): string {
  return `${name} (sys_id ${sysId})`
}

export interface CreateHooks {
  /**
   * The change exists: report it at once, whatever happens next.
   *
   * @param named it was named, or counts as such: it is other people's
   */
  onChange(change: Change, created: boolean, named: boolean): void
  /** A change was supplied or found. It may still be refused, and is not yet this step's. */
  onSeen?(change: Change): void
  /** May refuse a change that was named, before anything is done with it. */
  accept?(change: Change, resolved: Resolved, ownership: Ownership): Promise<void> | void
  /** There is something to attach. */
  readonly attaches?: boolean
  /**
   * What approvers read of the deployment, for a change that is made. It never fails; undefined where there is none.
   */
  brief?(): Promise<Brief | undefined>
  /**
   * Runs after the record exists and before approval is requested. Returns the note about the files, which is still to
   * be written: it goes out with the submission.
   *
   * @param isNew this call has just made the change: nothing is attached to it yet
   */
  attach(change: Change | undefined, isNew: boolean): Promise<Note | undefined>
}

export interface Created {
  /** Undefined in a dry run that would have created one. */
  readonly change: Change | undefined
  /** Made by this call; false: supplied or reused. */
  readonly created: boolean
  /** Milliseconds that the creation alone took; absent when the record was there before. */
  readonly creationMs?: number | undefined
}

/** One call of `createChange`: what all its parts need. */
export interface Creation {
  readonly context: OperationContext
  readonly request: CreateRequest
  readonly resolved: Resolved
  readonly hooks: CreateHooks
}

/** A creation that was sent, and what to judge its response by. */
export interface Sending {
  readonly request: CreateRequest
  readonly resolved: Resolved
  /** sys_ids of open changes of this deployment that were there before. */
  readonly known: ReadonlySet<string>
  /** When it was sent, on the instance's clock, epoch milliseconds. */
  readonly startedAt: number
}
