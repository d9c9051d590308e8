import type { RequestEvent } from '@change-actions/servicenow-client'
import { type Span, spanId } from '@change-actions/telemetry'

/** An attempt of a request that has ended, and when. */
export interface EndedAttempt {
  readonly event: Extract<RequestEvent, { readonly type: 'attempt-ended' }>
  /** Origin of the instance. */
  readonly instance: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** A time in which something went on, in milliseconds since 1970. */
export interface Period {
  readonly startMs: number
  readonly endMs: number
}

/** What happened in a step. */
export interface StepFacts extends Period {
  readonly name: string
  readonly parent: string | undefined
  readonly result: string
  /** Undefined for a step that passed. */
  readonly errorType: string | undefined
  readonly changeNumber: string | undefined
  /** The inputs name a change. */
  readonly isChangeNamed: boolean
  readonly wait: (Period & { readonly ended: boolean }) | undefined
  /** A value of a wait was sent, and not yet that it is over. */
  readonly isGaugeOpen: boolean
  readonly attempts: readonly EndedAttempt[]
}

/** The spans of a step: itself, its wait, and each attempt of a request, sign-ins included. */
export function stepSpans(facts: StepFacts): Span[] {
  const step = stepSpan(facts)
  const wait = facts.wait === undefined ? undefined : waitSpan(facts.wait, step, facts)
  const requests = facts.attempts.map(one => {
    const isOfWait = wait !== undefined && startOf(one) >= wait.startMs && one.at <= wait.endMs
    return requestSpan(one, isOfWait ? wait.id : step.id)
  })
  return [step, ...(wait === undefined ? [] : [wait]), ...requests]
}

function stepSpan({ name, parent, startMs, endMs, result, errorType, changeNumber }: StepFacts): Span {
  return {
    id: spanId(),
    parent,
    name,
    kind: 'internal',
    startMs,
    endMs,
    attributes: {
      'servicenow.result': result,
      'servicenow.change.number': changeNumber,
      'error.type': errorType
    },
    failed: errorType !== undefined
  }
}

function waitSpan(
  { ended, ...period }: Period & { readonly ended: boolean },
  step: Span,
  facts: StepFacts
): Span {
  return {
    id: spanId(),
    parent: step.id,
    name: 'wait for approval',
    kind: 'internal',
    ...period,
    attributes: ended ? { 'servicenow.result': facts.result } : { 'error.type': facts.errorType },
    failed: !ended
  }
}

/** opentelemetry.io/docs/specs/semconv/http/http-spans, "HTTP client span". No query: it holds texts of people. */
function requestSpan({ event, instance, at }: EndedAttempt, parent: string): Span {
  const { method, path, attempt, resigned, status } = event
  const { hostname, port, protocol } = new URL(instance)
  const template = path.replace(/(?<=\/)[0-9a-f]{32}(?=\/|$)/g, '{sys_id}')
  const resends = attempt - 1 + (resigned === true ? 1 : 0)
  return {
    id: spanId(),
    parent,
    name: `${method} ${template}`,
    kind: 'client',
    startMs: startOf({ event, at }),
    endMs: at,
    attributes: {
      'http.request.method': method,
      'url.template': template,
      'url.full': `${instance}${path}`,
      'server.address': hostname,
      'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
      'http.response.status_code': typeof status === 'number' ? status : undefined,
      'http.request.resend_count': resends === 0 ? undefined : resends,
      'error.type': event.problem === undefined ? undefined : String(status)
    },
    failed: event.problem !== undefined
  }
}

function startOf({ event, at }: Pick<EndedAttempt, 'event' | 'at'>): number {
  return at - event.ms
}
