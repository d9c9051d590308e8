import type { Facts } from '../deployment-texts.ts'

/**
 * How far a gate came: not to the change's claim yet; about to claim it, which a kill may have left in doubt; in
 * Implement.
 */
export type Phase = 'before' | 'entering' | 'entered'

/** A row of an approver: `approved` or `rejected`, and its time (UTC, `YYYY-MM-DD HH:MM:SS`). */
export type GateDecision = readonly [approver: string, decision: string, at: string, comment?: string]

/** Why a gate failed, in words: title, lines (what happened, cause, fix), and the address of a page about it. */
export interface GateFailure {
  readonly title: string
  readonly lines: readonly string[]
  readonly page?: string | undefined
}

/** What is known of a gate's change when its job ends. Nothing secret. */
export interface GateState {
  readonly sysId: string
  readonly number: string
  /** Made by this job. */
  readonly created: boolean
  /** Given by number or sys_id, and neither this run's nor the one that this run was started for: it is other people's. */
  readonly supplied: boolean
  readonly phase: Phase
  /** How the gate failed; absent while it has not, or when it was killed. */
  readonly outcome?: string | undefined
  /** The same in words, for the summary. */
  readonly failure?: GateFailure | undefined
  /** What the change's approval read when it was last seen. */
  readonly approval?: string | undefined
  /** Of what is deployed, for the summary; absent where only the commit is known. */
  readonly version?: string | undefined
  /** When each state was seen first, on the instance's clock, epoch milliseconds. */
  readonly times: readonly (readonly [state: string, at: number])[]
  /** Absent where nobody has decided, or it is not known. */
  readonly decisions?: readonly GateDecision[] | undefined
  /** What was attached, a line each, for the summary. */
  readonly evidence?: readonly string[] | undefined
  /** Names and addresses of pages about the deployment, for notes; absent where none are known. */
  readonly links?: Facts | undefined
}
