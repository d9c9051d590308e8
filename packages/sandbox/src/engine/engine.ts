import type { Settings } from '../options.ts'
import type { Actor } from './actor.ts'
import type { Jobs } from './jobs.ts'
import type { Row, Store, Values } from './store.ts'

/** One record about to be written: `before` is absent on insert. */
export interface Pending {
  readonly before: Row | undefined
  readonly after: Row
  /** Texts for the record's journals, by field. */
  readonly notes: Values
}

/** What the instance does around writes to one table. */
export interface RecordRules {
  /** Values of a new record for the fields nobody gave. */
  defaults?(engine: Engine, actor: Actor): Values
  /** Checks and completes the record. @throws RuleAbort to refuse the write. */
  before?(engine: Engine, pending: Pending, actor: Actor): Row
  /** Whether a journal entry on this record is kept. */
  takesJournal?(before: Row | undefined): boolean
  /** What follows once the record is stored. */
  after?(engine: Engine, pending: Pending, actor: Actor): void
}

/** The running instance as its parts see it: data, clock, rules and pending work. */
export interface Engine {
  readonly store: Store
  readonly settings: Settings
  readonly jobs: Jobs
  readonly rules: Readonly<Record<string, RecordRules>>
}

export type AbortKind = 'business-rule' | 'data-policy'

/** A write refused by a rule; each API words and places the text in its own way. */
export class RuleAbort extends Error {
  readonly kind: AbortKind

  constructor(kind: AbortKind, text: string) {
    super(text)
    this.name = 'RuleAbort'
    this.kind = kind
  }
}
