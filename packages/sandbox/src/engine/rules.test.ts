import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { type Answer, approvedChange, as, CHANGE, newChange, TABLE } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const patch = (id: string, fields: Record<string, unknown>): Promise<Answer> =>
  as(sandbox).patch(`${CHANGE}/${id}`, fields)

const state = (id: string) => [sandbox.change(id)?.state, sandbox.change(id)?.approval]
const rows = (id: string) => sandbox.approvers(id).map(row => [row.approver_name, row.state])
const asked = (id: string) =>
  sandbox.waitFor(() => sandbox.approvers(id).some(row => row.state === 'requested'))

const CLOSE = { state: '3', close_code: 'successful', close_notes: 'done' }

describe('moves', () => {
  it('of an approved normal change go to Closed one by one and stamp the actual times', async () => {
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
  ])('from %s to %s is refused with the text where each API puts it', async (_from, _to, from, to) => {
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

  it('refuse a state that does not exist', async () => {
    await start()
    expect((await patch(await newChange(sandbox), { state: 'nonsense' })).status).toBe(403)
  })

  it('to the state the change is in already are no move', async () => {
    await start()
    const id = await newChange(sandbox)
    expect((await patch(id, { state: '-5' })).status).toBe(200)
    expect(sandbox.change(id)?.sys_mod_count).toBe('0')
  })

  it('are free on a lax instance, data policies aside', async () => {
    await start({ laxStates: true })
    const id = await newChange(sandbox)
    expect((await patch(id, { state: '-1' })).status).toBe(200)
    expect((await patch(id, { state: '3' })).status).toBe(403)
    expect((await patch(id, CLOSE)).status).toBe(200)
  })

  it('to Assess may land in Authorize at once', async () => {
    await start({ landBeyond: true })
    const id = await newChange(sandbox)
    expect((await patch(id, { state: '-4' })).at('result', 'state', 'value')).toBe(-3)
    await asked(id)
  })

  it('of a standard change without a template end before they begin', async () => {
    await start()
    const created = await as(sandbox).post(`${TABLE}/change_request`, { type: 'standard' })
    const id = String(created.at('result', 'sys_id'))
    expect((await patch(id, { state: '-2' })).status).toBe(403)
    sandbox.set('change_request', id, {
      std_change_producer_version: seedId('std_change_producer_version', 'app-deployment-template')
    })
    expect((await patch(id, { state: '-2' })).status).toBe(200)
    expect(state(id)).toEqual(['-2', 'approved'])
  })
})

describe('data policies', () => {
  it.each([
    ['assignment group', { assignment_group: '' }, '-5', { state: '-4' }, 'Assignment group'],
    ['close data', {}, '0', { state: '3' }, 'Close code, Close notes'],
    ['close notes', {}, '0', { state: '3', close_code: 'successful' }, 'Close notes'],
    ['a reason for the hold', {}, '-2', { on_hold: true }, 'On hold reason']
  ])('demand the %s by its label', async (_what, fields, from, write, labels) => {
    await start()
    const id = await newChange(sandbox, fields)
    sandbox.set('change_request', id, { state: from })
    const refused = await patch(id, write)
    expect(refused.status).toBe(403)
    expect(refused.at('error', 'message')).toBe(
      `Change Request record could not be updated. Data Policy Exception: The following fields are mandatory: ${labels}`
    )
    expect(sandbox.change(id)).toMatchObject({ state: from, on_hold: 'false' })
  })

  it('can be added for a state', async () => {
    await start({ extraMandatory: { assess: ['cmdb_ci', 'start_date'], '4': 'reason' } })
    const id = await newChange(sandbox)
    const refused = await patch(id, { state: '-4' })
    expect(refused.at('error', 'message')).toContain('mandatory: Configuration item, Planned start date')
    expect((await patch(id, { state: '4' })).at('error', 'message')).toContain('mandatory: Reason')
  })

  it('do not mind a group that is only text', async () => {
    await start({ approvalPolicy: 'technical-and-cab' })
    const id = await newChange(sandbox, { assignment_group: 'No such team' })
    expect((await patch(id, { state: '-4' })).status).toBe(200)
    await asked(id)
    expect(rows(id).map(([name]) => name)).toEqual(['anna.approver', 'ben.approver'])
  })
})

describe('business rules of the instance', () => {
  it('empty fields on every write', async () => {
    await start({ blankFields: ['assigned_to', 'cmdb_ci'] })
    const id = await newChange(sandbox, { cmdb_ci: 'prod-k8s-cluster', risk: '2' })
    expect(sandbox.change(id)).toMatchObject({ cmdb_ci: '', risk: '2' })
    const patched = await patch(id, { cmdb_ci: 'prod-k8s-cluster' })
    expect(patched.at('result', 'cmdb_ci', 'value')).toBe('')
    expect(patched.at('result', '__meta', 'ignoredFields')).toEqual([])
  })

  it('compute the priority', async () => {
    await start({ computedPriority: true })
    const id = await newChange(sandbox, { impact: '1', urgency: '1', priority: '4' })
    expect(sandbox.change(id)?.priority).toBe('1')
  })

  it('drop notes on a closed change without a word', async () => {
    await start()
    const id = await newChange(sandbox)
    sandbox.set('change_request', id, CLOSE)
    expect((await patch(id, { work_notes: 'late' })).status).toBe(200)
    expect(sandbox.journal(id)).toEqual([])
  })

  it('keep the note that comes with the closing itself', async () => {
    await start()
    const id = await newChange(sandbox)
    sandbox.set('change_request', id, { state: '0' })
    await patch(id, { ...CLOSE, work_notes: 'closing' })
    expect(sandbox.journal(id).map(note => note.text)).toEqual(['closing'])
  })
})

describe('tasks', () => {
  const closeTasks = async (id: string) => {
    for (const task of sandbox.rows('change_task').filter(row => row.parent === id)) {
      await as(sandbox).patch(`${CHANGE}/${id}/task/${task.sys_id}`, { state: '3' })
    }
  }

  it('that are open block Review, and Closed', async () => {
    await start({ tasksOnImplement: true })
    const id = await approvedChange(sandbox)
    await patch(id, { state: '-1' })
    expect(sandbox.rows('change_task').map(task => task.short_description)).toEqual([
      'Implement',
      'Post implementation testing'
    ])
    expect((await patch(id, { state: '0' })).status).toBe(403)
    await closeTasks(id)
    expect((await patch(id, { state: '0' })).status).toBe(200)
    await as(sandbox).post(`${CHANGE}/${id}/task`, { short_description: 'one more' })
    expect((await patch(id, CLOSE)).status).toBe(403)
    await closeTasks(id)
    expect((await patch(id, CLOSE)).status).toBe(200)
  })

  it('move the change on when the last one is closed', async () => {
    await start({ tasksOnImplement: true, autoCloseStates: true })
    const id = await approvedChange(sandbox)
    await patch(id, { state: '-1' })
    await closeTasks(id)
    expect(sandbox.change(id)?.state).toBe('0')
    expect(sandbox.change(id)?.work_end).not.toBe('')
  })

  it('are cancelled with the change', async () => {
    await start()
    const id = await newChange(sandbox)
    await as(sandbox).post(`${CHANGE}/${id}/task`, {})
    await patch(id, { state: '4' })
    expect(sandbox.rows('change_task')[0]?.state).toBe('4')
  })
})

describe('a hold', () => {
  const HOLD = { on_hold: 'true', on_hold_reason: 'freeze' }

  it('blocks every move but the cancellation, and spreads to tasks', async () => {
    await start()
    const id = await approvedChange(sandbox)
    await as(sandbox).post(`${CHANGE}/${id}/task`, {})
    await patch(id, HOLD)
    expect(sandbox.rows('change_task')[0]).toMatchObject({ on_hold: 'true', on_hold_reason: 'freeze' })
    expect((await patch(id, { state: '-1' })).status).toBe(403)
    expect((await patch(id, { state: '4' })).status).toBe(200)
    expect(sandbox.change(id)).toMatchObject({ state: '4', on_hold: 'false' })
  })

  it('suspends pending approvals and reinstates them', async () => {
    await start()
    const id = await newChange(sandbox)
    await patch(id, { state: '-4' })
    await asked(id)
    await patch(id, HOLD)
    expect(rows(id).map(([, answer]) => answer)).toEqual(['not_required', 'not_required'])
    expect(() => sandbox.approve(id)).toThrow('anna.approver has no approval requested')
    await patch(id, { on_hold: 'false' })
    expect(rows(id).map(([, answer]) => answer)).toEqual(['requested', 'requested'])
  })

  it('does not ask again those whose group has decided', async () => {
    await start()
    const id = await approvedChange(sandbox)
    await patch(id, HOLD)
    await patch(id, { on_hold: 'false' })
    expect(rows(id)).toEqual([
      ['anna.approver', 'approved'],
      ['ben.approver', 'not_required']
    ])
  })

  it('that came before the approvals holds them back', async () => {
    // Only a lax instance moves a change that is on hold.
    await start({ laxStates: true })
    const id = await newChange(sandbox)
    await patch(id, { state: '-4', ...HOLD })
    const other = await newChange(sandbox)
    await patch(other, { state: '-4' })
    await asked(other)
    expect(rows(id)).toEqual([])
    await patch(id, { on_hold: 'false' })
    await asked(id)
  })
})
