/**
 * The standard variables of OpenTelemetry: opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables and
 * …/protocol/exporter. An empty variable is one that is not set.
 */
import { parseHeaders } from './headers.ts'

/** Environment variables, by name. */
export type Env = Readonly<Record<string, string | undefined>>

const SIGNALS = { traces: 'TRACES', metrics: 'METRICS' } as const

type Signal = keyof typeof SIGNALS

/** Where one kind of telemetry goes. */
export interface Destination {
  readonly url: string
  /** Secrets, as a rule. */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds that a request may take. */
  readonly timeoutMs: number
  /** Paths of PEM files. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** What the variables say. */
export interface OtlpSettings {
  readonly traces: Destination | undefined
  readonly metrics: Destination | undefined
  /** Attributes of the resource that the variables add or replace, `service.name` among them. */
  readonly resource: Readonly<Record<string, string>>
  /** What is not done and why, for the log: names of variables, and no values. */
  readonly notes: readonly string[]
}

const DEFAULT_TIMEOUT_MS = 10_000

/** @param maxTimeoutMs that a variable cannot raise */
export function readSettings(env: Env, maxTimeoutMs: number): OtlpSettings {
  const notes: string[] = []
  return {
    traces: destinationOf('traces', env, maxTimeoutMs, notes),
    metrics: destinationOf('metrics', env, maxTimeoutMs, notes),
    resource: resourceOf(env, notes),
    notes
  }
}

function destinationOf(
  signal: Signal,
  env: Env,
  maxTimeoutMs: number,
  notes: string[]
): Destination | undefined {
  const exporter = read(env, `OTEL_${SIGNALS[signal]}_EXPORTER`) || 'otlp'
  // A list, of which only one entry is known here.
  if (!exporter.split(',').some(name => name.trim().toLowerCase() === 'otlp')) return undefined
  const url = urlOf(signal, env, notes)
  if (url === undefined || !isUnderstood(signal, env, notes)) return undefined
  const headers = headersOf(signal, env, notes)
  if (headers === undefined) return undefined
  const path = (name: string) => ofSignal(signal, env, name).text || undefined
  return {
    url,
    headers,
    timeoutMs: timeoutOf(signal, env, maxTimeoutMs),
    ca: path('CERTIFICATE'),
    cert: path('CLIENT_CERTIFICATE'),
    key: path('CLIENT_KEY')
  }
}

/** The address of a signal is taken as it is; to the common one its path is added. */
function urlOf(signal: Signal, env: Env, notes: string[]): string | undefined {
  const { name, text, own } = ofSignal(signal, env, 'ENDPOINT')
  if (text === '') return undefined
  try {
    const url = new URL(text)
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('another scheme')
    if (!own) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`
    return url.href
  } catch {
    notes.push(`${name} is not an address that begins with https:// or http://: no ${signal} are sent`)
    return undefined
  }
}

/** Collectors take JSON and binary at the same address, and gRPC at another one. */
function isUnderstood(signal: Signal, env: Env, notes: string[]): boolean {
  const { name, text } = ofSignal(signal, env, 'PROTOCOL')
  if (text === '' || text === 'http/json') return true
  if (text === 'http/protobuf') {
    notes.push(
      `${name} is http/protobuf: ${signal} are sent as http/json, which is taken at the same address`
    )
    return true
  }
  notes.push(
    `${name} is neither http/json nor http/protobuf, and nothing else is spoken: no ${signal} are sent`
  )
  return false
}

function headersOf(signal: Signal, env: Env, notes: string[]): Destination['headers'] | undefined {
  const { name, text } = ofSignal(signal, env, 'HEADERS')
  const headers = parseHeaders(text)
  // Without them, what was to be sent with a token would be sent without.
  if (headers === undefined)
    notes.push(
      `${name} is not a list such as name=value,name2=value2 with %XX for special characters: no ${signal} are sent`
    )
  return headers
}

function timeoutOf(signal: Signal, env: Env, maxTimeoutMs: number): number {
  const given = Number(ofSignal(signal, env, 'TIMEOUT').text || Number.NaN)
  const timeout = Number.isFinite(given) && given > 0 ? given : DEFAULT_TIMEOUT_MS
  return Math.min(timeout, maxTimeoutMs)
}

function resourceOf(env: Env, notes: string[]): Record<string, string> {
  const text = read(env, 'OTEL_RESOURCE_ATTRIBUTES')
  const given = parseList(text)
  if (given === undefined) notes.push('OTEL_RESOURCE_ATTRIBUTES cannot be read, and is left out')
  const service = read(env, 'OTEL_SERVICE_NAME')
  return { ...given, ...(service === '' ? {} : { 'service.name': service }) }
}

/** `key=value` pairs, percent-encoded; undefined when one of them is none: then the whole list is left out. */
function parseList(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').filter(item => item.trim() !== '')
  try {
    const entries = pairs.map(item => {
      const at = item.indexOf('=')
      const key = decodeURIComponent(item.slice(0, Math.max(0, at)).trim())
      if (key === '') throw new Error('no key')
      return [key, decodeURIComponent(item.slice(at + 1).trim())] as const
    })
    return Object.fromEntries(entries)
  } catch {
    return undefined
  }
}

/** The variable of the signal; where it is not set, the common one. */
function ofSignal(signal: Signal, env: Env, name: string) {
  const own = `OTEL_EXPORTER_OTLP_${SIGNALS[signal]}_${name}`
  const text = read(env, own)
  if (text !== '') return { name: own, text, own: true }
  const common = `OTEL_EXPORTER_OTLP_${name}`
  return { name: common, text: read(env, common), own: false }
}

function read(env: Env, name: string): string {
  return env[name]?.trim() ?? ''
}
