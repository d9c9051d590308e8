import { apiKey } from '../auth/api-key.ts'
import type { Authenticator, Credentials } from '../auth/authenticator.ts'
import { basic } from '../auth/basic.ts'
import { bearer } from '../auth/bearer.ts'
import { oauth, type TokenResponse } from '../auth/oauth.ts'
import { problemOfNetwork } from '../problems/classify-network.ts'
import { problemOfResponse } from '../problems/classify-response.ts'
import { type ClientProblem, clientProblem, isClientProblem } from '../problems/codes.ts'
import { nodeTransport, type TlsOptions } from './agent.ts'
import { withRetries } from './retry.ts'
import {
  AttemptTimeout,
  Interrupted,
  type StreamBody,
  type Transport,
  type WireResponse
} from './transport.ts'
import { UploadLimiter } from './upload-limiter.ts'

/** One attempt, for a debug log: no headers, no bodies, no query. */
export interface AttemptEvent {
  readonly method: string
  readonly path: string
  readonly status: number | string
  readonly ms: number
  readonly attempt: number
}

export interface RetryEvent {
  readonly operation: string
  readonly attempt: number
  readonly of: number
  readonly pauseMs: number
  readonly problem: ClientProblem
}

export interface PipelineOptions {
  /** Origin of the instance, as `parseInstance` makes it. */
  readonly instance: string
  readonly credentials: Credentials
  readonly tls?: TlsOptions | undefined
  /** Default: Node's own client. */
  readonly transport?: Transport
  readonly userAgent: string
  readonly requestTimeoutMs: number
  readonly maxRetries: number
  /** Maximum sleep before a retry, in milliseconds; default 60 000. */
  readonly maxPauseMs?: number
  /** Refuses every write before it is sent. */
  readonly readOnly?: boolean
  readonly signal?: AbortSignal | undefined
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
  /** Called with every secret that is made (tokens, encoded credentials), before its first use. */
  readonly onSecret?: (secret: string) => void
  readonly onAttempt?: (event: AttemptEvent) => void
  readonly onRetry?: (event: RetryEvent) => void
}

export interface Call<T> {
  /** What is being done, as a participle: `creating the change request`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly json?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly stream?: StreamBody | undefined
  readonly contentType?: string
  /** Makes the result from the parsed response. @throws Problem when it does not have the documented shape */
  read(body: unknown, headers: WireResponse['headers'], status: number): T
  /** Finds the result of a write that may have been carried out; undefined when it was not. A GET needs no check. */
  readonly check?: (() => Promise<T | undefined>) | undefined
  /** A write that may be sent twice without harm. */
  readonly idempotent?: boolean
  readonly maxRetries?: number | undefined
}

export interface Stats {
  requests: number
  requestErrors: number
}

const MAX_PAUSE_MS = 60_000

/**
 * The one place a request goes through: authenticate → send → classify → retry or give up → normalise.
 * Retries, token renewal, `Retry-After`, redirects, HTML pages and time-outs are handled here and nowhere else.
 */
export class Pipeline {
  readonly stats: Stats = { requests: 0, requestErrors: 0 }
  private readonly options: PipelineOptions
  private readonly auth: Authenticator
  private readonly onSecret: (secret: string) => void
  private readonly uploads = new UploadLimiter()
  private readonly transport: Transport
  private clockOffsetMs = 0
  /** Until then the rate limit applies; epoch milliseconds. */
  private quietUntil = 0

  constructor(options: PipelineOptions) {
    this.options = options
    const { instance, tls, requestTimeoutMs } = options
    this.transport = options.transport ?? nodeTransport(instance, tls ?? {}, requestTimeoutMs)
    this.onSecret = options.onSecret ?? (() => undefined)
    this.auth = this.authenticator(options.credentials)
  }

  get instance(): string {
    return this.options.instance
  }

  /** The instance's clock, from the `Date` of its last response; resolution one second. */
  instanceNow(): number {
    return this.options.now() + this.clockOffsetMs
  }

  /**
   * @throws Problem, Interrupted
   */
  async request<T>(call: Call<T>): Promise<T> {
    const write = call.method !== 'GET'
    if (write && this.options.readOnly) throw new Error(`a dry run must not write (${call.operation})`)
    const maxRetries = call.maxRetries ?? this.options.maxRetries
    return withRetries<T>({
      policy: { maxRetries, maxPauseMs: this.options.maxPauseMs ?? MAX_PAUSE_MS },
      attempt: n => this.signedAttempt(call, n),
      check: call.check,
      repeatable: !write || call.idempotent === true,
      sleep: ms => this.options.sleep(ms),
      random: () => this.options.random(),
      onRetry: (n, pauseMs, problem) =>
        this.options.onRetry?.({
          operation: call.operation,
          attempt: n + 1,
          of: maxRetries + 1,
          pauseMs,
          problem
        })
    })
  }

  /** Ends idle connections. */
  async close(): Promise<void> {
    await this.transport.close()
  }

