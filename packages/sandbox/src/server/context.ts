import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import type { Request } from './request.ts'

/** One authenticated request on its way through an API. */
export interface Context {
  readonly engine: Engine
  readonly actor: Actor
  readonly request: Request
}
