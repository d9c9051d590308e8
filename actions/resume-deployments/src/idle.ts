/** Changes that are due, and for which nothing waits in the run that they are bound to. */
import type { DecidedChange } from '@change-actions/change-operations'
import type { IdleResult, Latch, Left, Result } from './latch.ts'

/** What is asked for them. */
export interface Asked {
  readonly latch: Latch
  /** Further runs that use these changes, newest first, by sys_id; undefined where that is not known now. */
  othersOf(
    changes: readonly DecidedChange[]
  ): Promise<ReadonlyMap<string, readonly DecidedChange[]> | undefined>
}

/** A change, and what was found in its run. */
export interface Idle {
  readonly one: DecidedChange
  readonly result: IdleResult
}

/** Carries one out, or leaves it to the next run. */
export type Carry = (act: Latch['letGo'], one: DecidedChange) => Promise<Result | Left>

export function isIdle(result: Result | Left): result is IdleResult {
  return 'kind' in result && (result.kind === 'nothing' || result.kind === 'gone')
}

/** Lets the other runs go that use the changes. Which of them deploys is decided by the claim, in their jobs. */
export async function askOthers(
  idle: readonly Idle[],
  { othersOf, latch }: Asked,
  carry: Carry,
  settle: (one: DecidedChange, result: Result | Left) => void
): Promise<void> {
  if (idle.length === 0) return
  const known = await othersOf(idle.map(({ one }) => one))
  for (const { one, result } of idle) {
    const others = known?.get(one.change.sysId) ?? []
    const isSettled = await letGo(one, others)
    if (!isSettled) settle(one, known === undefined ? result : await why({ one, result }, others))
  }

  async function letGo(one: DecidedChange, others: readonly DecidedChange[]): Promise<boolean> {
    let isSettled = false
    for (const other of others) {
      const result = await carry(latch.letGo, other)
      if (isIdle(result)) continue
      if (!('left' in result)) settle(other, result)
      else if (!isSettled) settle(one, result)
      isSettled = true
      if ('left' in result) break
    }
    return isSettled
  }

  /** The first run of which there is nothing to warn of stands for the change. */
  async function why({ one, result }: Idle, others: readonly DecidedChange[]): Promise<Result> {
    const { explain } = latch
    if (explain === undefined) return result
    let last: Result = result
    for (const run of result.kind === 'gone' ? others : [...others, one]) {
      const told = await carry(explain, run)
      if ('left' in told) return { kind: 'nothing' }
      if (told.kind === 'gone') continue
      if (told.kind !== 'skipped' || told.warn !== true) return told
      last = told
    }
    return last
  }
}
