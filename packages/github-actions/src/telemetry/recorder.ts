import { isApproved } from '@change-actions/change-control'
import type { OperationEvent } from '@change-actions/change-operations'
import {
  type Destination,
  type Measure,
  metricsRequest,
  type Origin,
  type OtlpSettings,
  parseTraceparent,
  readSettings,
  send,
  traceIdOfRun,
  tracesRequest
} from '@change-actions/telemetry'
import { messageOf } from '../errors.ts'
import { SLUG, VERSION } from '../product.ts'
import type { StepTools } from '../step/definition.ts'
import { oneLine } from '../text.ts'
import { createPost } from './post.ts'
import { metricsResource, traceResource } from './resource.ts'
import { stepMetrics, waitingGauge } from './step-metrics.ts'
import { type EndedAttempt, type StepFacts, stepSpans } from './step-spans.ts'
import type { StepMeasures, Telemetry } from './telemetry.ts'

/** For all that is sent at the end of a step. */
const MAX_FLUSH_MS = 5_000

/** Characters of one attribute. */
const MAX_TEXT = 200

/** A month of polling makes more; what is over it is counted, and has no span. */
const MAX_SPANS = 2_000

/** Gathers what a step tells, and sends it. */
export function createRecorder(name: string, tools: StepTools): Telemetry {
  const settings = readSettings(tools.env, MAX_FLUSH_MS)
  for (const secret of secretsOf(settings)) tools.mask(secret)
  for (const note of settings.notes) tools.log.info(`Telemetry: ${oneLine(note)}.`)
  return new Recorder(name, tools, settings)
}

/** Headers are there to sign in, and an address may hold a password. */
function secretsOf({ traces, metrics }: OtlpSettings): string[] {
  return [traces, metrics].flatMap(to => {
    if (to === undefined) return []
    const { password } = new URL(to.url)
    return [...Object.values(to.headers), ...(password === '' ? [] : [decodeURIComponent(password)])]
  })
}

class Recorder implements Telemetry {
  readonly #name: string
  readonly #tools: StepTools
  readonly #settings: OtlpSettings
  readonly #startMs: number
  readonly #attempts: EndedAttempt[] = []
  readonly #net = createPost()
  #environment = ''
  #isChangeNamed = false
  #measured: StepMeasures | undefined
  /** When the wait for approval began. */
  #waitingSince: number | undefined
  /** When the change was seen approved; undefined while it is not. */
  #approvedAt: number | undefined
  /** A value of the wait was sent, and not yet that it is over. */
  #isGaugeOpen = false
  #sending: Promise<void> | undefined

  constructor(name: string, tools: StepTools, settings: OtlpSettings) {
    this.#name = name
    this.#tools = tools
    this.#settings = settings
    this.#startMs = tools.now()
  }

  request: Telemetry['request'] = (event, instance) => {
    if (event.type === 'attempt-ended') this.#attempts.push({ event, instance, at: this.#tools.now() })
  }

  operation(event: OperationEvent): void {
    if (event.type !== 'waiting' && event.type !== 'poll-failed') return
    const now = this.#tools.now()
    this.#waitingSince ??= now - event.waitedMs
    if (event.type === 'waiting') this.#tellWait(isApproved(event.change) ? undefined : event.waitedMs, now)
  }

