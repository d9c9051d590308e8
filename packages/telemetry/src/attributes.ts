/** Attributes in OTLP's JSON: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding". */

/** What an attribute may hold here; undefined leaves it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** Makes untrusted text fit to send: without secrets, control characters and excess. */
export type Clean = (text: string) => string

type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  /** 64-bit integers are decimal strings. */
  | { readonly intValue: string }
  | { readonly doubleValue: number }

export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

/** The attributes that have a value, texts cleaned. An empty text is one that is not known. */
export function keyValues(attributes: Attributes, clean: Clean): KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [{ key, value: anyValueOf(value, clean) }]
  )
}

function anyValueOf(value: string | number | boolean, clean: Clean): AnyValue {
  if (typeof value === 'string') return { stringValue: clean(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** The same attributes have the same text, in whatever order they stand. */
export function attributeText(attributes: Attributes): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined)
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Milliseconds since 1970 as nanoseconds, which are 64-bit integers. @param ns less than a millisecond */
export function nanoseconds(ms: number, ns = 0): string {
  return String(BigInt(Math.max(0, Math.round(ms))) * 1_000_000n + BigInt(ns))
}
