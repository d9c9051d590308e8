/**
 * The requests of OTLP in JSON, as opentelemetry/proto/{collector,trace,metrics,common,resource}/v1 define their messages
 * and protobuf's JSON mapping with OTLP's exceptions writes them: ids in hexadecimal, 64-bit integers as decimal strings,
 * enumerations as numbers, names of fields in lowerCamelCase. Fields that no message has are refused; a receiver would
 * ignore them.
 */
import { AssertionError } from 'node:assert'

type Check = (value: unknown, at: string) => void

function refuse(at: string, why: string): never {
  throw new AssertionError({ message: `${at}: ${why}` })
}

const text: Check = (value, at) => {
  if (typeof value !== 'string') refuse(at, 'is no string')
}

function hex(bytes: number): Check {
  const form = new RegExp(`^(?!0+$)[0-9a-f]{${bytes * 2}}$`)
  return (value, at) => {
    if (typeof value !== 'string' || !form.test(value))
      refuse(at, `is not an id of ${bytes} bytes in hexadecimal`)
  }
}

const int64: Check = (value, at) => {
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) refuse(at, 'is no 64-bit integer as a string')
}

const unsigned64: Check = (value, at) => {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value))
    refuse(at, 'is no unsigned 64-bit integer as a string')
}

const unsigned32: Check = (value, at) => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    refuse(at, 'is no unsigned 32-bit integer')
}

const double: Check = (value, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) refuse(at, 'is no number')
}

const truth: Check = (value, at) => {
  if (typeof value !== 'boolean') refuse(at, 'is no boolean')
}

/** @param last the highest number of the enumeration */
function enumeration(last: number): Check {
  return (value, at) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > last)
      refuse(at, `is none of the numbers 0 to ${last}`)
  }
}

function listOf(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) refuse(at, 'is no list')
    else value.forEach((one, n) => void check(one, `${at}[${n}]`))
  }
}

/** @param oneOf groups of fields of which exactly one is there */
function message(
  fields: () => Readonly<Record<string, Check>>,
  ...oneOf: readonly (readonly string[])[]
): Check {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(at, 'is no message')
    const known = fields()
    for (const [name, part] of Object.entries(value)) {
      const check = known[name]
      if (check === undefined) refuse(at, `has no field ${name}`)
      check(part, `${at}.${name}`)
    }
    for (const group of oneOf) {
      const there = group.filter(name => name in value)
      if (there.length !== 1) refuse(at, `needs exactly one of ${group.join(', ')}`)
    }
  }
}

const anyValue: Check = message(
  () => ({ stringValue: text, boolValue: truth, intValue: int64, doubleValue: double }),
  ['stringValue', 'boolValue', 'intValue', 'doubleValue']
)

const keyValue = message(() => ({ key: text, value: anyValue }), ['key'], ['value'])

/** Each key once: opentelemetry/proto/common/v1, "Attribute keys MUST be unique". */
const attributes: Check = (value, at) => {
  listOf(keyValue)(value, at)
  const keys = (value as { key: string }[]).map(({ key }) => key)
  if (new Set(keys).size < keys.length) refuse(at, 'has a key twice')
}

const resource = message(() => ({ attributes, droppedAttributesCount: unsigned32 }))
const scope = message(() => ({ name: text, version: text, attributes, droppedAttributesCount: unsigned32 }))

const span = message(
  () => ({
    traceId: hex(16),
    spanId: hex(8),
    traceState: text,
    parentSpanId: hex(8),
    flags: unsigned32,
    name: text,
    kind: enumeration(5),
    startTimeUnixNano: unsigned64,
    endTimeUnixNano: unsigned64,
    attributes,
    status: message(() => ({ message: text, code: enumeration(2) }))
  }),
  ['traceId'],
  ['spanId'],
  ['name'],
  ['startTimeUnixNano'],
  ['endTimeUnixNano']
)

const point = { attributes, startTimeUnixNano: unsigned64, timeUnixNano: unsigned64, flags: unsigned32 }

const numberPoint = message(() => ({ ...point, asInt: int64, asDouble: double }), ['timeUnixNano'])

const histogramPoint = message(
  () => ({
    ...point,
    count: unsigned64,
    sum: double,
    min: double,
    max: double,
    bucketCounts: listOf(unsigned64),
    explicitBounds: listOf(double)
  }),
  ['timeUnixNano'],
  ['count']
)

const metric = message(
  () => ({
    name: text,
    description: text,
    unit: text,
    gauge: message(() => ({ dataPoints: listOf(numberPoint) })),
    sum: message(() => ({
      dataPoints: listOf(numberPoint),
      aggregationTemporality: enumeration(2),
      isMonotonic: truth
    })),
    histogram: message(() => ({ dataPoints: listOf(histogramPoint), aggregationTemporality: enumeration(2) }))
  }),
  ['name'],
  ['gauge', 'sum', 'histogram']
)

const REQUESTS: Readonly<Record<string, Check>> = {
  '/v1/traces': message(() => ({
    resourceSpans: listOf(
      message(() => ({
        resource,
        scopeSpans: listOf(message(() => ({ scope, spans: listOf(span), schemaUrl: text }))),
        schemaUrl: text
      }))
    )
  })),
  '/v1/metrics': message(() => ({
    resourceMetrics: listOf(
      message(() => ({
        resource,
        scopeMetrics: listOf(message(() => ({ scope, metrics: listOf(metric), schemaUrl: text }))),
        schemaUrl: text
      }))
    )
  }))
}

/** @param signal `/v1/traces` or `/v1/metrics` @throws AssertionError that names the place */
export function checkOtlp(signal: string, body: unknown): void {
  const check = REQUESTS[signal]
  if (check === undefined) refuse(signal, 'is no path of OTLP')
  check(body, signal)
}
