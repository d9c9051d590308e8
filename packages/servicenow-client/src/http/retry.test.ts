import { describe, expect, it } from '@jest/globals'
import type { ErrorCode } from '../problems/codes.ts'
import { ServiceNowError } from '../problems/problem.ts'
import { failure } from '../testing/options.ts'
import { pauseBefore, type Retry, withRetries } from './retry.ts'
import { Interrupted } from './transport.ts'

const DOING = 'creating the change request'

function fault(code: ErrorCode, retryAfterMs?: number): ServiceNowError {
  return new ServiceNowError(code, { operation: DOING, status: 1, retryAfterMs })
}

interface Script {
  /** What each attempt does: a value is returned, an error thrown. */
  readonly attempts: readonly unknown[]
  /** What each look finds; undefined: nothing, an error is thrown. */
  readonly looks?: readonly unknown[]
  readonly repeatable?: boolean
  readonly maxRetries?: number
  readonly maxPauseMs?: number
}

/** Runs a script and records what happened, in order. */
function play(script: Script) {
  const { attempts, looks, repeatable = true, maxRetries = 4, maxPauseMs = 60_000 } = script
  const events: string[] = []
  let looked = 0
  const act = (value: unknown) => {
    if (value instanceof Error) throw value
    return value
  }
  const retry: Retry<unknown> = {
    policy: { maxRetries, maxPauseMs },
    attempt: async n => {
      events.push('send')
      return act(n < attempts.length ? attempts[n] : attempts.at(-1))
    },
    ...(looks && {
      look: async () => {
        events.push('look')
        looked += 1
        return act(looks[looked - 1])
      }
    }),
    repeatable,
    sleep: async ms => void events.push(`sleep ${ms}`),
    random: () => 0.5,
    onRetry: (n, pauseMs, error) => void events.push(`retry ${n + 1} in ${pauseMs} (${error.code})`)
  }
  return { result: withRetries(retry), events, sent: () => events.filter(event => event === 'send').length }
}

describe('the pause', () => {
  it('doubles from a second, half of it by chance, so that runners do not come back together', () => {
    const pauses = (random: number) =>
      [0, 1, 2, 3, 9].map(n => pauseBefore(n, fault('timeout'), random, 60_000))
    expect(pauses(0)).toEqual([500, 1_000, 2_000, 4_000, 30_000])
    expect(pauses(0.999)).toEqual([1_000, 1_999, 3_998, 7_996, 59_970])
  })

  it('is what the instance asks for, even nothing', () => {
    expect(pauseBefore(5, fault('rate-limit', 7_000), 0, 60_000)).toBe(7_000)
    expect(pauseBefore(0, fault('unavailable', 0), 0, 60_000)).toBe(100)
    expect(pauseBefore(0, fault('rate-limit', 3_600_000), 0, 60_000)).toBe(3_600_000)
  })
})

describe('a read', () => {
  it('is repeated while its fault may pass', async () => {
    const { result, events } = play({ attempts: [fault('unavailable'), fault('timeout'), 'there'] })
    expect(await result).toBe('there')
    expect(events).toEqual([
      'send',
      'retry 1 in 750 (unavailable)',
      'sleep 750',
      'send',
      'retry 2 in 1500 (timeout)',
      'sleep 1500',
      'send'
    ])
  })

  it('is not repeated more often than allowed', async () => {
    const { result, sent } = play({ attempts: [fault('unavailable')], maxRetries: 2 })
    expect((await failure(ServiceNowError, result)).code).toBe('unavailable')
    expect(sent()).toBe(3)
  })

  it.each<ErrorCode>([
    'not-found',
    'role',
    'bad-request',
    'hibernating',
    'redirect',
    'login-page',
    'tls',
    'dns'
  ])('is not repeated for a fault that stays (%s)', async code => {
    const { result, sent } = play({ attempts: [fault(code)] })
    expect((await failure(ServiceNowError, result)).code).toBe(code)
    expect(sent()).toBe(1)
  })

  it('is not repeated for a mistake of ours or an interruption', async () => {
    for (const error of [new TypeError('x is undefined'), new Interrupted('stop')]) {
      const { result, sent } = play({ attempts: [error] })
      await expect(result).rejects.toBe(error)
      expect(sent()).toBe(1)
    }
  })

  it('waits as long as the cap allows, and fails at once when asked for more', async () => {
    const short = play({ attempts: [fault('rate-limit', 60_000), 'there'] })
    expect(await short.result).toBe('there')
    expect(short.events).toContain('sleep 60000')
    const long = play({ attempts: [fault('rate-limit', 60_001)] })
    expect((await failure(ServiceNowError, long.result)).code).toBe('rate-limit')
    expect(long.events).toEqual(['send'])
  })
})

