import { describe, expect, it } from '@jest/globals'
import { type Measure, metricsRequest } from './metrics.ts'
import { type Span, tracesRequest } from './spans.ts'
import { checkOtlp } from './testing/otlp-schema.ts'

const ORIGIN = {
  resource: { 'service.name': 'test', empty: '', absent: undefined },
  scope: { name: 'product', version: '1' },
  clean: (text: string) => text.replaceAll('secret', '***')
}

const SPAN: Span = {
  id: 'b7ad6b7169203331',
  parent: undefined,
  name: 'GET /secret',
  kind: 'client',
  startMs: 1_700_000_000_123,
  endMs: 1_700_000_000_456,
  attributes: { text: 'a secret', number: 7, part: 0.5, truth: true, none: undefined },
  failed: true
}

const about = { unit: 's', description: '', attributes: {} }

describe('spans', () => {
  const body = JSON.parse(tracesRequest('0af7651916cd43dd8448eb211c80319c', [SPAN], ORIGIN))

  it('are written as OTLP has them', () => {
    checkOtlp('/v1/traces', body)
    expect(body.resourceSpans[0].resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'test' } }
    ])
    expect(body.resourceSpans[0].scopeSpans[0].spans).toEqual([
      {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        flags: 1,
        name: 'GET /***',
        kind: 3,
        startTimeUnixNano: '1700000000123000000',
        endTimeUnixNano: '1700000000456000000',
        attributes: [
          { key: 'text', value: { stringValue: 'a ***' } },
          { key: 'number', value: { intValue: '7' } },
          { key: 'part', value: { doubleValue: 0.5 } },
          { key: 'truth', value: { boolValue: true } }
        ],
        status: { code: 2 }
      }
    ])
  })

  it.each([
    ['an id that is none', (span: Record<string, unknown>) => ({ ...span, spanId: 'xyz' })],
    ['a number for a time', (span: Record<string, unknown>) => ({ ...span, startTimeUnixNano: 17 })],
    ['a name for a kind', (span: Record<string, unknown>) => ({ ...span, kind: 'SPAN_KIND_CLIENT' })],
    ['a field that no message has', (span: Record<string, unknown>) => ({ ...span, span_id: 'x' })]
  ])('with %s would be refused by the check', (_, change) => {
    const [{ resource, scopeSpans }] = body.resourceSpans
    const spans = [change(scopeSpans[0].spans[0])]
    expect(() =>
      checkOtlp('/v1/traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
    ).toThrow()
  })
})

describe('measures', () => {
  function metricsOf(measures: readonly Measure[]) {
    const body = JSON.parse(metricsRequest(measures, ORIGIN, 1_000, 5))
    checkOtlp('/v1/metrics', body)
    return body.resourceMetrics[0].scopeMetrics[0].metrics
  }

  it('of one name and the same attributes are one point, as what was added', () => {
    const count = (type?: string): Measure => ({
      ...about,
      kind: 'sum',
      name: 'requests',
      attributes: { 'error.type': type },
      value: 1
    })
    const [{ sum, ...more }, none] = metricsOf([count(), count('503'), count()])
    expect(none).toBeUndefined()
    expect(more).toEqual({ name: 'requests', unit: 's', description: '' })
    expect(sum).toMatchObject({ aggregationTemporality: 1, isMonotonic: true })
    expect(sum.dataPoints).toEqual([
      { attributes: [], startTimeUnixNano: '1000000000', timeUnixNano: '1000000005', asInt: '2' },
      expect.objectContaining({
        attributes: [{ key: 'error.type', value: { stringValue: '503' } }],
        asInt: '1'
      })
    ])
  })

  it('of durations are in buckets, each up to its bound', () => {
    const took = (value: number): Measure => ({
      ...about,
      kind: 'histogram',
      name: 'took',
      value,
      bounds: [1, 5]
    })
    const [{ histogram }] = metricsOf([took(1), took(1.5), took(5), took(60)])
    expect(histogram.dataPoints[0]).toMatchObject({
      count: '4',
      sum: 67.5,
      min: 1,
      max: 60,
      explicitBounds: [1, 5],
      bucketCounts: ['1', '2', '1']
    })
  })

  it('that are over have no value, and say so', () => {
    const gauge = (value: number | undefined): Measure => ({ ...about, kind: 'gauge', name: 'waits', value })
    expect(metricsOf([gauge(3)])[0].gauge.dataPoints).toEqual([
      { attributes: [], timeUnixNano: '1000000005', asDouble: 3 }
    ])
    expect(metricsOf([gauge(undefined)])[0].gauge.dataPoints).toEqual([
      { attributes: [], timeUnixNano: '1000000005', flags: 1 }
    ])
  })
})
