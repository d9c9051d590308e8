import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import type { HttpRequest } from './request.ts'

/** What the handler of an authenticated request works with. */
export interface Context {
  readonly engine: Engine
  readonly actor: Actor
  readonly request: HttpRequest
}
