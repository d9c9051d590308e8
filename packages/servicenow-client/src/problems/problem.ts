/** What a problem is about, where it is about a change. */
export interface Subject {
  readonly kind: 'change'
  readonly number: string
  readonly sysId: string
}

/** Whether another attempt is worthwhile. */
export interface Retry {
  /** The error is temporary: it may be gone the next time. */
  readonly temporary: boolean
  /** Milliseconds that the other side asked to wait before the next request. */
  readonly afterMs?: number | undefined
}

/** Whether something was written: `maybe` after a response that was lost, refused late or not understood. */
export type Committed = 'no' | 'maybe' | 'yes'

export interface ProblemDetails<Code extends string, Facts extends object> {
  readonly code: Code
  readonly facts: Facts
  readonly subject?: Subject | undefined
  readonly retry?: Retry | undefined
  readonly committed?: Committed | undefined
  /** How a gate puts it in a word (`rejected`, `in-use`); undefined where no gate has a word for it. */
  readonly outcome?: string | undefined
  readonly cause?: unknown
}

const FINAL: Retry = { temporary: false }

/**
 * What could not be done, as a code and facts. There is no text for people in it: the front that talks to them
 * makes title, cause and fix from the code. Facts are plain values; texts among them may come from outside and are
 * raw. `message` is for stacks and debug logs.
 */
export class Problem<Code extends string = string, Facts extends object = object> extends Error {
  override readonly name = 'Problem'
  readonly code: Code
  readonly facts: Facts
  readonly subject: Subject | undefined
  readonly retry: Retry
  readonly committed: Committed
  readonly outcome: string | undefined

  constructor(details: ProblemDetails<Code, Facts>) {
    const { code, facts, subject, retry = FINAL, committed = 'no', outcome, cause } = details
    super(`${code} ${JSON.stringify(facts)}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
    this.subject = subject
    this.retry = retry
    this.committed = committed
    this.outcome = outcome
  }

  /** The same problem with more known about it. This one becomes its cause. */
  with<More extends object>(
    more: More,
    details: Partial<Pick<ProblemDetails<Code, Facts>, 'subject' | 'outcome' | 'committed'>> = {}
  ): Problem<Code, Facts & More> {
    const { code, subject, retry, committed, outcome } = this
    const facts = { ...this.facts, ...more }
    return new Problem({ code, subject, retry, committed, outcome, ...details, facts, cause: this })
  }
}
