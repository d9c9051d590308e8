import type { Application, ScriptedResource } from '../glide/application.ts'
import type { Outcome, RequestFact } from '../glide/realm/types.ts'
import type { Settings } from '../options.ts'
import type { Actor } from './actor.ts'
import type { Jobs } from './jobs.ts'
import type { Row, Store, Values } from './store.ts'

/** A write to one record. */
export interface RecordWrite {
  /** Absent on insert. */
  readonly before: Row | undefined
  readonly after: Row
  /** Texts for the journals of the record, by field. */
  readonly notes: Values
}

/** The business rules of a table. */
export interface RecordRules {
  /** Values of a new record for the fields that are not among those `sent`. */
  defaults?(engine: Engine, actor: Actor, sent: Values): Values
  /** Checks the record and returns it with computed fields. @throws RuleAbort to refuse the write */
  beforeWrite?(engine: Engine, write: RecordWrite, actor: Actor): Row
  /** Whether journal entries are stored. */
  keepsJournal?(engine: Engine, before: Row | undefined): boolean
  /** Changes other records after this one is stored. */
  afterWrite?(engine: Engine, write: RecordWrite, actor: Actor): void
}

/** A business rule of this instance, beside those of a stock instance. It runs before a record is stored. */
export interface BusinessRule {
  readonly table: string
  /** Named in the error of a write that it refuses. */
  readonly name: string
  /**
   * Returns the values that it changes; a journal field replaces the text that is added to the journal.
   * @throws Error to refuse the write
   */
  run(write: RecordWrite): Values | undefined
}

/** The business rules that a stock instance does not have. */
export interface BusinessRules {
  /** Returns a function that removes the rule. @throws Error for an unknown table */
  add(rule: BusinessRule): () => void
  /** The write as the rules change it. @throws RuleAbort when one refuses it */
  apply(table: string, write: RecordWrite): RecordWrite
}

/** The scripts of an application that was loaded into this instance. */
export interface Scripts {
  readonly application: Application
  /** Adds the properties that are not there yet. From now on rules run. */
  install(): void
  /** The write as the rules change it. @throws RuleAbort when one refuses it */
  before(actor: Actor, table: string, write: RecordWrite): RecordWrite
  /** Runs the rules for a write that is stored, and schedules those that run later. */
  written(actor: Actor, table: string, write: RecordWrite): void
  /** Runs a script that was scheduled. */
  runTrigger(sysId: string): void
  /** Runs the script of a Scripted REST resource. */
  runResource(actor: Actor, resource: ScriptedResource, request: RequestFact): Promise<Outcome>
  /** Runs a task whose writes run no rule. */
  suspended<T>(task: () => T): T
  /** Ends what runs. */
  stop(): Promise<void>
}

/** The running instance: data, settings, scheduled jobs and rules by table. */
export interface Engine {
  readonly store: Store
  readonly settings: Settings
  readonly jobs: Jobs
  readonly rules: Readonly<Record<string, RecordRules>>
  /** They run after those in `rules`. */
  readonly businessRules: BusinessRules
  /** Absent when no application was loaded. They run after `businessRules`. */
  readonly scripts?: Scripts
}

/** A write refused by a rule. Each API puts the message in its own error format. */
export class RuleAbort extends Error {
  override readonly name = 'RuleAbort'
}

/** The rule that checks moves refused one. */
export class TransitionRefused extends RuleAbort {
  /** The change as the conditions were checked. */
  readonly change: Row
  /** Stored value of the state that the change was to go to. */
  readonly to: string

  constructor(message: string, change: Row, to: string) {
    super(message)
    this.change = change
    this.to = to
  }
}
