import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import {
  approvalRequested,
  approvedChange,
  approverStates,
  as,
  CHANGE,
  newChange,
  stateAndApproval,
  TABLE,
  type TestResponse
} from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const patch = (id: string, fields: Record<string, unknown>): Promise<TestResponse> =>
  as(sandbox).patch(`${CHANGE}/${id}`, fields)

const CLOSE = { state: '3', close_code: 'successful', close_notes: 'done' }

describe('transitions', () => {
  it('lead an approved change to Closed and set the actual times', async () => {
    let now = Date.UTC(2026, 0, 1)
    await start({ now: () => now })
    const id = await approvedChange(sandbox)
    for (const fields of [{ state: '-1' }, { state: '0' }, CLOSE]) {
      now += 60_000
      expect((await patch(id, fields)).status).toBe(200)
    }
    expect(sandbox.change(id)).toMatchObject({
      state: '3',
      active: 'false',
      work_start: '2026-01-01 00:01:00',
      work_end: '2026-01-01 00:02:00',
      closed_at: '2026-01-01 00:03:00',
      closed_by: seedId('sys_user', 'gha.deployer')
    })
  })

  it.each([
    ['New', 'Authorize', '-5', '-3'],
    ['New', 'Scheduled', '-5', '-2'],
    ['New', 'Closed', '-5', '3'],
    ['Assess', 'Authorize', '-4', '-3'],
    ['Authorize', 'Scheduled', '-3', '-2'],
    ['Authorize', 'Assess', '-3', '-4'],
    ['Scheduled', 'Review', '-2', '0'],
    ['Implement', 'Closed', '-1', '3'],
    ['Review', 'Canceled', '0', '4'],
    ['Closed', 'New', '3', '-5'],
    ['Canceled', 'New', '4', '-5']
  ])('from %s to %s are refused, with the text in the format of each API', async (_from, _to, from, to) => {
    await start()
    const id = await newChange(sandbox)
    sandbox.set('change_request', id, { state: from })
    const text =
      /Operation against file 'change_request' was aborted by Business Rule 'Change Model: Check State Transition\^[0-9a-f]{32}'\. Business Rule Stack:Change Model: Check State Transition$/
    const refused = await patch(id, { ...CLOSE, state: to, work_notes: 'lost' })
    expect(refused.status).toBe(403)
    expect(refused.at('error', 'message')).toMatch(/^Change Request record could not be updated\. Operation/)
    expect(refused.at('error', 'message')).toMatch(text)
    expect(refused.at('error', 'detail')).toBe('')
    const table = await as(sandbox).patch(`${TABLE}/change_request/${id}`, { state: to })
    expect([table.status, table.at('error', 'message')]).toEqual([403, 'Operation Failed'])
    expect(table.at('error', 'detail')).toMatch(text)
    expect(sandbox.change(id)?.state).toBe(from)
    expect(sandbox.journal(id)).toEqual([])
  })

  it.each(['-5', '-4', '-3', '-2', '-1'])('from %s to Canceled are allowed', async from => {
    await start()
    const id = await newChange(sandbox)
    sandbox.set('change_request', id, { state: from })
    expect((await patch(id, { state: '4' })).status).toBe(200)
    expect(sandbox.change(id)).toMatchObject({ state: '4', active: 'false' })
  })

  it('to an unknown state are refused', async () => {
    await start()
    expect((await patch(await newChange(sandbox), { state: 'nonsense' })).status).toBe(403)
  })

  it('to the current state change nothing', async () => {
    await start()
    const id = await newChange(sandbox)
    expect((await patch(id, { state: '-5' })).status).toBe(200)
    expect(sandbox.change(id)?.sys_mod_count).toBe('0')
  })

  it('are all allowed with laxStates; data policies still apply', async () => {
    await start({ laxStates: true })
    const id = await newChange(sandbox)
    expect((await patch(id, { state: '-1' })).status).toBe(200)
    expect((await patch(id, { state: '3' })).status).toBe(403)
    expect((await patch(id, CLOSE)).status).toBe(200)
  })

  it('to Assess end in Authorize with landBeyond', async () => {
    await start({ landBeyond: true })
    const id = await newChange(sandbox)
    expect((await patch(id, { state: '-4' })).at('result', 'state', 'value')).toBe(-3)
    await approvalRequested(sandbox, id)
  })

  it('of a standard change require a template', async () => {
    await start()
    const created = await as(sandbox).post(`${TABLE}/change_request`, { type: 'standard' })
    const id = String(created.at('result', 'sys_id'))
    expect((await patch(id, { state: '-2' })).status).toBe(400)
    sandbox.set('change_request', id, {
      std_change_producer_version: seedId('std_change_producer_version', 'app-deployment-template')
    })
    expect((await patch(id, { state: '-2' })).status).toBe(200)
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
  })
})

describe('a change on hold', () => {
  const HOLD = { on_hold: 'true', on_hold_reason: 'freeze' }

  it('can only be cancelled, and its tasks are on hold too', async () => {
    await start()
    const id = await approvedChange(sandbox)
    await as(sandbox).post(`${CHANGE}/${id}/task`, {})
    await patch(id, HOLD)
    expect(sandbox.rows('change_task')[0]).toMatchObject({ on_hold: 'true', on_hold_reason: 'freeze' })
    const refused = await patch(id, { state: '-1' })
    expect(refused.status).toBe(400)
    expect(refused.at('error', 'message')).toBe('Change Request cannot move to state: implement')
    expect(JSON.parse(String(refused.at('error', 'detail')))).toMatchObject({
      to_state: '-1',
      conditions: expect.arrayContaining([
        { passed: false, condition: expect.objectContaining({ name: 'Not On hold' }) }
      ])
    })
    expect((await patch(id, { state: '4' })).status).toBe(200)
    expect(sandbox.change(id)).toMatchObject({ state: '4', on_hold: 'false' })
  })

  it('has no pending approvals until the hold ends', async () => {
    await start()
    const id = await newChange(sandbox)
    await patch(id, { state: '-4' })
    await approvalRequested(sandbox, id)
    await patch(id, HOLD)
    expect(approverStates(sandbox, id).map(([, state]) => state)).toEqual(['not_required', 'not_required'])
    expect(() => sandbox.approve(id)).toThrow('anna.approver has no approval requested')
    await patch(id, { on_hold: 'false' })
    expect(approverStates(sandbox, id).map(([, state]) => state)).toEqual(['requested', 'requested'])
  })

  it('requests no approval again from a group that has decided', async () => {
    await start()
    const id = await approvedChange(sandbox)
    await patch(id, HOLD)
    await patch(id, { on_hold: 'false' })
    expect(approverStates(sandbox, id)).toEqual([
      ['anna.approver', 'approved'],
      ['ben.approver', 'not_required']
    ])
  })

  it('has its approvals requested when the hold ends', async () => {
    // Otherwise a change on hold cannot move to Assess.
    await start({ laxStates: true })
    const id = await newChange(sandbox)
    await patch(id, { state: '-4', ...HOLD })
    const other = await newChange(sandbox)
    await patch(other, { state: '-4' })
    await approvalRequested(sandbox, other)
    expect(approverStates(sandbox, id)).toEqual([])
    await patch(id, { on_hold: 'false' })
    await approvalRequested(sandbox, id)
  })
})
