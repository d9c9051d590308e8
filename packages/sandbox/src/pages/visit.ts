import { type Actor, SYSTEM } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import type { Faults } from '../faults/faults.ts'
import type { HttpRequest } from '../server/request.ts'
import type { RequestRecord } from '../server/request-record.ts'
import type { Controls } from './controls.ts'
import type { Live } from './live.ts'
import type { Session, Sessions } from './sessions.ts'

/** What the pages show and act on. */
export interface Site {
  readonly engine: Engine
  readonly faults: Faults
  readonly sessions: Sessions
  readonly live: Live
  readonly controls: Controls
  /** Every request to the APIs, in the order of arrival. */
  readonly requests: () => readonly RequestRecord[]
}

/** A person who signed in. */
export interface Person {
  readonly actor: Actor
  readonly session: Session
}

/** One request for a page. */
export interface Visit {
  readonly site: Site
  readonly request: HttpRequest
  /** Absent before sign-in. */
  readonly person?: Person
}

/**
 * The account whose rights and time zone apply to what is shown. Before sign-in everything is shown, in UTC: whoever
 * reaches the sandbox knows its accounts.
 */
export function viewerOf({ person }: Visit): Actor {
  return person?.actor ?? SYSTEM
}

/** Refuses what a person wants to do; the page shows the text. */
export class Refusal extends Error {
  readonly status: number

  constructor(message: string, status = 403) {
    super(message)
    this.name = 'Refusal'
    this.status = status
  }
}
