/** A receiver of OTLP/HTTP in JSON that takes only what its definition allows. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { checkOtlp } from './otlp-schema.ts'

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  /** Milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly failed: boolean
}

export interface ReceivedPoint {
  readonly name: string
  readonly unit: string
  readonly kind: 'gauge' | 'sum' | 'histogram'
  readonly temporality: number | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
  /** Of a histogram the sum; undefined for a gauge that has ended. */
  readonly value: number | undefined
  /** Of a histogram. */
  readonly count: number | undefined
}

export interface Receiver {
  readonly url: string
  readonly requests: readonly {
    readonly path: string
    readonly headers: IncomingHttpHeaders
    readonly text: string
  }[]
  /** What it refused, and why. */
  readonly refused: readonly string[]
  spans(): ReceivedSpan[]
  points(name?: string): ReceivedPoint[]
  /** Attributes of the resources of all traces. */
  resources(): Readonly<Record<string, unknown>>[]
  close(): Promise<void>
}

/** What it says instead of taking everything; `hang`: nothing. */
export type Reply = { readonly status: number; readonly body?: unknown } | 'hang'

/** @param reply to requests that are well formed */
export async function startReceiver(reply: Reply = { status: 200, body: {} }): Promise<Receiver> {
  const requests: { path: string; headers: IncomingHttpHeaders; text: string }[] = []
  const refused: string[] = []
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const body = await text(request)
    requests.push({ path, headers: request.headers, text: body })
    try {
      if (request.method !== 'POST') throw new Error(`${request.method} is not POST`)
      if (request.headers['content-type'] !== 'application/json')
        throw new Error('the content type is not JSON')
      checkOtlp(path, JSON.parse(body))
    } catch (error) {
      refused.push(String(error))
      response.writeHead(400).end()
      return
    }
    if (reply === 'hang') return
    response.writeHead(reply.status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(reply.body ?? {}))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const bodies = <T>(path: string): T[] =>
    requests.filter(one => one.path === path).map(one => JSON.parse(one.text))
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    refused,
    spans: () => bodies<Traces>('/v1/traces').flatMap(spansIn),
    points: name =>
      bodies<Metrics>('/v1/metrics')
        .flatMap(pointsIn)
        .filter(one => name === undefined || one.name === name),
    resources: () =>
      bodies<Traces>('/v1/traces').flatMap(body => body.resourceSpans.map(one => valuesOf(one.resource))),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface Attributed {
  readonly attributes?: readonly Attribute[]
}

interface RawSpan extends Attributed {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status?: { readonly code?: number }
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly resource: Attributed
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[]
  }[]
}

interface RawPoint extends Attributed {
  readonly asInt?: string
  readonly asDouble?: number
  readonly sum?: number
  readonly count?: string
}

interface Data {
  readonly aggregationTemporality?: number
  readonly dataPoints: readonly RawPoint[]
}

interface RawMetric {
  readonly name: string
  readonly unit: string
  readonly gauge?: Data
  readonly sum?: Data
  readonly histogram?: Data
}

interface Metrics {
  readonly resourceMetrics: readonly {
    readonly resource: Attributed
    readonly scopeMetrics: readonly { readonly metrics: readonly RawMetric[] }[]
  }[]
}

function valuesOf({ attributes = [] }: Attributed): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      'intValue' in value ? Number(value.intValue) : Object.values(value)[0]
    ])
  )
}

const milliseconds = (nanoseconds: string) => Number(BigInt(nanoseconds) / 1_000_000n)

function spansIn({ resourceSpans }: Traces): ReceivedSpan[] {
  const all = resourceSpans.flatMap(one => one.scopeSpans.flatMap(of => of.spans))
  return all.map(({ startTimeUnixNano, endTimeUnixNano, attributes, status, ...rest }) => ({
    ...rest,
    startMs: milliseconds(startTimeUnixNano),
    endMs: milliseconds(endTimeUnixNano),
    attributes: valuesOf({ attributes: attributes ?? [] }),
    failed: status?.code === 2
  }))
}

function pointsIn({ resourceMetrics }: Metrics): ReceivedPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(of => of.metrics.flatMap(metric => pointsOf(metric, valuesOf(resource))))
  )
}

function pointsOf(metric: RawMetric, resource: Record<string, unknown>): ReceivedPoint[] {
  const kind = (['gauge', 'sum', 'histogram'] as const).find(one => metric[one] !== undefined) ?? 'gauge'
  const { dataPoints = [], aggregationTemporality } = metric[kind] ?? {}
  return dataPoints.map(point => ({
    name: metric.name,
    unit: metric.unit,
    kind,
    temporality: aggregationTemporality,
    attributes: valuesOf(point),
    resource,
    value: point.sum ?? point.asDouble ?? (point.asInt === undefined ? undefined : Number(point.asInt)),
    count: point.count === undefined ? undefined : Number(point.count)
  }))
}
