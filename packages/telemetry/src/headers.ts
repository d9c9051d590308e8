/** Names by RFC 9110, section 5.6.2. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** What this request sets by itself; the length and the host follow from it. */
const OWN = new Set([
  'content-type',
  'content-length',
  'host',
  'transfer-encoding',
  'connection',
  'user-agent'
])

/**
 * Reads a list of headers as OpenTelemetry's variables have them: `name=value,name2=value2`, values percent-encoded
 * (opentelemetry.io/docs/specs/otel/protocol/exporter, "Specifying headers via environment variables").
 *
 * @returns names in lower case; undefined when the list cannot be read
 */
export function parseHeaders(text: string): Readonly<Record<string, string>> | undefined {
  const entries: [string, string][] = []
  for (const item of text.split(',')) {
    if (item.trim() === '') continue
    const at = item.indexOf('=')
    const name = decoded(item.slice(0, Math.max(0, at)))
    // Properties of an entry stand behind a semicolon. They say nothing here.
    const value = decoded(item.slice(at + 1).split(';', 1)[0] ?? '')
    if (name === undefined || value === undefined || !NAME.test(name) || !VALUE.test(value)) return undefined
    if (!OWN.has(name.toLowerCase())) entries.push([name.toLowerCase(), value])
  }
  return Object.fromEntries(entries)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim())
  } catch {
    return undefined
  }
}
