/** What becomes of each decided change, one after the other. */
import type { DecidedChange, DecidedChanges } from '@change-actions/change-operations'
import { messageOf, oneLine, stackOf } from '@change-actions/github-actions'
import type { GitHub } from '@change-actions/github-actions/github'
import { isNews, type Latch, type Left, MAX_RUN_MS, type Result, START_AGAIN } from './latch.ts'
import type { Refusals } from './refusals.ts'

/** One line of the output `decisions`. */
export interface Entry {
  readonly one: DecidedChange
  readonly decision: 'resumed' | 'rejected' | 'waiting' | 'skipped' | 'failed'
  /** Untrusted text. */
  readonly reason: string
  readonly environment: string
  /** With `failed`. */
  readonly fix?: string | undefined
  /** Somebody should know. */
  readonly warn?: boolean | undefined
  /** It is due, and was not let go for a cause at GitHub or in the rights: it waits, whatever `decision` says. */
  readonly stillDue?: boolean | undefined
}

export interface Carrying {
  readonly github: Pick<GitHub, 'isProblem'>
  readonly refusals: Refusals
  readonly latch: Latch
  readonly maxDecisions: number
  /** Runs are over by GitHub's limits; not where a new run is started. */
  readonly runsEnd: boolean
  now(): number
  reasonOf(one: DecidedChange): string
  onEntry(entry: Entry): void
  /** The step is being cancelled: what fails then says nothing. */
  isInterrupted(): boolean
  debug(text: string): void
}

/** Why the rest is left to the next run. */
const FULL = 'left to the next run: max-decisions is reached'

/**
 * Carries decisions out: what is let go first, in its order, then what is rejected. A rate limit leaves the rest to the
 * next run; a change that fails keeps none of the others.
 */
export async function carryOut(found: DecidedChanges, carrying: Carrying): Promise<readonly Entry[]> {
  const { latch, now, reasonOf, onEntry } = carrying
  const entries: Entry[] = []
  const add = (entry: Entry) => {
    entries.push(entry)
    onEntry(entry)
  }
  for (const one of found.waiting) add({ one, decision: 'waiting', reason: reasonOf(one), environment: '' })
  for (const one of found.stopped)
    add({ one, decision: 'skipped', reason: reasonOf(one), environment: '', warn: true })
  const tasks = [
    ...found.due.map(one => ({ one, word: 'resumed' as const, act: latch.letGo })),
    ...(latch.reject === undefined
      ? []
      : found.ended.map(one => ({ one, word: 'rejected' as const, act: latch.reject as Latch['letGo'] })))
  ]
  let left: string | undefined
  for (const { one, word, act } of tasks) {
    const made = entries.filter(entry => entry.decision === 'resumed' || entry.decision === 'rejected').length
    if (made >= carrying.maxDecisions) left ??= FULL
    if (left !== undefined) {
      if (word === 'resumed') add({ one, decision: 'waiting', reason: left, environment: '' })
      continue
    }
    const isOld = carrying.runsEnd && one.updatedAt > 0 && one.updatedAt < now() - MAX_RUN_MS
    const result = isOld ? OLD : await tried(act, one, carrying)
    if ('left' in result) {
      left = result.left
      if (word === 'resumed') add({ one, decision: 'waiting', reason: left, environment: '' })
    } else add(entryOf(one, word, result.kind === 'gone' ? deleted(one, now()) : result, reasonOf(one)))
  }
  return entries
}

const OLD: Result = { kind: 'skipped', reason: 'it was written last over 35 days ago: its run is over' }

function deleted(one: DecidedChange, now: number): Result {
  return { kind: 'skipped', warn: isNews(one, now), reason: `its run was deleted: ${START_AGAIN}` }
}

async function tried(
  act: Latch['letGo'],
  one: DecidedChange,
  { github, refusals, isInterrupted, debug }: Carrying
): Promise<Result | Left> {
  try {
    return await act(one)
  } catch (error) {
    if (isInterrupted()) throw error
    if (github.isProblem(error)) return await refusals(error, one)
    // A mistake of ours about one change keeps none of the others.
    debug(stackOf(error))
    return {
      kind: 'failed',
      reason: `unexpected error: ${oneLine(messageOf(error), 300)}`,
      fix: 'let this deployment go on by hand, and report the error with a log of debug logging'
    }
  }
}

function entryOf(
  one: DecidedChange,
  word: 'resumed' | 'rejected',
  result: Exclude<Result, { readonly kind: 'gone' }>,
  why: string
): Entry {
  const { environment = '' } = result
  if (result.kind === 'done') return { one, decision: word, reason: why, environment }
  const { reason } = result
  const isDue = word === 'resumed'
  if (result.kind === 'skipped') {
    const { warn, later = false } = result
    return { one, decision: 'skipped', reason, environment, warn, stillDue: isDue && later }
  }
  return { one, decision: 'failed', reason, environment, fix: result.fix, stillDue: isDue }
}
