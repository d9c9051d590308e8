import type { Agent } from 'node:http'
import { apiKey } from '../auth/api-key.ts'
import type { Authenticator, Credentials } from '../auth/authenticator.ts'
import { basic } from '../auth/basic.ts'
import { bearer } from '../auth/bearer.ts'
import { oauth, type TokenAnswer } from '../auth/oauth.ts'
import { errorOfAnswer, errorOfNetwork } from '../errors/classify.ts'
import { ServiceNowError } from '../errors/servicenow-error.ts'
import { createAgent, type TlsOptions } from './agent.ts'
import { withRetries } from './retry.ts'
import { AttemptTimeout, Interrupted, type StreamBody, sendOnce, type WireAnswer } from './transport.ts'
import { Turns } from './turns.ts'

/** One attempt, for a debug log: no headers, no bodies, no query. */
export interface AttemptEvent {
  readonly method: string
  readonly path: string
  readonly status: number | string
  readonly ms: number
  readonly attempt: number
}

export interface RetryEvent {
  readonly doing: string
  readonly attempt: number
  readonly of: number
  readonly pauseMs: number
  readonly error: ServiceNowError
}

export interface PipelineOptions {
  /** Origin of the instance, as `parseInstance` makes it. */
  readonly instance: string
  readonly credentials: Credentials
  readonly tls?: TlsOptions | undefined
  readonly userAgent: string
  readonly requestTimeoutMs: number
  readonly maxRetries: number
  /** The longest sleep before a retry; default 60 000. */
  readonly maxPauseMs?: number
  /** Refuses every write before it is sent. */
  readonly readOnly?: boolean
  readonly signal?: AbortSignal | undefined
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
  /** Called with every secret made on the way (tokens, encoded credentials), before its first use. */
  readonly onSecret?: (secret: string) => void
  readonly onAttempt?: (event: AttemptEvent) => void
  readonly onRetry?: (event: RetryEvent) => void
}

export interface Call<T> {
  /** What is being done, for the error: `creating the change request`. */
  readonly doing: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly json?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly stream?: StreamBody | undefined
  readonly contentType?: string
  /** Turns the parsed answer into the result; throws ServiceNowError when it has not the documented shape. */
  read(body: unknown, headers: WireAnswer['headers'], status: number): T
  /** Whether a write that may have happened did happen; a GET needs none. */
  readonly look?: (() => Promise<T | undefined>) | undefined
  /** A write that may be sent twice without harm. */
  readonly idempotent?: boolean
  readonly maxRetries?: number | undefined
}

export interface Stats {
  requests: number
  requestErrors: number
}

const LONGEST_PAUSE_MS = 60_000

/**
 * The one place a request goes through: authenticate → send → classify → retry or give up → normalise.
 * Retry, token renewal, `Retry-After`, redirects, HTML pages and time-outs live here and nowhere else.
 */
export class Pipeline {
  readonly stats: Stats = { requests: 0, requestErrors: 0 }
  private readonly options: PipelineOptions
  private readonly auth: Authenticator
  private readonly onSecret: (secret: string) => void
  private readonly uploads = new Turns()
  private agent: Promise<Agent> | undefined
  private clockOffsetMs = 0
  /** Until then the rate limit lets nothing through. */
  private quietUntil = 0

  constructor(options: PipelineOptions) {
    this.options = options
    this.onSecret = options.onSecret ?? (() => undefined)
    this.auth = this.authenticator(options.credentials)
  }

  get instance(): string {
    return this.options.instance
  }

  /** The instance's clock, from the `Date` of its last answer; resolution one second. */
  instanceNow(): number {
    return this.options.now() + this.clockOffsetMs
  }

  /**
   * @throws ServiceNowError, Interrupted
   */
  async request<T>(call: Call<T>): Promise<T> {
    const write = call.method !== 'GET'
    if (write && this.options.readOnly) throw new Error(`a dry run must not write (${call.doing})`)
    const maxRetries = call.maxRetries ?? this.options.maxRetries
    return withRetries<T>({
      policy: { maxRetries, maxPauseMs: this.options.maxPauseMs ?? LONGEST_PAUSE_MS },
      attempt: n => this.signedAttempt(call, n),
      look: call.look,
      repeatable: !write || call.idempotent === true,
      sleep: ms => this.options.sleep(ms),
      random: () => this.options.random(),
      onRetry: (n, pauseMs, error) =>
        this.options.onRetry?.({ doing: call.doing, attempt: n + 1, of: maxRetries + 1, pauseMs, error })
    })
  }

  /** Ends idle connections. */
  async close(): Promise<void> {
    const agent = await this.agent?.catch(() => undefined)
    agent?.destroy()
  }

  /** A 401 is answered by one fresh sign-in: tokens die in the middle of long waits. */
  private async signedAttempt<T>(call: Call<T>, n: number): Promise<T> {
    await this.untilAllowed()
    const headers = await this.auth.headers()
    try {
      return await this.attempt(call, headers, n)
    } catch (error) {
      if (!(error instanceof ServiceNowError) || error.code !== 'credentials' || !this.auth.renew(headers))
        throw error
      return this.attempt(call, await this.auth.headers(), n)
    }
  }

  /** What one request was told, the others side by side with it need not find out by themselves. */
  private async untilAllowed(): Promise<void> {
    const left = this.quietUntil - this.options.now()
    if (left > 0 && left <= (this.options.maxPauseMs ?? LONGEST_PAUSE_MS)) await this.options.sleep(left)
  }