  /** A window or a hold after the approval is no wait for it. @param waitedMs undefined once the change is approved */
  #tellWait(waitedMs: number | undefined, now: number): void {
    this.#approvedAt = waitedMs === undefined ? (this.#approvedAt ?? now) : undefined
    if (waitedMs === undefined && !this.#isGaugeOpen) return
    const isSent = this.#sendInBackground([
      waitingGauge(waitedMs === undefined ? undefined : waitedMs / 1_000)
    ])
    if (isSent) this.#isGaugeOpen = waitedMs !== undefined
  }

  environment(name: string): void {
    this.#environment = name
  }

  changeNamed(): void {
    this.#isChangeNamed = true
  }

  measured(measures: StepMeasures): void {
    this.#measured = measures
  }

  async flush(error: unknown): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>(resolve => {
      timer = setTimeout(resolve, MAX_FLUSH_MS, 'late')
    })
    try {
      const ended = await Promise.race([this.#sendAll(error), late])
      if (ended === 'late') this.#tell(`not delivered within ${MAX_FLUSH_MS / 1_000} seconds`)
    } catch (failure) {
      this.#tell(messageOf(failure))
    } finally {
      clearTimeout(timer)
      this.#net.close()
    }
  }

  async #sendAll(error: unknown): Promise<void> {
    const facts = this.#facts(error)
    // A value of the wait that is still under way would come after the one that ends it.
    await this.#sending
    await Promise.all([this.#sendSpans(facts), this.#sendMeasures(stepMetrics(facts, this.#measured))])
  }

  #facts(error: unknown): StepFacts {
    const measured = this.#measured
    const errorType = error === undefined ? undefined : errorTypeOf(error)
    const endMs = this.#tools.now()
    return {
      name: this.#name,
      parent: parseTraceparent(this.#tools.env.TRACEPARENT)?.spanId,
      startMs: this.#startMs,
      endMs,
      result: measured?.result ?? (errorType === undefined ? this.#outcome() : 'failure'),
      errorType,
      changeNumber: measured?.changeNumber,
      isChangeNamed: this.#isChangeNamed,
      wait: this.#wait(endMs),
      isGaugeOpen: this.#isGaugeOpen,
      attempts: this.#attempts
    }
  }

  /** Of a step that had nothing to do. */
  #outcome(): string {
    return this.#tools.outputs.values.outcome ?? 'ok'
  }

  #wait(nowMs: number): StepFacts['wait'] {
    const { waitMs, waitEndedAt } = this.#measured ?? {}
    if (waitMs !== undefined && waitEndedAt !== undefined)
      return { startMs: waitEndedAt - waitMs, endMs: waitEndedAt, ended: true }
    if (this.#waitingSince === undefined) return undefined
    const ended = this.#approvedAt !== undefined
    return { startMs: this.#waitingSince, endMs: this.#approvedAt ?? nowMs, ended }
  }

  async #sendSpans(facts: StepFacts): Promise<void> {
    const { traces, resource } = this.#settings
    const { env, runtime } = this.#tools
    const parent = parseTraceparent(env.TRACEPARENT)
    if (traces === undefined || parent?.sampled === false) return
    const { runId, runAttempt } = runtime
    const traceId = parent?.traceId ?? traceIdOfRun(runId, runAttempt)
    const spans = stepSpans({ ...facts, attempts: facts.attempts.slice(-MAX_SPANS) })
    const origin = this.#origin(traceResource(runtime, this.#environment, resource, VERSION))
    await this.#send(traces, tracesRequest(traceId, spans, origin))
  }

  async #sendMeasures(measures: readonly Measure[]): Promise<void> {
    const { metrics, resource } = this.#settings
    if (metrics === undefined) return
    const { runtime, now } = this.#tools
    const origin = this.#origin(metricsResource(runtime, this.#environment, resource))
    const ns = Math.floor(Math.random() * 999_999) + 1
    await this.#send(metrics, metricsRequest(measures, origin, now(), ns))
  }

  /** One at a time; a value that comes while one is under way is left out, the next is soon there. */
  #sendInBackground(measures: readonly Measure[]): boolean {
    if (this.#sending !== undefined) return false
    this.#sending = this.#sendMeasures(measures)
      .catch(error => this.#tell(messageOf(error)))
      .finally(() => {
        this.#sending = undefined
      })
    return true
  }

  #origin(resource: Origin['resource']): Origin {
    return { resource, scope: { name: SLUG, version: VERSION }, clean: text => this.#clean(text) }
  }

  #clean(text: string): string {
    return oneLine(this.#tools.redact(text), MAX_TEXT)
  }

  async #send(to: Destination, body: string): Promise<void> {
    const failure = await send(this.#net.post, to, body)
    if (failure !== undefined) this.#tell(failure)
  }

  #tell(failure: string): void {
    this.#tools.log.debug(`Telemetry was not delivered: ${oneLine(this.#tools.redact(failure))}`)
  }
}

/** The code of a problem; any other error is a defect, and its name says what kind. */
function errorTypeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  if (typeof code === 'string') return code
  return typeof name === 'string' ? name : '_OTHER'
}
