import { describe, expect, it } from '@jest/globals'
import { parseHeaders } from './headers.ts'
import { readSettings } from './settings.ts'

const BASE = 'https://otel.example.test:4318'
const of = (env: Record<string, string>) => readSettings(env, 5_000)

describe('the endpoint', () => {
  it('that is common gets the path of the signal', () => {
    const { traces, metrics, notes } = of({ OTEL_EXPORTER_OTLP_ENDPOINT: `${BASE}/otlp/` })
    expect([traces?.url, metrics?.url]).toEqual([`${BASE}/otlp/v1/traces`, `${BASE}/otlp/v1/metrics`])
    expect(notes).toEqual([])
  })

  it('of a signal is taken as it is, and goes before the common one', () => {
    const { traces, metrics } = of({
      OTEL_EXPORTER_OTLP_ENDPOINT: BASE,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces.test/in?key=1'
    })
    expect([traces?.url, metrics?.url]).toEqual(['http://traces.test/in?key=1', `${BASE}/v1/metrics`])
  })

  it('of one signal alone sends the other one nowhere', () => {
    const { traces, metrics } = of({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: BASE })
    expect([traces?.url, metrics?.url]).toEqual([undefined, `${BASE}/`])
  })

  it.each(['otel.example.test:4318', 'grpc://otel', 'file:///etc/passwd'])(
    '%s is refused, unquoted',
    text => {
      const { traces, notes } = of({ OTEL_EXPORTER_OTLP_ENDPOINT: text, OTEL_METRICS_EXPORTER: 'none' })
      expect(traces).toBeUndefined()
      expect(notes).toEqual([
        'OTEL_EXPORTER_OTLP_ENDPOINT is not an address that begins with https:// or http://: no traces are sent'
      ])
    }
  )
})

describe('a signal', () => {
  it.each([
    ['none', false],
    ['console', false],
    ['otlp', true],
    ['console, OTLP', true]
  ])('with the exporter %s', (exporter, sent) => {
    const { traces, metrics } = of({ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_TRACES_EXPORTER: exporter })
    expect(traces !== undefined).toBe(sent)
    expect(metrics).toBeDefined()
  })

  it.each([
    ['http/json', true, undefined],
    ['http/protobuf', true, /is http\/protobuf: traces are sent as http\/json/],
    ['grpc', false, /OTEL_EXPORTER_OTLP_PROTOCOL is neither .* no traces are sent/]
  ])('with the protocol %s', (protocol, sent, note) => {
    const { traces, notes } = of({
      OTEL_EXPORTER_OTLP_ENDPOINT: BASE,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_METRICS_EXPORTER: 'none'
    })
    expect(traces !== undefined).toBe(sent)
    if (note === undefined) expect(notes).toEqual([])
    else expect(notes[0]).toMatch(note)
  })

  it.each([
    ['', 5_000],
    ['250', 250],
    ['60000', 5_000],
    ['soon', 5_000]
  ])('with the time-out %s', (text, ms) => {
    const { traces } = of({ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_EXPORTER_OTLP_TIMEOUT: text })
    expect(traces?.timeoutMs).toBe(ms)
  })
})

describe('headers', () => {
  it('are a list, percent-encoded; those of a signal replace the common ones', () => {
    const { traces, metrics } = of({
      OTEL_EXPORTER_OTLP_ENDPOINT: BASE,
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20a%2Cb%3D, X-Scope-OrgID = 7 ',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'api-key=k=1'
    })
    expect(traces?.headers).toEqual({ authorization: 'Bearer a,b=', 'x-scope-orgid': '7' })
    expect(metrics?.headers).toEqual({ 'api-key': 'k=1' })
  })

  it.each(['Bearer hunter2', '=hunter2', 'a b=hunter2', 'a=%zz', 'a=x%0d%0ahunter2:1'])(
    '%s are none: nothing is sent without them, and nothing of them is shown',
    text => {
      const { traces, notes } = of({ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_EXPORTER_OTLP_HEADERS: text })
      expect(traces).toBeUndefined()
      expect(notes[0]).toMatch(/^OTEL_EXPORTER_OTLP_HEADERS is not a list/)
      expect(notes.join()).not.toMatch(/hunter2|%zz/)
    }
  )

  it('of the request itself cannot be set', () => {
    expect(parseHeaders('content-type=text/plain,Host=other.test,a=1')).toEqual({ a: '1' })
  })
})

describe('the resource', () => {
  it('has the attributes of the variable, and the name of the service before them', () => {
    expect(
      of({ OTEL_RESOURCE_ATTRIBUTES: 'team=pay%2Cments,service.name=a', OTEL_SERVICE_NAME: 'b' }).resource
    ).toEqual({ team: 'pay,ments', 'service.name': 'b' })
    expect(of({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a' }).resource).toEqual({ 'service.name': 'a' })
  })

  it('has none of a list that cannot be read', () => {
    const { resource, notes } = of({ OTEL_RESOURCE_ATTRIBUTES: 'team=x,=y' })
    expect(resource).toEqual({})
    expect(notes).toEqual(['OTEL_RESOURCE_ATTRIBUTES cannot be read, and is left out'])
  })
})