  private async attempt<T>(call: Call<T>, headers: Readonly<Record<string, string>>, n: number): Promise<T> {
    const body = call.stream ?? (call.json === undefined ? undefined : JSON.stringify(call.json))
    const type = call.contentType ?? (call.json === undefined ? undefined : 'application/json')
    const answer = await this.exchange(call.doing, n, {
      method: call.method,
      path: call.path,
      query: call.query,
      headers: {
        Accept: 'application/json',
        ...(type === undefined ? {} : { 'Content-Type': type }),
        ...headers
      },
      body
    })
    return call.read(answer.text === '' ? undefined : JSON.parse(answer.text), answer.headers, answer.status)
  }

  private async exchange(
    doing: string,
    n: number,
    request: {
      method: string
      path: string
      query?: Readonly<Record<string, string>> | undefined
      headers: Readonly<Record<string, string>>
      body?: string | StreamBody | undefined
    }
  ): Promise<WireAnswer> {
    const started = this.options.now()
    const report = (status: number | string) =>
      this.options.onAttempt?.({
        method: request.method,
        path: request.path,
        status,
        ms: this.options.now() - started,
        attempt: n + 1
      })
    this.stats.requests += 1
    let answer: WireAnswer
    try {
      const { instance, tls, requestTimeoutMs } = this.options
      this.agent ??= createAgent(instance, tls ?? {}, requestTimeoutMs)
      const wire = {
        ...request,
        url: this.urlOf(request.path, request.query),
        timeoutMs: this.options.requestTimeoutMs,
        signal: this.options.signal
      }
      const agent = await this.agent
      const send = () => sendOnce(wire, agent, this.options.userAgent)
      answer = await (typeof request.body === 'object' ? this.uploads.take(send) : send())
    } catch (error) {
      if (error instanceof Interrupted) throw error
      this.stats.requestErrors += 1
      const failure = this.networkError(error, doing)
      report(failure.status ?? 'no answer')
      throw failure
    }
    this.readClock(answer, started)
    report(answer.status)
    const failure = errorOfAnswer(answer, doing, this.options.now())
    if (failure === undefined) return answer
    this.stats.requestErrors += 1
    if (failure.code === 'rate-limit' && failure.retryAfterMs !== undefined)
      this.quietUntil = this.options.now() + failure.retryAfterMs
    throw failure
  }

  private networkError(error: unknown, doing: string): ServiceNowError {
    const host = new URL(this.options.instance).host
    if (error instanceof AttemptTimeout) {
      const answer = `${host}: no complete answer within ${this.options.requestTimeoutMs / 1000} s`
      return new ServiceNowError('timeout', { doing, status: 'timeout', answer, cause: error })
    }
    return errorOfNetwork(error, doing, host)
  }

  private readClock(answer: WireAnswer, started: number): void {
    const date = Date.parse(String(answer.headers.date ?? ''))
    const now = this.options.now()
    // A slow answer says little about the clock; within its resolution there is nothing to correct.
    if (!Number.isFinite(date) || now - started > 10_000) return
    const offset = date - now
    this.clockOffsetMs = Math.abs(offset) < 2_000 ? 0 : offset
  }

  private urlOf(path: string, query: Readonly<Record<string, string>> | undefined): string {
    const search =
      query === undefined ? '' : `?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`
    return `${this.options.instance}${path}${search}`
  }

  private authenticator(credentials: Credentials): Authenticator {
    switch (credentials.scheme) {
      case 'basic':
        return basic(credentials.username, credentials.password, this.onSecret)
      case 'bearer':
        return bearer(credentials.token)
      case 'api-key':
        return apiKey(credentials.apiKey)
      default:
        return oauth(credentials, form => this.fetchToken(form), this.onSecret, this.options.now)
    }
  }

  private async fetchToken(form: string): Promise<TokenAnswer> {
    const doing = `signing in at ${new URL(this.options.instance).host}/oauth_token.do`
    try {
      const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' }
      const answer = await this.exchange(doing, 0, {
        method: 'POST',
        path: '/oauth_token.do',
        headers,
        body: form
      })
      return readToken(JSON.parse(answer.text), doing)
    } catch (error) {
      throw signInError(error)
    }
  }
}

function readToken(body: unknown, doing: string): TokenAnswer {
  const { access_token: token, expires_in: seconds } = (body ?? {}) as {
    access_token?: unknown
    expires_in?: unknown
  }
  if (typeof token !== 'string' || token === '') {
    throw new ServiceNowError('unexpected', {
      doing,
      status: 200,
      answer: 'the answer holds no access token'
    })
  }
  const lifetime = Number(seconds)
  return { token, expiresInMs: Number.isFinite(lifetime) ? Math.max(0, lifetime) * 1000 : 1_800_000 }
}

/** At the token endpoint any refusal is about the credentials or the OAuth application, and never a write. */
function signInError(error: unknown): unknown {
  if (!(error instanceof ServiceNowError)) return error
  const { status, doing, answer, retryAfterMs, code } = error
  const refused = status === 400 || status === 401 || status === 403 || status === 404
  if (!refused || code === 'ip-list') {
    const details = { doing, answer, retryAfterMs, cause: error, fix: error.fix, unsent: true }
    return new ServiceNowError(code, status === undefined ? details : { ...details, status })
  }
  // Callers that can do without a record must not take a missing token endpoint for one.
  const fix = 'check the instance name, and that its OAuth plugin is active (com.snc.platform.security.oauth)'
  const missing = status === 404 ? { fix } : {}
  return new ServiceNowError('sign-in', { doing, status, answer, cause: error, ...missing })
}
