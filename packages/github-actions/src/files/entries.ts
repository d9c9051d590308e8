import { oneLine } from '../text.ts'
import type { EvidenceRequest, Wanted } from './types.ts'

/** The paths and globs of a request, those to leave out, and what is wrong with its entries. */
export interface Entries {
  readonly wanted: readonly Wanted[]
  readonly excluded: readonly string[]
  readonly problems: readonly string[]
}

/** Reads the two lists of a request into one. */
export function readEntries({ files = [], attachments = [] }: EvidenceRequest): Entries {
  const lines = files.map(line => line.trim()).filter(line => line !== '')
  const wanted: Wanted[] = lines
    .filter(line => !line.startsWith('!'))
    .map(pattern => ({ input: 'files', pattern }))
  const problems: string[] = []
  for (const [index, entry] of attachments.entries()) {
    const read = readAttachment(entry)
    if (typeof read === 'string') problems.push(`\`attachments\`: entry ${index + 1} ${read}`)
    else wanted.push(read)
  }
  const excluded = lines.filter(line => line.startsWith('!')).map(line => line.slice(1).trim())
  return { wanted, excluded: excluded.filter(line => line !== ''), problems }
}

const FORMS = 'a path, or `name:` and `file:`'

/** The entry, or why it is none. */
function readAttachment(entry: unknown): Wanted | string {
  if (typeof entry === 'string') return withPath(entry)
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return `must be ${FORMS}`
  const { name, file, ...rest } = entry as Record<string, unknown>
  const unknown = Object.keys(rest)
  if (unknown.length > 0) {
    return `has unknown keys (${unknown.map(key => `\`${oneLine(key, 60)}\``).join(', ')}); it takes ${FORMS}`
  }
  if (typeof file !== 'string') return 'needs a `file`: a path or a glob'
  if (name === undefined || name === null) return withPath(file)
  if (typeof name !== 'string' && typeof name !== 'number') return 'has a `name` that is not a text'
  return String(name).trim() === '' ? 'has an empty `name`' : withPath(file, String(name).trim())
}

function withPath(path: string, name?: string): Wanted | string {
  const pattern = path.trim()
  if (pattern === '') return 'names no file'
  if (/[\r\n]/.test(pattern)) return 'names files on several lines; make each an entry of its own'
  return { input: 'attachments', pattern, ...(name === undefined ? {} : { name }) }
}
