import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules, updateWithoutRules } from '../engine/records.ts'
import type { Row } from '../engine/store.ts'
import type { Application, ScriptedFlow } from './application.ts'
import type { Outcome, Task } from './realm/types.ts'
import type { Triggers } from './triggers.ts'

const TABLE = 'sys_flow_context'

/** Runs the script of a flow: in the thread of the instance when nobody may wait, else in one of its own. */
export type RunFlow = (actor: Actor, task: Omit<Task, 'facts'>) => Outcome | Promise<Outcome>

interface Started {
  readonly contextId: string
  readonly outputs: unknown
}

function parsed(text: string | undefined): unknown {
  return text ? JSON.parse(text) : {}
}

/** The flows and subflows of an application. An execution is a record of `sys_flow_context`. */
export class Flows {
  readonly #engine: Engine
  readonly #application: Application
  readonly #triggers: Triggers

  constructor(engine: Engine, application: Application, triggers: Triggers) {
    this.#engine = engine
    this.#application = application
    this.#triggers = triggers
  }

  /** A flow by its name, with or without the scope. */
  #named(name: string): ScriptedFlow | undefined {
    const { scope, flows } = this.#application
    return flows.find(one => one.name === name || `${scope}.${one.name}` === name)
  }

  context(id: string): Row | undefined {
    return this.#engine.store.get(TABLE, id)
  }

  /** Creates an execution. @throws Error for an unknown flow */
  #create(actor: Actor, type: string, name: string, inputs: unknown, state: string): Row {
    if (!this.#named(name)) throw new Error(`The ${type} ${name} does not exist or is not active.`)
    const values = { name, type, state, inputs: JSON.stringify(inputs ?? {}), user: actor.userName }
    return insertWithoutRules(this.#engine, TABLE, values, actor)
  }

  /** Starts a flow that runs later. @throws Error for an unknown flow */
  startInBackground(actor: Actor, type: string, name: string, inputs: unknown): Started {
    const { sys_id: id } = this.#create(actor, type, name, inputs, 'QUEUED')
    this.#triggers.add(actor, { kind: 'flow', name, table: TABLE, id })
    return { contextId: id, outputs: null }
  }

  /** Runs a flow now. @throws Error for an unknown flow, and when the flow fails */
  runInForeground(
    actor: Actor,
    type: string,
    name: string,
    inputs: unknown,
    run: RunFlow
  ): Started | Promise<Started> {
    const { sys_id: id } = this.#create(actor, type, name, inputs, 'IN_PROGRESS')
    const task = this.task(id)
    const ended = (outcome: Outcome): Started => {
      this.end(id, outcome)
      if (outcome.error) throw new Error(outcome.error.message)
      return { contextId: id, outputs: outcome.outputs }
    }
    const outcome = task ? run(actor, task) : {}
    return outcome instanceof Promise ? outcome.then(ended) : ended(outcome)
  }

  /** The task of an execution; undefined when its flow does not exist: another application may have been loaded. */
  task(id: string): Omit<Task, 'facts'> | undefined {
    const context = this.context(id)
    const name = context?.name ?? ''
    const script = this.#named(name)?.script
    return script === undefined ? undefined : { kind: 'flow', name, script, inputs: parsed(context?.inputs) }
  }

  /** Marks an execution that waits for its turn as running; false when it was cancelled. */
  begin(id: string): boolean {
    if (this.context(id)?.state !== 'QUEUED') return false
    updateWithoutRules(this.#engine, TABLE, id, { state: 'IN_PROGRESS' })
    return true
  }

  /** Keeps how the script of an execution ended, unless the execution was ended or deleted meanwhile. */
  end(id: string, { error, outputs }: Outcome): void {
    const context = this.context(id)
    if (context?.state !== 'IN_PROGRESS') return
    const state = this.#named(context.name ?? '')?.waits ? 'WAITING' : 'COMPLETE'
    const values = error
      ? { state: 'ERROR', error_message: error.message }
      : { state, outputs: JSON.stringify(outputs ?? {}) }
    updateWithoutRules(this.#engine, TABLE, id, values)
  }

  /** Ends an execution that is not over. */
  cancel(id: string, reason: string): void {
    const state = this.context(id)?.state ?? ''
    if (!['QUEUED', 'IN_PROGRESS', 'WAITING'].includes(state)) return
    updateWithoutRules(this.#engine, TABLE, id, { state: 'CANCELLED', error_message: reason })
  }

  /** As `FlowAPI.getStatus` gives it. */
  status(id: string): unknown {
    const context = this.context(id)
    if (!context)
      return { hasLookupError: true, errorMessage: `No context with sys_id ${id}`, contextStatus: {} }
    const { state, error_message: message } = context
    const more = state === 'COMPLETE' ? { errorState: 'NONE' } : message ? { message } : {}
    return { hasLookupError: false, errorMessage: '', contextStatus: { state, ...more } }
  }

  outputs(id: string): unknown {
    return parsed(this.context(id)?.outputs)
  }
}
