/** Which trace the spans belong to. */
import { createHash, randomBytes } from 'node:crypto'

/** The span of a caller: www.w3.org/TR/trace-context, "traceparent Header". */
export interface ParentContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly sampled: boolean
}

// A later version may have more parts behind the flags; version ff is forbidden.
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The variable TRACEPARENT; undefined when there is none, or when it is not valid. */
export function parseTraceparent(text: string | undefined): ParentContext | undefined {
  const [, version, traceId, parent, flags = '', more] = TRACEPARENT.exec(text?.trim() ?? '') ?? []
  if (traceId === undefined || parent === undefined) return undefined
  if (version === '00' && more !== undefined) return undefined
  return { traceId, spanId: parent, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/**
 * The trace of a workflow run that names no parent: all its steps have the same one. It is the one that the GitHub
 * receiver of the OpenTelemetry Collector makes of a run and its attempt by default.
 */
export function traceIdOfRun(runId: string, attempt: string): string {
  if (runId === '') return randomBytes(16).toString('hex')
  return createHash('sha256').update(`${runId}${attempt}t`).digest('hex').slice(0, 32)
}

/** A new id of a span: 16 hexadecimal digits, not all of them zero. */
export function spanId(): string {
  const id = randomBytes(8).toString('hex')
  return /[^0]/.test(id) ? id : spanId()
}
