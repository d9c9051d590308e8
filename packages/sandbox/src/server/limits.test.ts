import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, CHANGE } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const create = () => as(sandbox).post(`${CHANGE}/normal`, { short_description: 'Deploy' })

describe('limits of the instance', () => {
  it('count requests by user and minute', async () => {
    let now = 90_000
    await start({ rateLimitPerMinute: 2, now: () => now })
    const first = await create()
    expect(first.headers.get('x-ratelimit-limit')).toBe('2')
    await create()
    const refused = await create()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
    expect(refused.headers.get('x-ratelimit-reset')).toBe('120')
    expect((await as(sandbox, 'gha.reader').get(CHANGE)).status).toBe(200)
    now = 120_000
    expect((await create()).status).toBe(200)
  })

  it('refuse requests without headers when threads and queue are full', async () => {
    await start({ semaphore: { threads: 1, queue: 1 }, latencyMs: 20 })
    const responses = await Promise.all([create(), create(), create()])
    expect(responses.map(response => response.status).sort()).toEqual([200, 200, 429])
    const refused = responses.find(response => response.status === 429)
    expect(refused?.headers.get('retry-after')).toBeNull()
  })
})
