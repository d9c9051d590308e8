import type { ServiceNowClient, ServiceNowError } from '@change-actions/servicenow-client'
import type { ChangeTitle } from './problems.ts'

/** Where a flow says what it does. Texts may hold foreign text: the implementation makes it harmless. */
export interface Report {
  info(text: string): void
  warning(text: string): void
  notice(text: string): void
  /** A write that a dry run leaves out. */
  plan(text: string): void
}

/** What every flow works with. Time comes in from outside, so that tests decide how it passes. */
export interface Flow {
  readonly client: ServiceNowClient
  readonly report: Report
  /** Epoch milliseconds on the runner. */
  now(): number
  sleep(ms: number): Promise<void>
  /** A number in [0, 1). */
  random(): number
  /** Everything is read and checked, nothing is written. */
  readonly dryRun: boolean
}

/** A step that cannot be done, for a reason in the change itself. `message` holds the cause and the fix. */
export class ChangeError extends Error {
  override readonly name = 'ChangeError'
  /** The annotation's title: `Change CHG0030001: rejected`. */
  readonly title: string
  /** How a gate puts it in a word (`rejected`, `in-use`); undefined where no gate has a word for it. */
  readonly outcome: string | undefined

  constructor(
    title: ChangeTitle | ServiceNowError['title'],
    message: string,
    cause?: unknown,
    outcome?: string
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.title = title
    this.outcome = outcome
  }
}
