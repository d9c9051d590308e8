import { type Actor, actorById, findActor, SYSTEM } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules } from '../engine/records.ts'
import { GUEST } from './guest.ts'

/** A script that is due: an async rule, a flow, or the actions of an event. */
export interface Trigger {
  readonly kind: 'rule' | 'flow' | 'action'
  /** Name of the rule, flow or event. */
  readonly name: string
  /** The record: of the rule, the flow context, or the event. */
  readonly table: string
  readonly id: string
  /** What the record was written by: `insert` or `update`. */
  readonly operation?: string
}

function actorNamed({ store }: Engine, user: string): Actor {
  if (user === GUEST.userName) return GUEST
  return findActor(store, user) ?? actorById(store, user) ?? SYSTEM
}

/** The scripts that run later, on the instance's clock. They are records, so that they survive a restart. */
export class Triggers {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  add(actor: Actor, { kind, name, table, id, operation = '' }: Trigger, delayMs = 0): void {
    const values = { kind, name, document: table, document_key: id, payload: operation, user: actor.userName }
    const row = insertWithoutRules(this.#engine, 'sys_trigger', values, actor)
    this.#engine.jobs.schedule({ kind: 'script', sysId: row.sys_id, delayMs })
  }

  /** Takes a trigger that is due; undefined when there is none. */
  take(sysId: string): { readonly trigger: Trigger; readonly actor: Actor } | undefined {
    const row = this.#engine.store.get('sys_trigger', sysId)
    if (!row) return undefined
    this.#engine.store.remove('sys_trigger', sysId)
    const {
      kind = '',
      name = '',
      document = '',
      document_key: id = '',
      payload: operation = '',
      user = ''
    } = row
    const trigger = { kind: kind as Trigger['kind'], name, table: document, id, operation }
    return { trigger, actor: actorNamed(this.#engine, user) }
  }
}
