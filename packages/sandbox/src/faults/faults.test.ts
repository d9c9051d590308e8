import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, basic, CHANGE, newChange, TABLE } from '../testing/caller.ts'
import type { FaultSpec } from './spec.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const create = () => as(sandbox).post(`${CHANGE}/normal`, { short_description: 'Deploy' })
const changes = () => sandbox.rows('change_request').length

describe('the target of a fault', () => {
  it('is a method and a path, and by default one request', async () => {
    await start()
    const fault = sandbox.fault({ kind: 'server-error', method: 'post', path: '/change/normal' })
    expect((await as(sandbox).get(`${CHANGE}/normal`)).status).toBe(200)
    expect((await create()).status).toBe(500)
    expect((await create()).status).toBe(200)
    expect(fault.hits).toBe(1)
  })

  it('is the given number of requests from the nth on', async () => {
    await start()
    const fault = sandbox.fault({ kind: 'not-found', path: /\/change\?.*limit=1$/, nth: 2, times: 2 })
    const statuses: number[] = []
    for (let index = 0; index < 4; index += 1) {
      statuses.push((await as(sandbox).get(`${CHANGE}?sysparm_limit=1`)).status)
    }
    expect(statuses).toEqual([200, 404, 404, 200])
    expect(fault.hits).toBe(2)
  })

  it('has no more requests when the fault is removed', async () => {
    await start()
    const fault = sandbox.fault({ kind: 'unauthorized', times: Number.POSITIVE_INFINITY })
    expect((await create()).status).toBe(401)
    fault.remove()
    expect((await create()).status).toBe(200)
  })

  it('gets one effect for each request, in the order of the faults', async () => {
    await start()
    sandbox.fault({ kind: 'unavailable' })
    sandbox.fault({ kind: 'unauthorized', nth: 2 })
    expect([(await create()).status, (await create()).status]).toEqual([503, 401])
  })
})

