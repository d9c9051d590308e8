import { afterEach, describe, expect, it } from '@jest/globals'
import {
  createManualClock,
  createSandbox,
  type FaultSpec,
  type InProcessSandbox,
  type Reply,
  type SandboxOptions
} from './index.ts'
import { basic, CHANGE, TABLE } from './testing/caller.ts'

const START = Date.UTC(2026, 10, 21, 12)
let clock = createManualClock(START)
let sandbox: InProcessSandbox

afterEach(async () => {
  await sandbox.stop()
})

function create(options: SandboxOptions = {}): void {
  clock = createManualClock(START)
  sandbox = createSandbox({ ...clock, ...options })
}

function send(method: string, path: string, body?: object, userName = 'gha.deployer'): Promise<Reply> {
  return sandbox.send({
    method,
    url: `https://acme.service-now.com${path}`,
    headers: {
      Authorization: basic(userName),
      Accept: 'application/json',
      'Content-Type': 'application/json'
    },
    ...(body && { body: JSON.stringify(body) })
  })
}

/** The record of a response. */
function resultOf(reply: Reply): Record<string, { value: unknown; display_value: string } | undefined> {
  if (reply.kind !== 'response') throw new Error(`the reply is ${reply.kind}`)
  return JSON.parse(String(reply.response.body)).result
}

async function newChange(): Promise<string> {
  const fields = { short_description: 'Deploy', assignment_group: 'DevOps Team' }
  return String(resultOf(await send('POST', `${CHANGE}/normal`, fields)).sys_id?.value)
}

describe('a sandbox in this process', () => {
  it('responds as a server does, for any host, with the date of its clock', async () => {
    create()
    const id = await newChange()
    const reply = await send('GET', `${CHANGE}/${id}`)
    expect(resultOf(reply).number?.value).toBe('CHG0030001')
    expect(reply).toMatchObject({
      response: { status: 200, headers: { Date: 'Sat, 21 Nov 2026 12:00:00 GMT' } }
    })
  })

  it('records requests, with the text of JSON bodies', async () => {
    create()
    const id = await newChange()
    await send('PATCH', `${CHANGE}/${id}?a=b`, { priority: '1' })
    expect(sandbox.requests.at(-1)).toMatchObject({
      at: START,
      method: 'PATCH',
      path: `${CHANGE}/${id}`,
      query: 'a=b',
      status: 200,
      user: 'gha.deployer',
      json: '{"priority":"1"}'
    })
  })

  it('runs its jobs when the clock moves', async () => {
    create({ approvalDelayMs: 1_000, autoApproveAfterMs: 60_000 })
    const id = await newChange()
    await send('PATCH', `${CHANGE}/${id}`, { state: '-4' })
    expect(sandbox.change(id)).toMatchObject({ state: '-4', approval: 'not requested' })
    clock.advance(1_000)
    expect(sandbox.change(id)).toMatchObject({ state: '-3', approval: 'requested' })
    clock.advance(60_000)
    expect(sandbox.change(id)).toMatchObject({ state: '-2', approval: 'approved' })
  })

  it('delays a response until the clock has moved, and ends the delay when it stops', async () => {
    create({ latencyMs: 5_000 })
    let done = false
    const first = send('GET', CHANGE).then(() => {
      done = true
    })
    await Promise.resolve()
    expect(done).toBe(false)
    clock.advance(5_000)
    await first
    const second = send('GET', CHANGE)
    await Promise.resolve()
    await sandbox.stop()
    await expect(second).rejects.toThrow('The sandbox was stopped.')
  })

  it.each<[FaultSpec, object]>([
    [{ kind: 'reset' }, { kind: 'reset' }],
    [{ kind: 'no-answer' }, { kind: 'no-answer' }],
    [{ kind: 'truncated' }, { kind: 'truncated', response: { status: 200 } }],
    [{ kind: 'slow-drip' }, { kind: 'slow-drip', bytes: 1, everyMs: 50, response: { status: 200 } }],
    [
      { kind: 'unavailable', status: 200 },
      { kind: 'response', response: { status: 200 } }
    ],
    [{ kind: 'server-error' }, { kind: 'response', response: { status: 500 } }]
  ])('replies by its faults: %j', async (fault, reply) => {
    create()
    sandbox.fault(fault)
    expect(await send('GET', CHANGE)).toMatchObject(reply)
  })

  it('responds with any JSON', async () => {
    create()
    sandbox.fault({ kind: 'json', body: { result: [] } })
    const reply = await send('GET', CHANGE)
    expect(resultOf(reply)).toEqual([])
    expect(sandbox.requests.at(-1)?.status).toBe(200)
  })

  it('calls a listener between two requests', async () => {
    create()
    const id = await newChange()
    const remove = sandbox.onRequest(({ method, status }) => {
      if (method === 'GET' && status === 200) sandbox.set('change_request', id, { state: '4' })
    })
    expect(resultOf(await send('GET', `${CHANGE}/${id}`)).state?.display_value).toBe('New')
    expect(sandbox.change(id)?.state).toBe('4')
    remove()
    sandbox.set('change_request', id, { state: '-5' })
    await send('GET', `${CHANGE}/${id}`)
    expect(sandbox.change(id)?.state).toBe('-5')
  })

  it('removes a record with what belongs to it', async () => {
    create()
    const id = await newChange()
    sandbox.set('change_request', id, { work_notes: 'hello' })
    sandbox.remove('change_request', id)
    expect(sandbox.change(id)).toBeUndefined()
    expect(sandbox.rows('sys_journal_field')).toEqual([])
  })
})

