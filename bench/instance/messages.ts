import type { RequestRecord } from '@change-actions/sandbox'

/** The calls to the process of the sandbox, with their argument and result. */
export interface Calls {
  /** Every request so far. */
  readonly requests: (argument: undefined) => readonly RequestRecord[]
  /** Approves a change once its approval is requested. The argument is its number or sys_id. */
  readonly approve: (change: string) => void
  /** Creates a change without approvals. Returns its sys_id. */
  readonly insertChange: (argument: undefined) => string
  /** Creates that many changes in several states, types and priorities. Returns the sys_id of the first. */
  readonly insertChanges: (count: number) => string
  /** Deletes every attachment of a change, by number or sys_id. */
  readonly deleteAttachments: (change: string) => void
  /** Maximum resident memory of the process so far, in bytes. */
  readonly peakBytes: (argument: undefined) => number
}

export type CallName = keyof Calls

/** From the bench to the process of the sandbox. */
export interface CallMessage {
  readonly id: number
  readonly call: CallName
  readonly argument: unknown
}

/** From the process of the sandbox: its URL once it is ready, then the result of each call. */
export type ResultMessage =
  | { readonly ready: string }
  | { readonly id: number; readonly result?: unknown; readonly error?: string }
