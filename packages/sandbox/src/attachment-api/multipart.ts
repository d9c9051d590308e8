/** One part of a `multipart/form-data` body. */
export interface Part {
  readonly name: string
  readonly fileName?: string
  readonly contentType: string
  readonly bytes: Buffer
}

const LINE = Buffer.from('\r\n')
const HEAD_END = Buffer.from('\r\n\r\n')

/** By lower-case name. */
function headersOf(head: string): Map<string, string> {
  const lines = head.split('\r\n').filter(line => line.includes(':'))
  return new Map(
    lines.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    })
  )
}

/** A quoted parameter of a header. */
function parameter(header: string, name: string): string | undefined {
  return new RegExp(`(?:^|[;\\s])${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i')
    .exec(header)?.[1]
    ?.replace(/%22|\\"/g, '"')
}

function partFrom(section: Buffer): Part | undefined {
  const end = section.indexOf(HEAD_END)
  if (end < 0) return undefined
  const headers = headersOf(section.subarray(0, end).toString('utf8'))
  const disposition = headers.get('content-disposition') ?? ''
  const fileName = parameter(disposition, 'filename')
  return {
    name: parameter(disposition, 'name') ?? '',
    ...(fileName !== undefined && { fileName }),
    contentType: headers.get('content-type') ?? '',
    bytes: section.subarray(end + HEAD_END.length)
  }
}

/**
 * The parts of a `multipart/form-data` body, in the order sent. Empty when the body has none.
 * @param contentType the `Content-Type` header with the boundary
 */
export function parseMultipart(body: Buffer, contentType: string): Part[] {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  if (!boundary) return []
  const delimiter = Buffer.from(`--${boundary[1] ?? boundary[2]}`)
  const parts: Part[] = []
  let start = body.indexOf(delimiter)
  while (start >= 0) {
    const from = start + delimiter.length
    const next = body.indexOf(Buffer.concat([LINE, delimiter]), from)
    if (next < 0) break
    const part = partFrom(body.subarray(from, next))
    if (part) parts.push(part)
    start = next + LINE.length
  }
  return parts
}
