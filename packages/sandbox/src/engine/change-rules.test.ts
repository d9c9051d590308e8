import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import {
  approvalRequested,
  approvedChange,
  approverStates,
  as,
  CHANGE,
  newChange,
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

describe('data policies', () => {
  it.each([
    ['close data', {}, '0', { state: '3' }, 'Close code, Close notes'],
    ['close notes', {}, '0', { state: '3', close_code: 'successful' }, 'Close notes'],
    ['a reason for the hold', {}, '-2', { on_hold: true }, 'On hold reason']
  ])('require the %s, by its label', async (_what, fields, from, write, labels) => {
    await start({ changeModels: false })
    const id = await newChange(sandbox, fields)
    sandbox.set('change_request', id, { state: from })
    const refused = await patch(id, write)
    expect(refused.status).toBe(403)
    expect(refused.at('error', 'message')).toBe(
      `Change Request record could not be updated. Data Policy Exception: The following fields are mandatory: ${labels}`
    )
    expect(sandbox.change(id)).toMatchObject({ state: from, on_hold: 'false' })
  })

  it('are preceded by the conditions of a change model: the group of a normal or emergency change', async () => {
    await start()
    const id = await newChange(sandbox, { assignment_group: '' })
    const refused = await patch(id, { state: '-4' })
    expect(refused.status).toBe(400)
    expect(refused.at('error', 'message')).toBe('Change Request cannot move to state: assess')
    expect(JSON.parse(String(refused.at('error', 'detail')))).toMatchObject({
      conditions: [{ passed: false, condition: { name: 'Assignment group is not empty' } }, { passed: true }]
    })
  })

  it('show the group that the write itself takes away', async () => {
    await start()
    const id = await newChange(sandbox)
    const refused = await patch(id, { state: '-4', assignment_group: '' })
    expect(JSON.parse(String(refused.at('error', 'detail')))).toMatchObject({
      transition_available: false,
      conditions: [{ passed: false }, { passed: true }]
    })
  })

  it('require the assignment group where no model does', async () => {
    await start({ changeModels: false })
    const id = await newChange(sandbox, { assignment_group: '' })
    const refused = await patch(id, { state: '-4' })
    expect([refused.status, refused.at('error', 'message')]).toEqual([
      403,
      'Change Request record could not be updated. Data Policy Exception: The following fields are mandatory: Assignment group'
    ])
    expect((await patch(id, { state: '-4', assignment_group: 'DevOps Team' })).status).toBe(200)
  })

  it('can be added for a state', async () => {
    await start({ extraMandatory: { assess: ['cmdb_ci', 'start_date'], '4': 'reason' } })
    const id = await newChange(sandbox)
    const refused = await patch(id, { state: '-4' })
    expect(refused.at('error', 'message')).toContain('mandatory: Configuration item, Planned start date')
    expect((await patch(id, { state: '4' })).at('error', 'message')).toContain('mandatory: Reason')
  })

  it('accept a group name that is not resolved', async () => {
    await start({ approvalPolicy: 'technical-and-cab' })
    const id = await newChange(sandbox, { assignment_group: 'No such team' })
    expect((await patch(id, { state: '-4' })).status).toBe(200)
    await approvalRequested(sandbox, id)
    expect(approverStates(sandbox, id).map(([name]) => name)).toEqual(['anna.approver', 'ben.approver'])
  })
})

describe('business rules', () => {
  it('empty fields on each write', async () => {
    await start({ blankFields: ['assigned_to', 'cmdb_ci'] })
    const id = await newChange(sandbox, { cmdb_ci: 'prod-k8s-cluster', risk: '2' })
    expect(sandbox.change(id)).toMatchObject({ cmdb_ci: '', risk: '2' })
    const patched = await patch(id, { cmdb_ci: 'prod-k8s-cluster' })
    expect(patched.at('result', 'cmdb_ci', 'value')).toBe('')
    expect(patched.at('result', '__meta', 'ignoredFields')).toEqual([])
  })

  it('compute the priority from impact and urgency', async () => {
    await start({ computedPriority: true })
    const id = await newChange(sandbox, { impact: '1', urgency: '1', priority: '4' })
    expect(sandbox.change(id)?.priority).toBe('1')
  })

  it('drop notes on a closed change without an error', async () => {
    await start()
    const id = await newChange(sandbox)
    sandbox.set('change_request', id, CLOSE)
    expect((await patch(id, { work_notes: 'late' })).status).toBe(200)
    expect(sandbox.journal(id)).toEqual([])
  })

  it('store a note in the write that closes the change', async () => {
    await start()
    const id = await newChange(sandbox)
    sandbox.set('change_request', id, { state: '0' })
    await patch(id, { ...CLOSE, work_notes: 'closing' })
    expect(sandbox.journal(id).map(note => note.text)).toEqual(['closing'])
  })
})

describe('change tasks', () => {
  const closeTasks = async (id: string) => {
    for (const task of sandbox.rows('change_task').filter(row => row.parent === id)) {
      await as(sandbox).patch(`${CHANGE}/${id}/task/${task.sys_id}`, { state: '3' })
    }
  }

  it('that are open block Review and Closed', async () => {
    await start({ tasksOnImplement: true })
    const id = await approvedChange(sandbox)
    await patch(id, { state: '-1' })
    expect(sandbox.rows('change_task').map(task => task.short_description)).toEqual([
      'Implement',
      'Post implementation testing'
    ])
    expect((await patch(id, { state: '0' })).status).toBe(400)
    await closeTasks(id)
    expect((await patch(id, { state: '0' })).status).toBe(200)
    await as(sandbox).post(`${CHANGE}/${id}/task`, { short_description: 'one more' })
    expect((await patch(id, CLOSE)).status).toBe(400)
    await closeTasks(id)
    expect((await patch(id, CLOSE)).status).toBe(200)
  })

  it('move the change to Review when the last one is closed, with autoCloseStates', async () => {
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
