import type { RequestRecord } from '@change-actions/sandbox'

/** What the bench asks of the sandbox's process, each with its argument and its answer. */
export interface Calls {
  readonly requests: (argument: undefined) => readonly RequestRecord[]
  /** Approves a change as soon as somebody is asked to; its number or sys_id. */
  readonly approve: (change: string) => void
  /** Puts a change into the instance; answers with its sys_id. */
  readonly plant: (argument: undefined) => string
  /** Takes every attachment of a change from the disk. */
  readonly clear: (change: string) => void
  /** Peak of the process's resident memory, in bytes. */
  readonly peak: (argument: undefined) => number
}

export type CallName = keyof Calls

export interface Question {
  readonly id: number
  readonly call: CallName
  readonly argument: unknown
}

export type Message =
  | { readonly ready: string }
  | { readonly id: number; readonly answer?: unknown; readonly error?: string }
