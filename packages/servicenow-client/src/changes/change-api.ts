import type { Query } from '../query/query.ts'
import type { Capabilities } from './capabilities.ts'
import type { Change } from './change.ts'
import type { FieldValue, Scalar } from './fields.ts'
import type { PollValues } from './poll-values.ts'

/** Changes that `findNewest` returns at most, where no other limit is given. */
export const NEWEST = 100

/** What the response to a creation shows. */
export interface Made {
  /** The change, as far as it is shown; undefined when the response names none. */
  readonly change: Change | undefined
  /** The change has all fields that decisions need. */
  readonly whole: boolean
}

/** A change to be made, in New. */
export interface Draft {
  readonly type?: string | undefined
  /** sys_id of a change model. */
  readonly model?: string | undefined
  readonly template?: Template | undefined
  readonly fields: Readonly<Record<string, Scalar>>
}

/** An active standard change template. */
export interface Template {
  readonly sysId: string
  readonly name: string
  /** Its published version (`std_change_producer_version`); the Table API needs it. */
  readonly version: string
}

/** Changes of a list, each with the fields that were asked for. */
export interface ChangeList {
  readonly changes: readonly Change[]
  /** Changes match that the account may not read. */
  readonly hidden: boolean
}

export interface ReadOptions {
  readonly operation?: string
  readonly maxRetries?: number
}

export interface WriteOptions {
  /** What is being done, for the error. */
  readonly operation: string
  /** Whether the record shows that the write was carried out; checked when the response does not say so. */
  readonly done?: (change: Change) => boolean
  /** The values are names and labels as people see them, to be resolved by the instance. */
  readonly byDisplayValue?: boolean
}

export interface ChangeTask {
  readonly sysId: string
  readonly number: string
  readonly shortDescription: string
  /** Raw state: -5 Pending, 1 Open, 2 Work in progress, 3 Closed, 4 Canceled. */
  readonly state: string
  readonly type: string
}

/** A move that the instance knows from the current state, with the conditions that are not met. */
export interface NextState {
  readonly state: string
  readonly label: string
  readonly available: boolean
  /** Names of conditions that are not met. */
  readonly unmet: readonly string[]
}

/**
 * Change requests, by either REST dialect. Every write returns the record as it is afterwards. A response about
 * another record than the one named is Problem `other-record`. No method changes approvals.
 */
export interface ChangeApi {
  /** What this API can do: callers ask for it, never for the name of the API. */
  readonly capabilities: Capabilities
  /** @throws Problem `not-found` */
  get(sysId: string, options?: ReadOptions): Promise<Change>
  /**
   * The few fields by which it is seen that a change has changed, through the Table API: journals make whole records
   * long. Needs the right to read changes through it.
   *
   * @throws Problem `not-found`; `unreadable` where these fields cannot tell
   */
  poll(sysId: string, options?: ReadOptions): Promise<PollValues>
  /** All changes of a query; each is checked against it. @throws Problem `list-cut` when there are too many */
  find(query: Query, operation: string, options?: Pick<ReadOptions, 'maxRetries'>): Promise<Change[]>
  /**
   * All changes of a query, 1,000 a request, with `BRIEF_FIELDS` and these further ones; each is checked
   * against the query. Needs the right to read changes through the Table API.
   *
   * @throws Problem `list-cut` when there are more than 10,000
   */
  list(query: Query, operation: string, fields?: readonly string[]): Promise<ChangeList>
  /** The changes of a query that were created last, at most `limit` (default `NEWEST`), in no more than one request. */
  findNewest(query: Query, operation: string, limit?: number): Promise<Change[]>
  /**
   * `check` finds the change when the response to the first attempt was lost. Which change a response shows is for the
   * caller to judge: there was none to compare it with.
   */
  create(draft: Draft, check: () => Promise<Change | undefined>): Promise<Made>
  update(sysId: string, fields: Readonly<Record<string, Scalar>>, options: WriteOptions): Promise<Change>
  /** The moves the instance allows now; undefined where the API has no such call. */
  nextStates(sysId: string): Promise<readonly NextState[] | undefined>
  /** @throws Problem `list-cut` when there are too many to read them all */
  openTasks(sysId: string): Promise<readonly ChangeTask[]>
  updateTask(
    changeSysId: string,
    taskSysId: string,
    fields: Readonly<Record<string, Scalar>>,
    operation: string
  ): Promise<void>
  /** Has the instance evaluate the risk. @throws Problem `api-missing` where the API has no such call */
  evaluateRisk(sysId: string): Promise<Change>
  /** Starts conflict detection. @throws Problem `api-missing` where the API has no such call */
  startConflictCheck(sysId: string): Promise<void>
  /** What the last conflict detection found; `lastRun` is '' before the first. */
  conflicts(sysId: string): Promise<ConflictReport>
  /** By sys_id, or by the exact name of an active one. @throws Problem `lookup-none`, `lookup-many` */
  template(nameOrSysId: string): Promise<Template>
}

export interface ConflictReport {
  /** UTC `YYYY-MM-DD HH:MM:SS`. */
  readonly lastRun: string
  /** The instance says that the detection is done (job status 2). */
  readonly done: boolean
  /** The number of a conflicting change, or what else it conflicts with, and the kind. `status` is not reliable. */
  readonly conflicts: readonly { readonly change: string; readonly type: string }[]
}

export type { FieldValue }
