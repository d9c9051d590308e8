import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import {
  as,
  CHANGE,
  newChange,
  pendingChange,
  request,
  stateAndApproval,
  uploadFile
} from '../testing/caller.ts'
import { visitorOf } from '../testing/visitor.ts'

let sandbox: Sandbox

afterEach(() => sandbox.stop())

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

/** Presses a button as an administrator. Returns the response. */
async function press(fields: Record<string, string>, userName = 'admin') {
  return (await visitorOf(sandbox, userName)).post('/control', fields)
}

describe('the control page', () => {
  it('shows to everybody what is set, and lets administrators alone change it', async () => {
    await start()
    sandbox.fault({ kind: 'latency', ms: 1, path: /change/ })
    const { text } = await request(`${sandbox.url}/control`)
    expect(text).toContain(
      '<td>Delay</td><td>any method, /change/, from request 1, requests: 1</td><td>0</td>'
    )
    expect(text).not.toContain('<button')
    const id = await newChange(sandbox)
    for (const action of ['reset', 'snapshot', 'restore', 'approvals', 'add-fault', 'remove-faults']) {
      const refused = await press({ action, kind: 'acl', policy: 'none' }, 'anna.approver')
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('Only an administrator')])
    }
    expect(sandbox.change(id)).toBeDefined()
  })

  it('adds faults, counts them, and removes them', async () => {
    await start()
    await press({ action: 'add-fault', kind: 'server-error', method: 'GET', path: '/change', times: '' })
    await press({
      action: 'add-fault',
      kind: 'error',
      path: '/x',
      status: '418',
      message: 'Teapot',
      times: '1'
    })
    for (let count = 0; count < 3; count += 1) expect((await as(sandbox).get(CHANGE)).status).toBe(500)
    expect((await as(sandbox).get('/api/x')).at('error', 'message')).toBe('Teapot')
    const { text } = await request(`${sandbox.url}/control`)
    expect(text).toContain('<td>GET, /change, from request 1, requests: all</td><td>3</td>')
    await press({ action: 'remove-fault', fault: '1' })
    expect((await as(sandbox).get(CHANGE)).status).toBe(200)
    await press({ action: 'remove-faults' })
    expect((await request(`${sandbox.url}/control`)).text).toContain('<p>None.</p>')
  })

  it.each([
    [{ action: 'add-fault', kind: 'explosion' }, 422],
    [{ action: 'add-fault', kind: 'error', status: '700' }, 422],
    [{ action: 'add-fault', kind: 'unavailable', status: '500' }, 422],
    [{ action: 'add-fault', kind: 'latency', delay: '1.5' }, 422],
    [{ action: 'add-fault', kind: 'acl', nth: '0' }, 422],
    [{ action: 'approvals', policy: 'everybody' }, 422],
    [{ action: 'approvals', policy: 'cab', approve_after: '-1' }, 422],
    [{ action: 'approvals', policy: 'cab', approve_after: 'soon' }, 422],
    [{ action: 'restore' }, 422],
    [{ action: 'constructor' }, 400]
  ])('refuses %p', async (fields, status) => {
    await start()
    expect((await press(fields)).status).toBe(status)
    expect((await as(sandbox).get(CHANGE)).status).toBe(200)
  })

  it('is reached whatever faults, limits and delays are set', async () => {
    await start({ latencyMs: 600_000, rateLimitPerMinute: 1 })
    sandbox.fault({ kind: 'no-answer', times: Number.POSITIVE_INFINITY })
    expect((await press({ action: 'remove-faults' })).status).toBe(303)
    expect(sandbox.requests).toEqual([])
  })

  it('changes who approves', async () => {
    await start()
    await press({ action: 'approvals', policy: 'none' })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await sandbox.waitFor(() => sandbox.change(id)?.approval === 'approved')
    expect(sandbox.approvers(id)).toEqual([])
    await press({ action: 'approvals', policy: 'cab', approve_after: '0.01' })
    const second = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${second}`, { state: '-4' })
    await sandbox.waitFor(() => sandbox.change(second)?.state === '-2')
    await press({ action: 'approvals', policy: 'cab', approve_after: '' })
    await pendingChange(sandbox)
  })

  it('resets to a new instance', async () => {
    await start({ approvalPolicy: 'technical-and-cab' })
    const id = await newChange(sandbox)
    await uploadFile(sandbox, id, 'x')
    sandbox.fault({ kind: 'acl' })
    await press({ action: 'approvals', policy: 'none', approve_after: '5' })
    expect((await press({ action: 'reset' })).status).toBe(303)
    expect([sandbox.change(id), sandbox.rows('sys_attachment'), sandbox.rows('sys_journal_field')]).toEqual([
      undefined,
      [],
      []
    ])
    expect((await as(sandbox).get(CHANGE)).status).toBe(200)
    expect((await request(`${sandbox.url}/control`)).text).toContain('The assignment group, then the CAB.')
    const again = await newChange(sandbox)
    expect(sandbox.change(again)?.number).toBe('CHG0030001')
  })

  it('returns to a snapshot, with its attachments', async () => {
    await start({ approvalDelayMs: 60_000, autoApproveAfterMs: 60_000 })
    const id = await newChange(sandbox)
    await uploadFile(sandbox, id, 'kept', { name: 'kept.txt' })
    await press({ action: 'snapshot' })
    expect((await request(`${sandbox.url}/control`)).text).toMatch(/Snapshot: \d{4}-.* UTC/)
    const [kept] = sandbox.attachments(id)
    sandbox.remove('sys_attachment', kept?.sysId ?? '')
    await uploadFile(sandbox, id, 'dropped')
    await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    expect((await press({ action: 'restore' })).status).toBe(303)
    expect(stateAndApproval(sandbox, id)).toEqual(['-5', 'not requested'])
    expect(sandbox.attachments(id).map(file => [file.name, String(file.bytes)])).toEqual([
      ['kept.txt', 'kept']
    ])
    expect(sandbox.change(await newChange(sandbox))?.number).toBe('CHG0030002')
  })
})
