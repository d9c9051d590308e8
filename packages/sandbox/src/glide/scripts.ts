import { addTables } from '../dictionary/tables.ts'
import { type Actor, SYSTEM } from '../engine/actor.ts'
import { withChanges } from '../engine/business-rules.ts'
import { type Engine, type RecordWrite, RuleAbort, type Scripts } from '../engine/engine.ts'
import { insertWithoutRules, updateWithoutRules } from '../engine/records.ts'
import { sysIdOf } from '../engine/store.ts'
import type { Application, LoadedScripts, RuleTime, ScriptedResource, ScriptedRule } from './application.ts'
import { Events } from './events.ts'
import { meetsFilter } from './filter.ts'
import { Flows } from './flows.ts'
import { bridgeTo } from './host/operations.ts'
import type { RunContext } from './host/run-context.ts'
import { Threads } from './realm/run-apart.ts'
import { runHere } from './realm/run-in-realm.ts'
import type { Facts, Outcome, RecordFact, RequestFact, Task } from './realm/types.ts'
import { grantRole } from './roles.ts'
import { Suspension } from './suspension.ts'
import { SCRIPT_TABLES } from './tables.ts'
import { type Trigger, Triggers } from './triggers.ts'

/** Rules that write records whose rules write records: more of them is a mistake. */
const MAX_NESTED_RULES = 16

const UNKNOWN_FLOW: Outcome = {
  error: { message: 'The flow does not exist or is not active.', stack: '' }
}

type TaskWithoutFacts = Omit<Task, 'facts'>

/** The scripts of an application, in an instance. */
class InstanceScripts implements Scripts {
  readonly application: Application
  readonly #engine: Engine
  readonly #threads = new Threads()
  readonly #suspension = new Suspension()
  readonly #triggers: Triggers
  readonly #events: Events
  readonly #flows: Flows
  /** Rules that are running, with their record: a rule does not run for a write of its own. */
  readonly #running = new Set<string>()
  #installed = false

  /** @throws Error when a table of the application has the name of another */
  constructor(engine: Engine, application: Application) {
    addTables([...SCRIPT_TABLES, ...application.tables.map(one => one.table)])
    this.application = application
    this.#engine = engine
    this.#triggers = new Triggers(engine)
    this.#events = new Events(engine, this.#triggers)
    this.#flows = new Flows(engine, application, this.#triggers)
  }

  install(): void {
    const known = new Set(this.#engine.store.rows('sys_properties').map(row => row.name))
    for (const { name, value, type } of this.application.properties) {
      if (!known.has(name)) insertWithoutRules(this.#engine, 'sys_properties', { name, value, type })
    }
    for (const role of this.application.roles) grantRole(this.#engine, role)
    this.#installed = true
  }

  suspended<T>(task: () => T): T {
    return this.#suspension.during(task)
  }

  stop(): Promise<void> {
    return this.#threads.stop()
  }

  #facts(actor: Actor): Facts {
    const { scope, includes } = this.application
    const { sysId: id, userName, name, roles } = actor
    return {
      scope,
      user: { id, userName, name, roles: [...roles] },
      includes: Object.fromEntries(includes.map(one => [one.name, one.script]))
    }
  }

  #context(actor: Actor, mayWait: boolean): RunContext {
    return {
      engine: this.#engine,
      application: this.application,
      actor,
      mayWait,
      flows: this.#flows,
      events: this.#events,
      suspension: this.#suspension,
      runFlow: (who, task) => (mayWait ? this.#runApart(who, task) : this.#runHere(who, task))
    }
  }

  #runHere(actor: Actor, task: TaskWithoutFacts): Outcome {
    const bridge = bridgeTo(this.#context(actor, false))
    const facts = this.#facts(actor)
    // Nothing that a script may do here responds later.
    const now = (operation: string, json: string) => bridge(operation, json) as string
    return this.#logged(task, runHere({ ...task, facts }, now, this.#engine.settings.scriptTimeoutMs))
  }

  async #runApart(actor: Actor, task: TaskWithoutFacts): Promise<Outcome> {
    const bridge = bridgeTo(this.#context(actor, true))
    const facts = this.#facts(actor)
    const limitMs = this.#engine.settings.scriptTimeoutMs
    return this.#logged(task, await this.#threads.run({ ...task, facts }, bridge, limitMs))
  }

  /** An error of a script is in the log; what was written before it stays. */
  #logged(task: TaskWithoutFacts, outcome: Outcome): Outcome {
    if (outcome.error)
      this.#events.log('error', `${task.name}: ${outcome.error.message}`, this.application.scope)
    return outcome
  }

  #rulesFor(when: RuleTime, table: string, write: RecordWrite): ScriptedRule[] {
    if (!this.#installed || this.#suspension.active) return []
    const operation = write.before ? 'update' : 'insert'
    const rules = this.application.rules.filter(
      rule => rule.when === when && rule.table === table && rule.on.includes(operation)
    )
    return rules.filter(rule => meetsFilter(this.#engine, table, write, rule.filter))
  }

  #ruleTask(rule: ScriptedRule, { before, after, notes }: RecordWrite): TaskWithoutFacts {
    const { name, script, condition, table } = rule
    const operation = before ? 'update' : 'insert'
    const current: RecordFact = { table, values: after, notes, operation, ...(before && { before }) }
    const previous = before && { previous: { table, values: before, before } }
    return { kind: 'rule', name, script, condition, current, ...previous }
  }

  /** Runs a rule for a write, unless it is running for this record already. */
  #once(rule: ScriptedRule, write: RecordWrite, run: () => Outcome): Outcome {
    const key = `${rule.name} ${write.after.sys_id}`
    if (this.#running.has(key)) return {}
    if (this.#running.size >= MAX_NESTED_RULES) {
      const message = `${rule.name}: not run, ${MAX_NESTED_RULES} rules run because of each other`
      this.#events.log('error', message, this.application.scope)
      return {}
    }
    this.#running.add(key)
    try {
      return run()
    } finally {
      this.#running.delete(key)
    }
  }

  before(actor: Actor, table: string, write: RecordWrite): RecordWrite {
    return this.#rulesFor('before', table, write).reduce((current, rule) => {
      const run = () => this.#runHere(actor, this.#ruleTask(rule, current))
      const { changed = {}, aborted, messages = [] } = this.#once(rule, current, run)
      if (aborted) {
        const stack = `Business Rule '${rule.name}^${sysIdOf(rule.name)}'. Business Rule Stack:${rule.name}`
        throw new RuleAbort(
          [`Operation against file '${table}' was aborted by ${stack}`, ...messages].join('; ')
        )
      }
      return withChanges(table, current, changed)
    }, write)
  }