describe('fields that only an administrator may read', () => {
  it.each([CHANGE, `${TABLE}/change_request`])('are left out of responses: %s', async path => {
    create({ unreadableFields: ['work_notes'] })
    const id = await newChange()
    expect(resultOf(await send('GET', `${path}/${id}`))).not.toHaveProperty('work_notes')
    expect(resultOf(await send('GET', `${path}/${id}`, undefined, 'admin'))).toHaveProperty('work_notes')
  })
})

describe('notes on a closed change', () => {
  it.each([
    [false, []],
    [true, ['hello']]
  ])('are kept where the instance takes them: %j', async (notesOnClosed, notes) => {
    create({ notesOnClosed })
    const closing = { close_code: 'successful', close_notes: 'fine' }
    const id = sandbox.insert('change_request', { state: '3', ...closing })
    await send('PATCH', `${CHANGE}/${id}`, { work_notes: 'hello' })
    expect(sandbox.journal(id).map(note => note.text)).toEqual(notes)
  })
})

describe('a business rule of this instance', () => {
  it('changes what is stored, on creation and update, notes included', async () => {
    create()
    const remove = sandbox.addRule({
      table: 'change_request',
      name: 'Fixed priority',
      run: ({ notes }) => ({ priority: '2', ...('work_notes' in notes && { work_notes: 'censored' }) })
    })
    const id = await newChange()
    expect(sandbox.change(id)?.priority).toBe('2')
    await send('PATCH', `${CHANGE}/${id}`, { priority: '1', work_notes: 'secret' })
    expect(sandbox.change(id)?.priority).toBe('2')
    expect(sandbox.journal(id).map(note => note.text)).toEqual(['censored'])
    remove()
    await send('PATCH', `${CHANGE}/${id}`, { priority: '1' })
    expect(sandbox.change(id)?.priority).toBe('1')
  })

  it('runs after those of a stock instance, and sees the record before and after', async () => {
    create()
    const id = await newChange()
    const seen: unknown[] = []
    sandbox.addRule({
      table: 'change_request',
      name: 'Lands in Scheduled',
      run: ({ before, after }) => {
        seen.push([before?.state, after.state])
        return after.state === '-4' ? { state: '-2' } : undefined
      }
    })
    await send('PATCH', `${CHANGE}/${id}`, { state: '-4' })
    expect(seen).toEqual([['-5', '-4']])
    expect(sandbox.change(id)?.state).toBe('-2')
  })

  it('refuses a write with its name, and nothing is stored', async () => {
    create()
    const id = await newChange()
    sandbox.addRule({
      table: 'change_request',
      name: 'Change freeze',
      run: () => {
        throw new Error('not now')
      }
    })
    const reply = await send('PATCH', `${TABLE}/change_request/${id}`, { priority: '1', work_notes: 'x' })
    expect(reply).toMatchObject({ response: { status: 403 } })
    expect(String(reply.kind === 'response' && reply.response.body)).toContain(
      "aborted by Business Rule 'Change freeze^"
    )
    expect(sandbox.change(id)?.priority).toBe('4')
    expect(sandbox.journal(id)).toEqual([])
  })

  it('must be for a table that the instance has', () => {
    create()
    const rule = { table: 'no_table', name: 'x', run: () => undefined }
    expect(() => sandbox.addRule(rule)).toThrow('no table "no_table"')
  })
})
