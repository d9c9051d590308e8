/** What can be wrong with a message to ServiceNow, as codes with facts. Texts for people are made by the front. */
import type { DoorName } from '@change-actions/change-control'
import { type ClientProblem, Problem, type ProblemDetails } from '@change-actions/servicenow-client'
import type { FlowState } from './door.ts'

/** What was sent where. Texts of the instance among the facts are untrusted. */
export interface SentFacts {
  readonly door: DoorName
  readonly endpoint: string
  readonly kind: 'flow' | 'event'
  /** Name of the flow or event; '' where the door itself says which flow it is. */
  readonly name: string
  readonly status?: number | string | undefined
  /** What the instance said. */
  readonly message?: string | undefined
}

/** An execution that did not end well. */
export interface FlowFacts extends SentFacts {
  readonly execution: string
}

export interface DoorProblems {
  /** Nothing is there: no application, no plugin, another path. */
  'door-missing': SentFacts
  /** A web page instead of JSON. `unclear`: the message may have been taken all the same. */
  'door-page': SentFacts & { readonly unclear: boolean }
  'door-signature': SentFacts
  /** The account may not use the door. */
  'door-role': SentFacts
  /** The message is too old, or from the future. */
  'door-clock': SentFacts & {
    /** How far the instance's clock is ahead of the runner's, in milliseconds; as far as a date header tells it. */
    readonly aheadMs: number
  }
  'flow-not-allowed': SentFacts
  /** The door does not take this message, or did not store it. */
  'door-refused': SentFacts
  /** No response: it may have been taken. */
  'delivery-unclear': SentFacts & { readonly delivery: string; readonly last: ClientProblem }
  'flow-failed': FlowFacts & {
    /** It did not begin: there is no such flow, or it is not active. */
    readonly notStarted: boolean
  }
  'flow-canceled': FlowFacts
  /** Accepted, and not over at the deadline. */
  'flow-unfinished': FlowFacts & {
    readonly timeoutMs: number
    readonly state: FlowState
    /** Why the last poll failed. */
    readonly last?: ClientProblem | undefined
  }
  /** Accepted, and the account may not see how it goes. */
  'flow-not-followed': FlowFacts & { readonly last?: ClientProblem | undefined }
  /** The change that the flow says it made does not count as this deployment's. */
  'flow-change': FlowFacts & {
    readonly change: { readonly sysId: string; readonly number: string }
    readonly why: FlowChangeReason
  }
}

/** Why a change does not count as the one that a flow made for this deployment. */
export type FlowChangeReason =
  | { readonly code: 'unreadable'; readonly last: ClientProblem }
  /** Names of fields that are not as they were sent, each with what was sent and what is there. */
  | {
      readonly code: 'fields'
      readonly fields: readonly { readonly field: string; readonly sent: string; readonly has: string }[]
    }
  /** Untrusted text. */
  | { readonly code: 'creator'; readonly creator: string }

export type DoorCode = keyof DoorProblems

export type DoorProblem<C extends DoorCode = DoorCode> = C extends DoorCode
  ? Problem<C, DoorProblems[C]>
  : never

/** A problem with a message. */
export function doorProblem<C extends DoorCode>(
  code: C,
  facts: DoorProblems[C],
  more: Pick<ProblemDetails<string, object>, 'cause' | 'committed' | 'subject'> = {}
): DoorProblem<C> {
  return new Problem({ code, facts, ...more }) as unknown as DoorProblem<C>
}

const DOOR_CODES: Readonly<Record<DoorCode, true>> = {
  'door-missing': true,
  'door-page': true,
  'door-signature': true,
  'door-role': true,
  'door-clock': true,
  'flow-not-allowed': true,
  'door-refused': true,
  'delivery-unclear': true,
  'flow-failed': true,
  'flow-canceled': true,
  'flow-unfinished': true,
  'flow-not-followed': true,
  'flow-change': true
}

/** Whether something thrown is a problem with a message, and of one of the codes where some are named. */
export function isDoorProblem<C extends DoorCode = DoorCode>(
  error: unknown,
  ...codes: C[]
): error is DoorProblem<C> {
  if (!(error instanceof Problem) || !Object.hasOwn(DOOR_CODES, error.code)) return false
  return codes.length === 0 || (codes as string[]).includes(error.code)
}
