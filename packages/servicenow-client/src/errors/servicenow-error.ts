import { CATALOGUE, type ErrorCode } from './catalogue.ts'

export interface ErrorDetails {
  /** What was being done, as a participle: `creating the change request`. */
  readonly doing: string
  /** HTTP status, or the layer that failed (`DNS`, `TLS`, `connection`) where there is none. */
  readonly status?: number | string
  /** ServiceNow's own words: message and detail. Foreign text. */
  readonly answer?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
  /** Replaces the catalogue's fix where more is known. */
  readonly fix?: string
  /** The request itself had not left: signing in for it failed. */
  readonly unsent?: boolean
}

/**
 * The one error the client throws. `title` and `message` are complete: what was being done, ServiceNow's
 * own message, the likely cause and the fix. `message` may hold foreign text; printing it is the caller's care.
 */
export class ServiceNowError extends Error {
  override readonly name = 'ServiceNowError'
  readonly code: ErrorCode
  readonly title: `ServiceNow${string}: ${string}`
  readonly status: number | string | undefined
  readonly answer: string | undefined
  readonly doing: string
  readonly fix: string
  /** Milliseconds the instance asked to wait before the next request. */
  readonly retryAfterMs: number | undefined
  private readonly unsent: boolean

  constructor(code: ErrorCode, details: ErrorDetails) {
    const entry = CATALOGUE[code]
    const fix = details.fix ?? entry.fix
    super(
      compose(entry.cause, fix, details),
      details.cause === undefined ? undefined : { cause: details.cause }
    )
    this.code = code
    this.status = details.status
    this.title = `ServiceNow${details.status === undefined ? '' : ` ${details.status}`}: ${entry.what}`
    this.answer = details.answer
    this.doing = details.doing
    this.fix = fix
    this.retryAfterMs = details.retryAfterMs
    this.unsent = details.unsent ?? false
  }

  /** The fault may pass by itself: another attempt is worth while. */
  get transient(): boolean {
    return CATALOGUE[this.code].transient
  }

  /** A write that ended this way may have been carried out all the same. */
  get mayHaveCommitted(): boolean {
    return CATALOGUE[this.code].mayHaveCommitted && !this.unsent
  }
}

function compose(cause: string, fix: string, details: ErrorDetails): string {
  const said = details.answer === undefined || details.answer === '' ? '' : ` The answer: ${details.answer}`
  const stop = said === '' || /[.!?]$/.test(said) ? '' : '.'
  return `Failed while ${details.doing}.${said}${stop}\nLikely cause: ${cause}.\nFix: ${fix}.`
}