describe('a write that can be looked for', () => {
  it('is looked for before it is sent again', async () => {
    const { result, events } = play({ attempts: [fault('timeout')], looks: ['found'], repeatable: false })
    expect(await result).toBe('found')
    expect(events).toEqual(['send', 'retry 1 in 750 (timeout)', 'sleep 750', 'look'])
  })

  it('is sent again when it is not there', async () => {
    const { result, events } = play({
      attempts: [fault('connection'), fault('server-error'), 'created'],
      looks: [undefined, undefined],
      repeatable: false
    })
    expect(await result).toBe('created')
    expect(events.filter(event => !event.startsWith('retry'))).toEqual([
      'send',
      'sleep 750',
      'look',
      'send',
      'sleep 1500',
      'look',
      'send'
    ])
  })

  it('is not looked for when it cannot have happened', async () => {
    const { result, events } = play({ attempts: [fault('rate-limit', 2_000), 'created'], looks: ['a rival'] })
    expect(await result).toBe('created')
    expect(events).not.toContain('look')
  })

  it('stays in doubt once it was: a 429 afterwards settles nothing', async () => {
    const { result, events, sent } = play({
      attempts: [fault('timeout'), fault('rate-limit', 1_000)],
      looks: [undefined, 'found']
    })
    expect(await result).toBe('found')
    expect(sent()).toBe(2)
    expect(events.at(-1)).toBe('look')
  })

  it.each<ErrorCode>(['role', 'business-rule', 'data-policy', 'forbidden'])(
    'is looked for before a refusal is believed (%s)',
    async code => {
      const there = play({ attempts: [fault(code)], looks: ['found'] })
      expect(await there.result).toBe('found')
      expect(there.events).toEqual(['send', 'look'])
      const missing = play({ attempts: [fault(code)], looks: [undefined] })
      expect((await failure(ServiceNowError, missing.result)).code).toBe(code)
      expect(missing.events).toEqual(['send', 'look'])
    }
  )

  it('is looked for a last time when the retries are used up', async () => {
    const { result, events } = play({
      attempts: [fault('timeout')],
      looks: [undefined, 'found'],
      maxRetries: 1
    })
    expect(await result).toBe('found')
    expect(events.slice(-2)).toEqual(['send', 'look'])
  })

  it('is not sent again, and keeps its own error, when the look fails', async () => {
    for (const code of ['timeout', 'role'] as const) {
      const { result, sent } = play({ attempts: [fault(code)], looks: [fault('not-found')] })
      expect((await failure(ServiceNowError, result)).code).toBe(code)
      expect(sent()).toBe(1)
    }
  })

  it('lets an interruption of the look through', async () => {
    const stop = new Interrupted('stop')
    await expect(play({ attempts: [fault('timeout')], looks: [stop] }).result).rejects.toBe(stop)
    await expect(play({ attempts: [fault('role')], looks: [stop] }).result).rejects.toBe(stop)
  })
})

describe('a write that can neither be looked for nor repeated', () => {
  it('is sent once when it may have happened', async () => {
    const { result, sent } = play({ attempts: [fault('timeout')], repeatable: false })
    expect((await failure(ServiceNowError, result)).code).toBe('timeout')
    expect(sent()).toBe(1)
  })

  it('is sent again when it cannot have happened', async () => {
    const { result } = play({
      attempts: [fault('rate-limit', 1_000), fault('refused'), 'done'],
      repeatable: false
    })
    expect(await result).toBe('done')
  })
})

it('a write that may be repeated blindly is', async () => {
  const { result, sent } = play({ attempts: [fault('timeout'), 'done'], repeatable: true })
  expect(await result).toBe('done')
  expect(sent()).toBe(2)
})
