import type { Approval, ServiceNowError } from '@change-actions/servicenow-client'
import type { Flow } from './flow.ts'
import type { Progress } from './wait.ts'

/** The longest silence. */
const HEARTBEAT_MS = 5 * 60_000
/** A look this soon before it brings the heartbeat forward, with what is new. */
const EARLY_MS = 60_000

/** Prints a line when something changes and a heartbeat at least every five minutes. */
export class WaitLog {
  private readonly flow: Flow
  private lastLine = ''
  private lastAt = Number.NEGATIVE_INFINITY

  constructor(flow: Flow) {
    this.flow = flow
  }

  /** The next look should bring what the heartbeat tells. */
  heartbeatDue(): boolean {
    return this.silenceLeft() <= EARLY_MS
  }

  /** Milliseconds until something must be printed. */
  silenceLeft(): number {
    return Math.max(0, this.lastAt + HEARTBEAT_MS - this.flow.now())
  }

  /** A sign of life during a long pause: the last line again. */
  heartbeat(waitedMs: number): void {
    if (this.silenceLeft() === 0) this.print(this.lastLine, waitedMs)
  }

  waiting(progress: Progress, reason: string): void {
    const who = yetToApprove(progress.approvals)
    const text = who === '' ? `${reason}.` : `${reason}. ${who}.`
    this.print(`${progress.change?.number ?? 'The change'}: ${text}`, progress.waitedMs)
  }

  trouble(error: ServiceNowError): void {
    const said = error.answer === undefined || error.answer === '' ? '' : ` (${error.answer})`
    this.print(`${error.title}${said}. Still waiting: this may pass.`, undefined)
  }

  private print(line: string, waitedMs: number | undefined): void {
    const now = this.flow.now()
    if (line === this.lastLine && !this.heartbeatDue()) return
    const waited =
      waitedMs === undefined || waitedMs < 1_000 ? '' : ` (${Math.round(waitedMs / 1000)} s so far)`
    this.flow.report.info(`${line}${waited}`)
    this.lastLine = line
    this.lastAt = now
  }
}

/** `Yet to approve: Kim, Lee`; empty when nobody is, or it is not known. */
export function yetToApprove(approvals: readonly Approval[] | undefined): string {
  const names = (approvals ?? []).filter(one => one.state === 'requested').map(nameOf)
  if (names.length === 0) return ''
  const more = names.length > 10 ? ` and ${names.length - 10} more` : ''
  return `Yet to approve: ${names.slice(0, 10).join(', ')}${more}`
}

function nameOf(approval: { approver: string; group: string }): string {
  const name = approval.approver || 'somebody'
  return approval.group === '' ? name : `${name} (${approval.group})`
}
