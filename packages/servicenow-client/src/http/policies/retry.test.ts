import { describe, expect, it } from '@jest/globals'
import { type ClientCode, type ClientProblem, clientProblem } from '../../problems/codes.ts'
import { Problem } from '../../problems/problem.ts'
import { problemOf } from '../../testing/options.ts'
import type { Request } from '../message.ts'
import { Interrupted } from '../transport.ts'
import { pauseBefore, retry } from './retry.ts'

const OPERATION = 'creating the change request'

function problem(code: ClientCode, afterMs?: number): ClientProblem {
  return clientProblem(code, { operation: OPERATION, status: 1 }, { afterMs })
}

interface Script {
  /** What each attempt does: a value is returned, an error thrown; the last one is repeated. */
  readonly attempts: readonly unknown[]
  /** What each check finds: a value, undefined for nothing; an error is thrown. */
  readonly checks?: readonly unknown[]
  readonly repeatable?: boolean
  readonly maxRetries?: number
  readonly maxPauseMs?: number
}

/** Runs a script and records what happened, in order. */
function play(script: Script) {
  const { attempts, checks, repeatable = true, maxRetries = 4, maxPauseMs = 60_000 } = script
  const events: string[] = []
  let checked = 0
  const act = (value: unknown) => {
    if (value instanceof Error) throw value
    return value
  }
  const request: Request = {
    operation: OPERATION,
    method: 'POST',
    path: '/api/thing',
    headers: {},
    ...(checks && {
      check: async () => {
        events.push('check')
        checked += 1
        return act(checks[checked - 1])
      }
    }),
    repeatable,
    maxRetries,
    attempt: 1
  }
  const policy = retry({
    maxPauseMs,
    sleep: async ms => void events.push(`sleep ${ms}`),
    random: () => 0.5,
    emit(event) {
      if (event.type !== 'retry') return
      expect(event).toMatchObject({ operation: OPERATION, of: maxRetries + 1 })
      events.push(`retry ${event.attempt} in ${event.pauseMs} (${event.problem.code})`)
    }
  })
  const result = policy<unknown>(request, async ({ attempt }) => {
    events.push('send')
    return act(attempt <= attempts.length ? attempts[attempt - 1] : attempts.at(-1))
  })
  return { result, events, sent: () => events.filter(event => event === 'send').length }
}

describe('the pause', () => {
  it('doubles from one second, with a random half taken off', () => {
    const pauses = (random: number) =>
      [0, 1, 2, 3, 9].map(n => pauseBefore(n, problem('request-timeout'), random, 60_000))
    expect(pauses(0)).toEqual([500, 1_000, 2_000, 4_000, 30_000])
    expect(pauses(0.999)).toEqual([1_000, 1_999, 3_998, 7_996, 59_970])
  })

  it('is what the instance asks for, at least a tenth of a second', () => {
    expect(pauseBefore(5, problem('rate-limit', 7_000), 0, 60_000)).toBe(7_000)
    expect(pauseBefore(0, problem('unavailable', 0), 0, 60_000)).toBe(100)
    expect(pauseBefore(0, problem('rate-limit', 3_600_000), 0, 60_000)).toBe(3_600_000)
  })

  it('is up to a tenth longer than asked for, within the maximum', () => {
    expect(pauseBefore(0, problem('rate-limit', 10_000), 0.5, 60_000)).toBe(10_500)
    expect(pauseBefore(0, problem('rate-limit', 59_000), 0.9, 60_000)).toBe(60_000)
  })
})

describe('a read', () => {
  it('is repeated while the problem is temporary', async () => {
    const attempts = [problem('unavailable'), problem('request-timeout'), 'there']
    const { result, events } = play({ attempts })
    expect(await result).toBe('there')
    expect(events).toEqual([
      'send',
      'retry 1 in 750 (unavailable)',
      'sleep 750',
      'send',
      'retry 2 in 1500 (request-timeout)',
      'sleep 1500',
      'send'
    ])
  })

  it('is not repeated more often than allowed', async () => {
    const { result, sent } = play({ attempts: [problem('unavailable')], maxRetries: 2 })
    await problemOf('unavailable', result)
    expect(sent()).toBe(3)
  })

  it.each<ClientCode>([
    'not-found',
    'role',
    'bad-request',
    'hibernating',
    'redirect',
    'login-page',
    'tls',
    'dns'
  ])('is not repeated for a problem that is not temporary (%s)', async code => {
    const { result, sent } = play({ attempts: [problem(code)] })
    await problemOf(code, result)
    expect(sent()).toBe(1)
  })

  it('is not repeated for a programming error or an interruption', async () => {
    for (const error of [new TypeError('x is undefined'), new Interrupted('stop')]) {
      const { result, sent } = play({ attempts: [error] })
      await expect(result).rejects.toBe(error)
      expect(sent()).toBe(1)
    }
  })

  it('waits as long as the maximum pause allows, and fails at once when asked for more', async () => {
    const short = play({ attempts: [problem('rate-limit', 60_000), 'there'] })
    expect(await short.result).toBe('there')
    expect(short.events).toContain('sleep 60000')
    const long = play({ attempts: [problem('rate-limit', 60_001)] })
    await problemOf('rate-limit', long.result)
    expect(long.events).toEqual(['send'])
  })
})

