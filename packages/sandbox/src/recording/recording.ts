/** What a recording holds, and its file. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

const VERSION = 1

/** A body: of anything but JSON and forms only the number of bytes is kept, for it may hold what cannot be recognised. */
export type Body =
  | { readonly json: unknown }
  | { readonly form: Readonly<Record<string, string>> }
  | { readonly bytes: number }

/** One request with its response, without what is secret or personal. */
export interface Exchange {
  readonly request: {
    readonly method: string
    /** Path and query. */
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Body
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Body
  }
}

/** The host that stands for that of the instance. */
export const RECORDED_HOST = 'instance.service-now.com'

/**
 * Creates the file of a recording.
 * @returns a function that writes all exchanges so far; the file is whole at any moment
 * @throws Error when the file exists, or cannot be written
 */
export function createRecording(path: string): (exchanges: readonly Exchange[]) => void {
  const text = (exchanges: readonly Exchange[]) =>
    `${JSON.stringify({ recording: VERSION, exchanges }, null, 2)}\n`
  try {
    writeFileSync(path, text([]), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? 'exists, and is not overwritten' : `cannot be written (${code})`
    throw new Error(`${path} ${reason}. Fix: give another file.`, { cause: error })
  }
  return exchanges => {
    const draft = `${path}.${process.pid}.tmp`
    writeFileSync(draft, text(exchanges), { mode: 0o600 })
    renameSync(draft, path)
  }
}

/** @throws Error when the file is no recording of this version */
export function readRecording(path: string): readonly Exchange[] {
  let saved: { recording?: unknown; exchanges?: unknown } | null
  try {
    saved = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path} is not a recording, or cannot be read. Fix: give a file that --record wrote.`, {
      cause: error
    })
  }
  if (saved?.recording !== VERSION || !Array.isArray(saved.exchanges) || !saved.exchanges.every(isExchange))
    throw new Error(`${path} is not a recording of this version. Fix: record it again.`)
  return saved.exchanges
}

function isExchange(value: unknown): value is Exchange {
  const { request, response } = (value ?? {}) as Partial<Exchange>
  return (
    typeof request?.method === 'string' &&
    typeof request.path === 'string' &&
    typeof request.headers === 'object' &&
    Number.isInteger(response?.status) &&
    typeof response?.headers === 'object'
  )
}
