import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'

export type RowTest = (row: Row) => boolean

/** What conditions are compiled with. */
export interface Compiler {
  readonly engine: Engine
  readonly actor: Actor
  /** The rows of a table that match an encoded query. */
  select(table: string, query: string): Row[]
}
