/** What the rules need to know of a change request, as read at one moment. Texts are raw: nothing is made safe here. */
export interface ChangeSnapshot {
  /** The raw value, `"-5"` or `"-5.0"`; an instance may have states of its own. */
  state: string
  stateLabel: string
  /** The raw value: `normal`, `standard`, `emergency`, or one of the instance's own. */
  type: string
  /** The raw value: `not requested` (with a space), `requested`, `approved`, `rejected`, … */
  approval: string
  onHold: boolean
  onHoldReason: string
  unauthorized: boolean
  /** Epoch milliseconds. */
  plannedStart?: number | undefined
  /** Epoch milliseconds. */
  plannedEnd?: number | undefined
  correlationDisplay: string
  /** A standard change made from a template: its approval comes with Scheduled. */
  fromTemplate: boolean
}

/** `not_required` and `Not Required` are one word; task tables differ in how they spell it. */
export function normaliseWord(text: string): string {
  return text.trim().toLowerCase().replaceAll('_', ' ')
}

export function isApproved(change: Pick<ChangeSnapshot, 'approval'>): boolean {
  return normaliseWord(change.approval) === 'approved'
}

/** No approval is requested: it never was, or the request was taken back. */
export function isApprovalIdle(change: Pick<ChangeSnapshot, 'approval'>): boolean {
  return ['', 'not requested', 'cancelled', 'canceled'].includes(normaliseWord(change.approval))
}
