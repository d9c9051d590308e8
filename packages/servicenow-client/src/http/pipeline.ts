import { signerOf } from '../auth/schemes.ts'
import { fetchToken } from '../auth/token-endpoint.ts'
import { isClientProblem } from '../problems/codes.ts'
import { nodeTransport } from './agent.ts'
import { type Call, requestOf } from './call.ts'
import type { RequestEvent } from './events.ts'
import { chain, type Next, type Policy, type Request } from './message.ts'
import type { PipelineOptions } from './options.ts'
import { authenticate } from './policies/authenticate.ts'
import { classify } from './policies/classify.ts'
import { type InstanceClock, instanceClock } from './policies/clock.ts'
import { readOnly } from './policies/read-only.ts'
import { retry } from './policies/retry.ts'
import { throttle } from './policies/throttle.ts'
import { trace } from './policies/trace.ts'
import { limitUploads } from './policies/upload-limiter.ts'
import { versionedPath } from './policies/versioned-path.ts'
import { sender } from './send.ts'
import { countAttempts, type Stats } from './stats.ts'
import type { Transport } from './transport.ts'

const MAX_PAUSE_MS = 60_000

/**
 * The one way to the instance, as a list of policies. Everything that holds for all requests is in one of them, and
 * nowhere else.
 */
export class Pipeline {
  readonly instance: string
  readonly stats: Readonly<Stats>
  private readonly transport: Transport
  private readonly clock: InstanceClock
  private readonly maxRetries: number
  /** Around all attempts of a request. */
  private readonly around: readonly (<R>(request: Request, next: Next<R>) => Promise<R>)[]
  /** One attempt, from the rate limit to the parsed response. */
  private readonly attempt: Next

  constructor(given: PipelineOptions) {
    const { instance, apiPath = '', tls = {}, requestTimeoutMs, onSecret = () => undefined } = given
    const { stats, listen } = countAttempts()
    const emit = (event: RequestEvent) => {
      listen(event)
      given.onEvent?.(event)
    }
    const options = { ...given, emit, maxPauseMs: given.maxPauseMs ?? MAX_PAUSE_MS }
    this.instance = instance
    this.stats = stats
    this.maxRetries = given.maxRetries
    this.transport = given.transport ?? nodeTransport(instance, tls, requestTimeoutMs)
    this.clock = instanceClock(given.now)

    const below: Policy = (request, next) => next({ ...request, path: `${apiPath}${request.path}` })
    const inner: Policy[] = [below, trace(options), classify(options), this.clock.policy, limitUploads()]
    // A sign-in is a request of its own, and part of an attempt: it is neither signed nor retried by itself.
    const exchange = chain(inner, sender(this.transport, options))
    const signer = signerOf(given.credentials, {
      fetchToken: form => fetchToken(exchange, `${instance}${apiPath}`, form),
      identityToken: given.identityToken ?? noIdentityToken,
      onSecret,
      now: given.now,
      instanceNow: () => this.clock.now()
    })
    // Each request is signed anew, also the second one of `versionedPath`: a signature may be good for one alone.
    const signed = authenticate(signer, given.credentials.scheme)
    this.attempt = chain([throttle(options), versionedPath(), signed], exchange)
    this.around = given.readOnly ? [readOnly, retry(options)] : [retry(options)]
  }

  /** The instance's clock, from the `Date` of its last response; resolution one second. */
  instanceNow(): number {
    return this.clock.now()
  }

  /**
   * @throws Problem, Interrupted
   */
  request<T>(call: Call<T>): Promise<T> {
    const read: Next<T> = async request => {
      const { body, headers, status } = await this.attempt(request)
      try {
        return call.read(body, headers, status)
      } catch (error) {
        throw call.method === 'GET' ? error : afterSuccess(error)
      }
    }
    return chain<T>(this.around, read)(requestOf(call, this.maxRetries))
  }

  /** Ends idle connections. */
  async close(): Promise<void> {
    await this.transport.close()
  }
}

async function noIdentityToken(): Promise<never> {
  throw new Error('the scheme oidc needs the option identityToken')
}

/** The response to a write reports success, also where it cannot be read: the write may have been carried out. */
function afterSuccess(error: unknown): unknown {
  return isClientProblem(error) && error.committed === 'no' ? error.with({}, { committed: 'maybe' }) : error
}
