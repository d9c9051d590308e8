import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules } from '../engine/records.ts'
import type { Triggers } from './triggers.ts'

/** Stored values of `syslog.level`. */
const LEVELS: Readonly<Record<string, string>> = { debug: '-1', info: '0', warn: '1', error: '2' }

export interface QueuedEvent {
  readonly name: string
  readonly table: string
  readonly id: string
  readonly parm1: string
  readonly parm2: string
  readonly delayMs: number
}

/** The log and the event queue of scripts. */
export class Events {
  readonly #engine: Engine
  readonly #triggers: Triggers

  constructor(engine: Engine, triggers: Triggers) {
    this.#engine = engine
    this.#triggers = triggers
  }

  /** Writes to `syslog`. */
  log(level: string, message: string, source: string): void {
    insertWithoutRules(this.#engine, 'syslog', { level: LEVELS[level] ?? '0', message, source })
  }

  /** Queues an event. Its script actions run later. */
  queue(actor: Actor, { name, table, id, parm1, parm2, delayMs }: QueuedEvent): void {
    const values = { name, table, instance: id, parm1, parm2, state: 'ready', user_id: actor.sysId }
    const event = insertWithoutRules(this.#engine, 'sysevent', values, actor)
    this.#triggers.add(actor, { kind: 'action', name, table: 'sysevent', id: event.sys_id }, delayMs)
  }
}
