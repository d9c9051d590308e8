import { type Attributes, attributeText, type Clean, keyValues, nanoseconds } from './attributes.ts'
import { groups } from './groups.ts'
import type { Origin } from './origin.ts'

/** Upper bounds of the buckets of a histogram, rising. */
export type Bounds = readonly number[]

/** What every measure says of itself. */
interface Named {
  readonly name: string
  /** UCUM, as OpenTelemetry writes it: `s`, `{request}`. */
  readonly unit: string
  readonly description: string
  readonly attributes: Attributes
}

/** One measured value. */
export type Measure =
  | (Named & { readonly kind: 'histogram'; readonly value: number; readonly bounds: Bounds })
  /** Counts up. */
  | (Named & { readonly kind: 'sum'; readonly value: number })
  /** `value` undefined: there is none any more, and who keeps the last one is to forget it. */
  | (Named & { readonly kind: 'gauge'; readonly value: number | undefined })

// opentelemetry/proto/metrics/v1/metrics.proto
const DELTA = 1
const NO_RECORDED_VALUE = 1

/**
 * The body of a request to `/v1/metrics`. A step is over when it sends, so that it tells what was added, not a total. The
 * interval of a value is the moment it is sent: one that began with a long wait would be older than what other runs sent
 * meanwhile for the same series, and be dropped.
 *
 * @param nowMs milliseconds since 1970
 * @param ns nanoseconds added to it, so that two steps of one moment differ
 */
export function metricsRequest(
  measures: readonly Measure[],
  { resource, scope, clean }: Origin,
  nowMs: number,
  ns: number
): string {
  const times = { startTimeUnixNano: nanoseconds(nowMs), timeUnixNano: nanoseconds(nowMs, ns) }
  const metrics = groups(measures, one => one.name).map(of => metricOf(of, times, clean))
  return JSON.stringify({
    resourceMetrics: [
      { resource: { attributes: keyValues(resource, clean) }, scopeMetrics: [{ scope, metrics }] }
    ]
  })
}

interface Times {
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
}

/** @param measures of one name */
function metricOf(measures: readonly [Measure, ...Measure[]], times: Times, clean: Clean): object {
  const [{ name, unit, description, kind }] = measures
  const dataPoints = groups(measures, one => attributeText(one.attributes)).map(of =>
    pointOf(of, times, clean)
  )
  const data = {
    histogram: { histogram: { aggregationTemporality: DELTA, dataPoints } },
    sum: { sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints } },
    gauge: { gauge: { dataPoints } }
  }
  return { name, unit, description, ...data[kind] }
}

/** @param measures of one name and the same attributes */
function pointOf(measures: readonly [Measure, ...Measure[]], times: Times, clean: Clean): object {
  const [first] = measures
  const attributes = keyValues(first.attributes, clean)
  const values = measures.flatMap(({ value }) => (value === undefined ? [] : [value]))
  const total = values.reduce((sum, value) => sum + value, 0)
  switch (first.kind) {
    case 'sum':
      return { attributes, ...times, asInt: String(Math.round(total)) }
    case 'gauge': {
      const { timeUnixNano } = times
      const last = values.at(-1)
      return last === undefined
        ? { attributes, timeUnixNano, flags: NO_RECORDED_VALUE }
        : { attributes, timeUnixNano, asDouble: last }
    }
    case 'histogram':
      return {
        attributes,
        ...times,
        count: String(values.length),
        sum: total,
        min: Math.min(...values),
        max: Math.max(...values),
        explicitBounds: first.bounds,
        bucketCounts: bucketCounts(values, first.bounds).map(String)
      }
  }
}

/** How many values are in each bucket: over the bound before it, and at most its own; the last one has no bound. */
function bucketCounts(values: readonly number[], bounds: Bounds): number[] {
  const bucketOf = (value: number) => {
    const at = bounds.findIndex(bound => value <= bound)
    return at < 0 ? bounds.length : at
  }
  const buckets = values.map(bucketOf)
  return Array.from({ length: bounds.length + 1 }, (_, n) => buckets.filter(bucket => bucket === n).length)
}