describe('faults that replace the response', () => {
  it.each<[FaultSpec, number, string]>([
    [{ kind: 'login-page' }, 200, '<title>Log in'],
    [{ kind: 'hibernating' }, 200, 'Instance Hibernating page'],
    [{ kind: 'redirect' }, 302, ''],
    [{ kind: 'unauthorized' }, 401, 'User Not Authenticated'],
    [{ kind: 'acl' }, 403, 'ACL Exception'],
    [{ kind: 'business-rule', rule: 'Freeze' }, 403, "aborted by Business Rule 'Freeze^"],
    [{ kind: 'not-found' }, 404, 'No Record found'],
    [{ kind: 'rate-limited' }, 429, 'Too many requests'],
    [{ kind: 'rate-limited', retryAfterSeconds: 7 }, 429, 'Rate limit exceeded'],
    [{ kind: 'server-error' }, 500, 'maximum execution time exceeded'],
    [{ kind: 'unavailable', status: 502, retryAfterSeconds: 1 }, 502, 'Bad Gateway'],
    [{ kind: 'error', status: 403, message: 'User Not Authorized', detail: 'unscoped' }, 403, 'unscoped']
  ])('%j', async (spec, status, text) => {
    await start()
    sandbox.fault(spec)
    const response = await create()
    expect(response.status).toBe(status)
    expect(response.text).toContain(text)
    expect(changes()).toBe(0)
    const retryAfter = 'retryAfterSeconds' in spec ? String(spec.retryAfterSeconds) : null
    expect(response.headers.get('retry-after')).toBe(retryAfter)
  })

  it('have rate limit headers only with Retry-After', async () => {
    await start({ now: () => 1_000_000 })
    sandbox.fault({ kind: 'rate-limited', retryAfterSeconds: 60 })
    sandbox.fault({ kind: 'rate-limited' })
    const [known, unknown] = [await create(), await create()]
    expect(known.headers.get('x-ratelimit-reset')).toBe('1060')
    expect(known.headers.get('x-ratelimit-remaining')).toBeNull()
    expect(unknown.headers.get('x-ratelimit-limit')).toBeNull()
  })

  it.each<FaultSpec>([
    { kind: 'server-error', committed: true },
    { kind: 'business-rule', committed: true },
    { kind: 'hibernating', committed: true }
  ])('%j, and the record is created', async spec => {
    await start()
    sandbox.fault(spec)
    expect((await create()).text).not.toContain('CHG')
    expect(changes()).toBe(1)
  })

  it('apply to the token endpoint', async () => {
    await start()
    sandbox.fault({ kind: 'hibernating', path: '/oauth_token.do' })
    const response = await fetch(`${sandbox.url}/oauth_token.do`, { method: 'POST' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html;charset=UTF-8'])
  })
})

describe('faults of the connection and the body', () => {
  it('reset: before the write, or with `committed` after it', async () => {
    await start()
    sandbox.fault({ kind: 'reset' })
    await expect(create()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(changes()).toBe(0)
    sandbox.fault({ kind: 'reset', committed: true })
    await expect(create()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(changes()).toBe(1)
    expect(sandbox.requests.map(one => one.status)).toEqual([0, 0])
  })

  it('no-answer: no response is sent, and the sandbox can stop', async () => {
    await start()
    const fault = sandbox.fault({ kind: 'no-answer', committed: true })
    const pending = expect(create()).rejects.toThrow()
    await sandbox.waitFor(() => changes() === 1 && fault.hits === 1)
    await sandbox.stop()
    await pending
  })

  it('truncated: fewer bytes than Content-Length', async () => {
    await start()
    sandbox.fault({ kind: 'truncated' })
    const response = await fetch(`${sandbox.url}${CHANGE}`, {
      headers: { authorization: basic('gha.deployer') }
    })
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('slow-drip: the real response in pieces', async () => {
    await start()
    sandbox.fault({ kind: 'slow-drip', bytes: 40, everyMs: 1 })
    const response = await fetch(`${sandbox.url}${CHANGE}`, {
      headers: { authorization: basic('gha.deployer') }
    })
    let chunks = 0
    let text = ''
    for await (const chunk of response.body ?? []) {
      chunks += 1
      text += Buffer.from(chunk).toString()
    }
    expect(JSON.parse(text)).toHaveProperty('result')
    expect(chunks).toBeGreaterThan(1)
  })

  it('malformed-json: the body is not JSON', async () => {
    await start()
    sandbox.fault({ kind: 'malformed-json' })
    const response = await create()
    expect(response.status).toBe(200)
    expect(() => response.at('result')).toThrow(SyntaxError)
    expect(changes()).toBe(1)
  })

  it('partial-result: half of a list and an error', async () => {
    await start()
    for (let index = 0; index < 4; index += 1) await newChange(sandbox)
    sandbox.fault({ kind: 'partial-result' })
    const partial = await as(sandbox).get(`${TABLE}/change_request`)
    expect([partial.status, partial.at('result', 'length')]).toEqual([200, 2])
    expect(partial.at('error', 'message')).toContain('Transaction cancelled')
    expect(partial.at('status')).toBe('failure')
  })

  it('latency: added to the latency of the instance, beside another fault', async () => {
    await start({ latencyMs: 10 })
    const latency = sandbox.fault({ kind: 'latency', ms: 40 })
    sandbox.fault({ kind: 'server-error' })
    expect((await create()).status).toBe(500)
    await create()
    const [slow, quick] = sandbox.requests
    expect(slow?.ms).toBeGreaterThanOrEqual(49)
    expect(quick?.ms).toBeGreaterThanOrEqual(9)
    expect(latency.hits).toBe(1)
  })
})

describe('a silent no-op', () => {
  it.each([
    ['change API', (id: string) => `${CHANGE}/${id}`],
    ['Table API', (id: string) => `${TABLE}/change_request/${id}`]
  ])('of the %s sets every field but the state', async (_api, path) => {
    await start()
    const id = await newChange(sandbox)
    sandbox.fault({ kind: 'silent-no-op', method: 'PATCH' })
    const patched = await as(sandbox).patch(path(id), { state: '-4', description: 'new' })
    expect(patched.status).toBe(200)
    expect(sandbox.change(id)).toMatchObject({ state: '-5', description: 'new' })
  })
})
