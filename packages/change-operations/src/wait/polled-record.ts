import { type Change, isClientProblem, type PollValues, pollValues } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'

/** How one poll reads. */
export interface RecordPoll {
  /** There is no next poll: the record is read at once, with the retries of an ordinary request. */
  readonly last: boolean
  /** Reads the whole record. */
  readonly whole: () => Promise<Change>
}

export interface PolledChange {
  /** With all its fields, in the version that the instance has now. */
  readonly change: Change
  /** Read as a whole by this very poll; false: by an earlier one, and nothing tells that it has changed since. */
  readonly isFresh: boolean
}

/** How the next poll reads: `whole-once` after a failure, so that a Table API that is down alone holds up no wait. */
type Way = 'few-fields' | 'whole-once' | 'whole'

/**
 * The record of a change that is waited for. It is read as a whole when it is read first, and when a poll of a few
 * fields shows that it has changed: decisions are made on whole records alone. Where the account may not read these
 * fields through the Table API, each poll reads the whole record.
 */
export class PolledRecord {
  private readonly context: OperationContext
  private readonly sysId: string
  private known: Change | undefined
  /** The fields of the poll in the version that is known. */
  private seen: PollValues = {}
  private way: Way = 'few-fields'

  constructor(context: OperationContext, sysId: string) {
    this.context = context
    this.sysId = sysId
  }

  /** @throws Problem of the client */
  async read(poll: RecordPoll): Promise<PolledChange> {
    const { known } = this
    if (known === undefined || poll.last || this.way !== 'few-fields') return this.readWhole(poll)
    const values = await this.poll(known)
    if (values === undefined) return this.readWhole(poll)
    if (isSame(values, this.seen)) return { change: known, isFresh: false }
    const read = await this.readWhole(poll)
    // Both APIs write values their own way: the next poll is compared with this one.
    this.seen = values
    return read
  }

  /** @throws Problem of the client */
  async readWhole({ whole }: Pick<RecordPoll, 'whole'>): Promise<PolledChange> {
    const change = await whole()
    this.known = change
    this.seen = pollValues(change.fields)
    if (this.way === 'whole-once') this.way = 'few-fields'
    return { change, isFresh: true }
  }

  /** The change was written to: the next poll reads it as a whole. */
  forget(): void {
    this.known = undefined
  }

  /** @returns undefined where the account cannot read what has to be compared: the same answer for all polls */
  private async poll(known: Change): Promise<PollValues | undefined> {
    const operation = 'polling the change'
    try {
      const values = await this.context.client.changes.poll(this.sysId, { operation, maxRetries: 0 })
      const hidden = Object.keys(pollValues(known.fields)).filter(name => !(name in values))
      if (hidden.length === 0) return values
      this.fallBack(known, `hidden: ${hidden.join(', ')}`)
    } catch (error) {
      if (!isClientProblem(error)) throw error
      if (error.retry.temporary) this.way = 'whole-once'
      if (error.retry.temporary || SIGN_IN.has(error.code)) throw error
      this.fallBack(known, error.code)
    }
    return undefined
  }

  private fallBack(change: Change, why: string): void {
    this.way = 'whole'
    this.context.emit({ type: 'polls-whole-record', change, why })
  }
}

/** These are about no single request, and a sign-in that fails twice may lock the account. */
const SIGN_IN: ReadonlySet<string> = new Set(['sign-in', 'sign-in-missing', 'identity-token'])

function isSame(one: PollValues, other: PollValues): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof PollValues>
  return [...names].every(name => one[name] === other[name])
}