describe('a write that can be checked', () => {
  it('is checked before it is sent again', async () => {
    const { result, events } = play({
      attempts: [problem('request-timeout')],
      checks: ['found'],
      repeatable: false
    })
    expect(await result).toBe('found')
    expect(events).toEqual(['send', 'retry 1 in 750 (request-timeout)', 'sleep 750', 'check'])
  })

  it('is sent again when it was not carried out', async () => {
    const { result, events } = play({
      attempts: [problem('connection'), problem('server-error'), 'created'],
      checks: [undefined, undefined],
      repeatable: false
    })
    expect(await result).toBe('created')
    expect(events.filter(event => !event.startsWith('retry'))).toEqual([
      'send',
      'sleep 750',
      'check',
      'send',
      'sleep 1500',
      'check',
      'send'
    ])
  })

  it('is not checked when it cannot have been carried out', async () => {
    const { result, events } = play({
      attempts: [problem('rate-limit', 2_000), 'created'],
      checks: ['a duplicate']
    })
    expect(await result).toBe('created')
    expect(events).not.toContain('check')
  })

  it('is checked after every later failure once it may have been carried out', async () => {
    const { result, events, sent } = play({
      attempts: [problem('request-timeout'), problem('rate-limit', 1_000)],
      checks: [undefined, 'found']
    })
    expect(await result).toBe('found')
    expect(sent()).toBe(2)
    expect(events.at(-1)).toBe('check')
  })

  it.each<ClientCode>(['role', 'business-rule', 'data-policy', 'forbidden'])(
    'is checked before a refusal is reported (%s)',
    async code => {
      const found = play({ attempts: [problem(code)], checks: ['found'] })
      expect(await found.result).toBe('found')
      expect(found.events).toEqual(['send', 'check'])
      const missing = play({ attempts: [problem(code)], checks: [undefined] })
      expect((await problemOf(code, missing.result)).committed).toBe('maybe')
      expect(missing.events).toEqual(['send', 'check'])
    }
  )

  it('is checked a last time when the retries are used up', async () => {
    const { result, events } = play({
      attempts: [problem('request-timeout')],
      checks: [undefined, 'found'],
      maxRetries: 1
    })
    expect(await result).toBe('found')
    expect(events.slice(-2)).toEqual(['send', 'check'])
  })

  it('is not sent again, and keeps its own problem, when the check fails', async () => {
    for (const code of ['request-timeout', 'role'] as const) {
      const { result, sent } = play({ attempts: [problem(code)], checks: [problem('not-found')] })
      await problemOf(code, result)
      expect(sent()).toBe(1)
    }
  })

  it.each([
    ['an interruption', new Interrupted('stop')],
    ['a problem of the caller', new Problem({ code: 'interference', facts: {} })]
  ])('ends with %s that the check throws', async (_, error) => {
    for (const code of ['request-timeout', 'role'] as const)
      await expect(play({ attempts: [problem(code)], checks: [error] }).result).rejects.toBe(error)
  })
})

describe('a write that can neither be checked nor repeated', () => {
  it('is sent once when it may have been carried out', async () => {
    const { result, sent } = play({ attempts: [problem('request-timeout')], repeatable: false })
    expect((await problemOf('request-timeout', result)).committed).toBe('maybe')
    expect(sent()).toBe(1)
  })

  it('is sent again when it cannot have been carried out', async () => {
    const { result } = play({
      attempts: [problem('rate-limit', 1_000), problem('refused'), 'done'],
      repeatable: false
    })
    expect(await result).toBe('done')
  })
})

it('a write that may be repeated without a check is', async () => {
  const { result, sent } = play({ attempts: [problem('request-timeout'), 'done'], repeatable: true })
  expect(await result).toBe('done')
  expect(sent()).toBe(2)
})
