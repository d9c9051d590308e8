import { type Attributes, keyValues, nanoseconds } from './attributes.ts'
import type { Origin } from './origin.ts'

/** A span that has ended. */
export interface Span {
  /** 16 hexadecimal digits. */
  readonly id: string
  /** Undefined: no other span is known to stand above it. */
  readonly parent: string | undefined
  readonly name: string
  readonly kind: 'internal' | 'client'
  /** Milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly failed: boolean
}

// Enumerations are numbers in OTLP's JSON: opentelemetry/proto/trace/v1/trace.proto.
const KIND = { internal: 1, client: 3 } as const
const STATUS_ERROR = 2
/** W3C flag "sampled". */
const SAMPLED = 1

/** The body of a request to `/v1/traces`. @param traceId 32 hexadecimal digits */
export function tracesRequest(
  traceId: string,
  spans: readonly Span[],
  { resource, scope, clean }: Origin
): string {
  const made = spans.map(({ id, parent, name, kind, startMs, endMs, attributes, failed }) => ({
    traceId,
    spanId: id,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    flags: SAMPLED,
    name: clean(name),
    kind: KIND[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(Math.max(startMs, endMs)),
    attributes: keyValues(attributes, clean),
    status: failed ? { code: STATUS_ERROR } : {}
  }))
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource, clean) },
        scopeSpans: [{ scope, spans: made }]
      }
    ]
  })
}
