/** One change after the other, whatever becomes of each. */
import type { DecidedChange, DecidedChanges } from '@change-actions/change-operations'
import type { GitHubProblem } from '@change-actions/github-api'
import { describe, expect, it } from '@jest/globals'
import { type Carrying, carryOut, type Entry } from './decisions.ts'
import type { Latch } from './latch.ts'

const NOW = Date.UTC(2026, 0, 5)

const changeOf = (number: string) =>
  ({
    change: { number, sysId: number, state: '-2' },
    binding: { version: 2, commit: '', runId: '7', scope: '' },
    repository: { server: 'https://github.com', repository: 'acme/shop', environments: [] },
    decision: { kind: 'proceed', reason: '' },
    updatedAt: NOW
  }) as unknown as DecidedChange

const found = (...due: readonly DecidedChange[]): DecidedChanges => ({
  due,
  ended: [],
  waiting: [],
  stopped: [],
  creators: [],
  hidden: false
})

const words = (entries: readonly Entry[]) => entries.map(({ one, decision }) => [one.change.number, decision])

function carrying(letGo: Latch['letGo'], more: Partial<Carrying> = {}): Carrying {
  return {
    github: { isProblem: (_: unknown): _ is GitHubProblem => false },
    refusals: async () => ({ kind: 'gone' }),
    latch: { letGo },
    maxDecisions: 200,
    runsEnd: true,
    now: () => NOW,
    othersOf: async () => new Map(),
    reasonOf: () => 'approved',
    onEntry: () => undefined,
    isInterrupted: () => false,
    debug: () => undefined,
    ...more
  }
}

describe('an error that nobody expected', () => {
  const letGo: Latch['letGo'] = async ({ change }) => {
    if (change.number === 'CHG1') throw new RangeError('Invalid time value')
    return { kind: 'done', environment: 'production' }
  }

  it('fails for its change, with its text and a fix, and the others go on', async () => {
    const entries = await carryOut(found(changeOf('CHG1'), changeOf('CHG2')), carrying(letGo))
    expect(words(entries)).toEqual([
      ['CHG1', 'failed'],
      ['CHG2', 'resumed']
    ])
    expect(entries[0]?.reason).toBe('unexpected error: Invalid time value')
    expect(entries[0]?.fix).toContain('report the error')
  })

  it('ends the sweep where the step is being cancelled', async () => {
    const cancelled = carryOut(found(changeOf('CHG1')), carrying(letGo, { isInterrupted: () => true }))
    await expect(cancelled).rejects.toThrow('Invalid time value')
  })
})
