import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, type SandboxOptions, startSandbox } from './index.ts'
import { as, CHANGE, newChange } from './testing/caller.ts'

let sandbox: Sandbox | undefined

afterEach(async () => {
  await sandbox?.stop()
  sandbox = undefined
})

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
  return sandbox
}

describe('startSandbox', () => {
  it('listens on loopback only', async () => {
    await expect(startSandbox({ host: '0.0.0.0' })).rejects.toThrow('loopback only')
    await expect(startSandbox({ port: 70_000 })).rejects.toThrow('port must be')
    const { url } = await start()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('responds with 403 to a host name that is not a loopback name', async () => {
    const { url } = await start()
    const call = httpRequest(`${url}/`, { headers: { host: 'attacker.example' } }).end()
    const [response] = await once(call, 'response')
    response.resume()
    expect(response.statusCode).toBe(403)
  })

  it('fails when the port is in use', async () => {
    const { url } = await start()
    await expect(startSandbox({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE')
  })

  it('records requests', async () => {
    const running = await start()
    await as(running).post(`${CHANGE}/normal?a=b`, { short_description: 'x' }, { 'user-agent': 'tests/1' })
    expect(running.requests).toEqual([
      {
        at: expect.any(Number),
        method: 'POST',
        path: '/api/sn_chg_rest/v1/change/normal',
        query: 'a=b',
        status: 200,
        user: 'gha.deployer',
        userAgent: 'tests/1',
        bodyBytes: 25,
        json: '{"short_description":"x"}',
        ms: expect.any(Number)
      }
    ])
  })
})

describe('Sandbox', () => {
  it('inserts and sets records without running rules', async () => {
    const running = await start()
    const id = running.insert('change_request', {
      short_description: 'inserted',
      state: '-1',
      work_notes: 'note'
    })
    expect(running.change('CHG0030001')).toMatchObject({ sys_id: id, state: '-1', approval: 'not requested' })
    running.set('change_request', 'CHG0030001', { state: '3', comments: 'hello' })
    expect(running.change(id)?.state).toBe('3')
    expect(running.journal(id)).toMatchObject([{ text: 'note', by: 'admin' }])
    expect(running.journal(id, 'comments')).toMatchObject([{ text: 'hello' }])
    expect(() => running.rows('nonsense')).toThrow('no table "nonsense"')
    expect(() => running.set('sys_user', 'nobody', {})).toThrow('There is no sys_user')
  })

  it('accepts an additional state of a change', async () => {
    const running = await start()
    running.insert('sys_choice', { name: 'change_request', element: 'state', value: '7', label: 'Frozen' })
    const id = await newChange(running)
    running.set('change_request', id, { state: '7' })
    const read = await as(running).get(`${CHANGE}/${id}`)
    expect(read.at('result', 'state')).toEqual({ display_value: 'Frozen', value: 7 })
  })

  it('throws the reason when an approval is not possible', async () => {
    const running = await start()
    const id = await newChange(running)
    expect(() => running.approve(id)).toThrow(
      'anna.approver has no approval requested on CHG0030001 (state -5'
    )
    expect(() => running.approve(id, 'nobody')).toThrow('no active account nobody')
    expect(() => running.approve('CHG1')).toThrow('no change CHG1')
    await as(running).patch(`${CHANGE}/${id}`, { state: '-4' })
    await running.waitFor(() => running.approvers(id).length > 0)
    expect(() => running.reject(id, '')).toThrow('mandatory: Comments')
  })

  it('waits for a condition until a timeout', async () => {
    const running = await start()
    const waiting = running.waitFor(one => one.change('CHG0030001'))
    const id = await newChange(running)
    expect((await waiting).sys_id).toBe(id)
    await expect(running.waitFor(() => false, 1)).rejects.toThrow('within 1 ms')
    const failing = running.waitFor(one => {
      if (one.requests.length > 1) throw new Error('probe failed')
    })
    await Promise.all([expect(failing).rejects.toThrow('probe failed'), newChange(running)])
  })
})
