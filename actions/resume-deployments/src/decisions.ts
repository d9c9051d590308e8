/** What becomes of each decided change, one after the other. */
import type { DecidedChange, DecidedChanges } from '@change-actions/change-operations'
import { messageOf, oneLine, stackOf } from '@change-actions/github-actions'
import type { GitHub } from '@change-actions/github-actions/github'
import { type Asked, askOthers, type Carry, type Idle, isIdle } from './idle.ts'
import {
  type IdleResult,
  isNews,
  type Latch,
  type Left,
  MAX_RUN_MS,
  NOTHING,
  type Result,
  START_AGAIN
} from './latch.ts'
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

export interface Carrying extends Asked {
  readonly github: Pick<GitHub, 'isProblem'>
  readonly refusals: Refusals
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
 * Carries decisions out: what is let go first, in its order, then what is rejected. Where nothing waits in the run of a
 * change, the other runs that use it are asked. A rate limit leaves the rest to the next run; a change that fails keeps
 * none of the others.
 */
export async function carryOut(found: DecidedChanges, carrying: Carrying): Promise<readonly Entry[]> {
  const { latch, now, reasonOf, onEntry } = carrying
  const entries: Entry[] = []
  const add = (entry: Entry) => {
    entries.push(entry)
    onEntry(entry)
  }
  const settle = (one: DecidedChange, word: Word, result: Result | Left) => {
    if ('left' in result) {
      if (word === 'resumed') add({ one, decision: 'waiting', reason: result.left, environment: '' })
    } else if (result.kind !== 'not-ours')
      add(entryOf(one, word, plainly(result, word === 'resumed' && isNews(one, now())), reasonOf(one)))
  }
  for (const one of found.waiting) add({ one, decision: 'waiting', reason: reasonOf(one), environment: '' })
  for (const one of found.stopped)
    add({ one, decision: 'skipped', reason: reasonOf(one), environment: '', warn: true })
  const carry = carrier(carrying, () => entries.filter(one => isMade(one)).length)
  const idle: Idle[] = []
  for (const one of found.due) {
    const result = await carry(latch.letGo, one)
    if (isIdle(result)) idle.push({ one, result })
    else settle(one, 'resumed', result)
  }
  await askOthers(idle, carrying, carry, (one, result) => settle(one, 'resumed', result))
  const { reject } = latch
  if (reject !== undefined) for (const one of found.ended) settle(one, 'rejected', await carry(reject, one))
  return entries
}

type Word = 'resumed' | 'rejected'

/** What a line can say. */
type Told = Exclude<Result, IdleResult | { readonly kind: 'not-ours' }>

const isMade = ({ decision }: Entry) => decision === 'resumed' || decision === 'rejected'

/** Carries one out, unless the rest is left to the next run. @param made decisions so far */
function carrier(carrying: Carrying, made: () => number): Carry {
  let left: string | undefined
  return async (act, one) => {
    if (made() >= carrying.maxDecisions) left ??= FULL
    if (left !== undefined) return { left }
    const isOld = carrying.runsEnd && one.updatedAt > 0 && one.updatedAt < carrying.now() - MAX_RUN_MS
    const result = isOld ? OLD : await tried(act, one, carrying)
    if ('left' in result) left = result.left
    return result
  }
}

const OLD: Result = { kind: 'skipped', reason: 'it was written last over 35 days ago: its run is over' }

/** What was found, in words for its line. @param warn where somebody has to do something about it */
function plainly(result: Told | IdleResult, warn: boolean): Told {
  if (result.kind === 'nothing') return { kind: 'skipped', reason: NOTHING }
  if (result.kind !== 'gone') return result
  return { kind: 'skipped', warn, reason: `its run was deleted${warn ? `: ${START_AGAIN}` : ''}` }
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

function entryOf(one: DecidedChange, word: Word, result: Told, why: string): Entry {
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