  written(actor: Actor, table: string, write: RecordWrite): void {
    for (const rule of this.#rulesFor('after', table, write)) {
      this.#once(rule, write, () => this.#runHere(actor, this.#ruleTask(rule, write)))
    }
    for (const rule of this.#rulesFor('async', table, write)) {
      // The condition is judged when the record is saved, with what has changed; the script runs later without that.
      const judged = { ...this.#ruleTask(rule, write), script: '' }
      if (rule.condition !== '' && this.#runHere(actor, judged).met !== true) continue
      const operation = write.before ? 'update' : 'insert'
      this.#triggers.add(actor, { kind: 'rule', name: rule.name, table, id: write.after.sys_id, operation })
    }
  }

  runTrigger(sysId: string): void {
    const taken = this.#triggers.take(sysId)
    if (!taken) return
    const { trigger, actor } = taken
    this.#runDue(trigger, actor).catch(error => {
      this.#events.log('error', `${trigger.name}: ${(error as Error).message}`, this.application.scope)
    })
  }

  async #runDue(trigger: Trigger, actor: Actor): Promise<void> {
    if (trigger.kind === 'rule') await this.#runAsyncRule(trigger, actor)
    else if (trigger.kind === 'flow') await this.#runFlow(trigger, actor)
    else await this.#runActions(trigger, actor)
  }

  async #runAsyncRule({ name, table, id, operation = '' }: Trigger, actor: Actor): Promise<void> {
    const rule = this.application.rules.find(one => one.name === name)
    const row = this.#engine.store.get(table, id)
    if (!rule || !row) return
    const current = { table, values: row, before: row, operation }
    await this.#runApart(actor, { kind: 'rule', name, script: rule.script, current })
  }

  async #runFlow({ id }: Trigger, actor: Actor): Promise<void> {
    if (!this.#flows.begin(id)) return
    const task = this.#flows.task(id)
    this.#flows.end(id, task ? await this.#runApart(actor, task) : UNKNOWN_FLOW)
  }

  async #runActions({ id }: Trigger, actor: Actor): Promise<void> {
    const event = this.#engine.store.get('sysevent', id)
    if (!event) return
    const row = event.table ? this.#engine.store.get(event.table, event.instance ?? '') : undefined
    const current = row && { current: { table: event.table ?? '', values: row, before: row } }
    let failed = false
    for (const { name, script } of this.application.actions.filter(one => one.event === event.name)) {
      const outcome = await this.#runApart(actor, { kind: 'action', name, script, event, ...current })
      failed ||= outcome.error !== undefined
    }
    if (this.#engine.store.get('sysevent', id))
      updateWithoutRules(this.#engine, 'sysevent', id, { state: failed ? 'error' : 'processed' }, SYSTEM)
  }

  runResource(actor: Actor, resource: ScriptedResource, request: RequestFact): Promise<Outcome> {
    const { name, script } = resource
    return this.#runApart(actor, { kind: 'resource', name, script, request })
  }
}

/** An application as the option `scripts` takes it. */
export function withScripts(application: Application): LoadedScripts {
  return { application, start: (engine: Engine): Scripts => new InstanceScripts(engine, application) }
}