  /** After a 401 it signs in once more: tokens expire in the middle of long waits. */
  private async signedAttempt<T>(call: Call<T>, n: number): Promise<T> {
    await this.untilAllowed()
    const headers = await this.auth.headers()
    try {
      return await this.attempt(call, headers, n)
    } catch (error) {
      if (!isClientProblem(error, 'credentials') || !this.auth.renew(headers)) throw error
      return this.attempt(call, await this.auth.headers(), n)
    }
  }

  /** A rate limit that one request met holds back the others as well. */
  private async untilAllowed(): Promise<void> {
    const left = this.quietUntil - this.options.now()
    if (left > 0 && left <= (this.options.maxPauseMs ?? MAX_PAUSE_MS)) await this.options.sleep(left)
  }

  private async attempt<T>(call: Call<T>, headers: Readonly<Record<string, string>>, n: number): Promise<T> {
    const body = call.stream ?? (call.json === undefined ? undefined : JSON.stringify(call.json))
    const type = call.contentType ?? (call.json === undefined ? undefined : 'application/json')
    const response = await this.exchange(call.operation, n, {
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
    const { text, headers: received, status } = response
    return call.read(text === '' ? undefined : JSON.parse(text), received, status)
  }

  private async exchange(
    operation: string,
    n: number,
    request: {
      method: string
      path: string
      query?: Readonly<Record<string, string>> | undefined
      headers: Readonly<Record<string, string>>
      body?: string | StreamBody | undefined
    }
  ): Promise<WireResponse> {
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
    let response: WireResponse
    try {
      const wire = {
        ...request,
        headers: { ...request.headers, 'User-Agent': this.options.userAgent },
        url: this.urlOf(request.path, request.query),
        timeoutMs: this.options.requestTimeoutMs,
        signal: this.options.signal
      }
      const send = () => this.transport.send(wire)
      response = await (typeof request.body === 'object' ? this.uploads.run(send) : send())
    } catch (error) {
      if (error instanceof Interrupted) throw error
      this.stats.requestErrors += 1
      const problem = this.networkProblem(error, operation)
      report(statusOf(problem))
      throw problem
    }
    this.readClock(response, started)
    report(response.status)
    const problem = problemOfResponse(response, operation, this.options.now())
    if (problem === undefined) return response
    this.stats.requestErrors += 1
    const { afterMs } = problem.retry
    if (problem.code === 'rate-limit' && afterMs !== undefined) this.quietUntil = this.options.now() + afterMs
    throw problem
  }

  private networkProblem(error: unknown, operation: string): ClientProblem {
    const host = new URL(this.options.instance).host
    if (error instanceof AttemptTimeout) {
      const message = `${host}: no complete response within ${this.options.requestTimeoutMs / 1000} s`
      return clientProblem('request-timeout', { operation, status: 'timeout', message }, { cause: error })
    }
    return problemOfNetwork(error, operation, host)
  }

  private readClock(response: WireResponse, started: number): void {
    const date = Date.parse(String(response.headers.date ?? ''))
    const now = this.options.now()
    // The date of a slow response is too old, and differences below the resolution are not corrected.
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

  private async fetchToken(form: string): Promise<TokenResponse> {
    const operation = `signing in at ${new URL(this.options.instance).host}/oauth_token.do`
    try {
      const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' }
      const response = await this.exchange(operation, 0, {
        method: 'POST',
        path: '/oauth_token.do',
        headers,
        body: form
      })
      return readToken(JSON.parse(response.text), operation)
    } catch (error) {
      throw signInProblem(error)
    }
  }
}

function readToken(body: unknown, operation: string): TokenResponse {
  const { access_token: token, expires_in: seconds } = (body ?? {}) as {
    access_token?: unknown
    expires_in?: unknown
  }
  if (typeof token !== 'string' || token === '') {
    throw clientProblem('unexpected', {
      operation,
      status: 200,
      message: 'the response holds no access token'
    })
  }
  const lifetime = Number(seconds)
  return { token, expiresInMs: Number.isFinite(lifetime) ? Math.max(0, lifetime) * 1000 : 1_800_000 }
}

function statusOf({ facts }: ClientProblem): number | string {
  return ('status' in facts ? facts.status : undefined) ?? 'no response'
}

/** At the token endpoint any refusal is about the credentials or the OAuth application. */
function signInProblem(error: unknown): unknown {
  if (!isClientProblem(error) || !('operation' in error.facts)) return error
  const { operation, status, message } = error.facts
  const refused = status === 400 || status === 401 || status === 403 || status === 404
  // The request itself was not sent: nothing was written.
  if (!refused || error.code === 'ip-list') return error.with({}, { committed: 'no' })
  // Callers that can do without a record must not treat a missing token endpoint as a missing record.
  const code = status === 404 ? 'sign-in-missing' : 'sign-in'
  return clientProblem(code, { operation, status, message }, { cause: error })
}
