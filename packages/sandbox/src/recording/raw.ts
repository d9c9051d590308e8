/** A request and its response as they passed, and their bodies as values. */
export interface RawMessage {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface RawExchange {
  readonly request: RawMessage & { readonly method: string; readonly path: string }
  readonly response: RawMessage & { readonly status: number }
}

/** A body as a value; undefined when there is none, and the number of bytes where it is neither JSON nor a form. */
export type ParsedBody =
  | { readonly json: unknown }
  | { readonly form: URLSearchParams }
  | { readonly bytes: number }
  | undefined

/** What was sent. The content of an attached file is the user's, whatever its type. */
export function requestBody({ request }: RawExchange): ParsedBody {
  return parsed(request, /\/attachment\/(?:file|upload)(?:\?|$)/.test(request.path))
}

/** What was received. */
export function responseBody({ request, response }: RawExchange): ParsedBody {
  return parsed(response, /\/attachment\/[0-9a-f]{32}\/file(?:\?|$)/i.test(request.path))
}

function parsed({ headers, body }: RawMessage, isContent: boolean): ParsedBody {
  if (body.length === 0) return undefined
  const type = headers['content-type'] ?? ''
  const text = body.toString('utf8')
  if (!isContent && /^application\/x-www-form-urlencoded/i.test(type))
    return { form: new URLSearchParams(text) }
  if (isContent || !/json/i.test(type)) return { bytes: body.length }
  try {
    return { json: JSON.parse(text) }
  } catch {
    return { bytes: body.length }
  }
}

/** Calls `visit` with each text of a JSON value and the name of the member that it stands in. */
export function mapTexts(value: unknown, visit: (text: string, name: string) => string, name = ''): unknown {
  if (typeof value === 'string') return visit(value, name)
  if (Array.isArray(value)) return value.map(one => mapTexts(one, visit, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, mapTexts(one, visit, nameOf(key, name))])
  )
}

/** `value` and `display_value` are forms of the field that they stand in. */
function nameOf(key: string, field: string): string {
  return field !== '' && (key === 'value' || key === 'display_value' || key === 'link') ? field : key
}
