import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { approvedChange, as, CHANGE, newChange } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

describe('next states', () => {
  it('include the current state, and states whose conditions fail', async () => {
    await start({ tasksOnImplement: true })
    const id = await approvedChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-1' })
    const next = await as(sandbox).get(`${CHANGE}/${id}/nextstates`)
    expect(next.at('result', 'available_states')).toEqual(['0', '4', '-1'])
    expect(next.at('result', 'state_label')).toEqual({ '0': 'Review', '4': 'Canceled', '-1': 'Implement' })
    expect(next.at('result', 'state_transitions', 0, 'length')).toBe(2)
    expect(next.at('result', 'state_transitions', 0, 0)).toMatchObject({
      display_value: 'Implement to Review',
      automatic_transition: true,
      transition_available: false,
      conditions: [{ passed: false, condition: { name: 'No active Change Tasks' } }]
    })
    expect(next.at('result', 'state_transitions', 1, 0)).toMatchObject({
      to_state: '4',
      transition_available: true
    })
  })

  it('include the state of an automatic transition, which a request cannot make', async () => {
    await start({ approvalDelayMs: 60_000 })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    const next = await as(sandbox).get(`${CHANGE}/${id}/nextstates`)
    expect(next.at('result', 'available_states')).toContain('-3')
    expect((await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-3' })).status).toBe(403)
  })

  it('have no transitions without change models', async () => {
    await start({ changeModels: false })
    const next = await as(sandbox).get(`${CHANGE}/${await newChange(sandbox)}/nextstates`)
    expect(next.at('result', 'state_transitions')).toEqual([])
    expect(next.at('result', 'available_states')).toEqual(['-4', '4', '-5'])
  })
})

describe('conflicts', () => {
  const window = { start_date: '2026-12-01 10:00:00', end_date: '2026-12-01 12:00:00' }

  it('are detected between overlapping changes on the same CI', async () => {
    await start()
    const ci = { cmdb_ci: 'prod-k8s-cluster', ...window }
    const id = await newChange(sandbox, ci)
    const overlapping = await newChange(sandbox, {
      ...ci,
      start_date: '2026-12-01 11:00:00',
      end_date: '2026-12-01 13:00:00'
    })
    await newChange(sandbox, { ...ci, start_date: '2026-12-01 12:00:00', end_date: '2026-12-01 13:00:00' })
    const started = await as(sandbox).post(`${CHANGE}/${id}/conflict`)
    expect(started.at('result')).toMatch(/^[0-9a-f]{32}$/)
    await sandbox.waitFor(() => sandbox.change(id)?.conflict_status === 'Conflict')
    const read = await as(sandbox).get(`${CHANGE}/${id}/conflict`)
    expect(read.at('result', 'record_count')).toBe('1')
    expect(read.at('result', 'job_status')).toBe('2')
    expect(read.at('result', 'conflicts', 0, 'change', 'value')).toBe(overlapping)
  })

  it('cannot be detected without a CI and a planned window; detection can be cancelled', async () => {
    await start({ approvalDelayMs: 60_000 })
    const bare = await newChange(sandbox)
    expect((await as(sandbox).post(`${CHANGE}/${bare}/conflict`)).status).toBe(400)
    const id = await newChange(sandbox, { cmdb_ci: 'prod-k8s-cluster', ...window })
    await as(sandbox).post(`${CHANGE}/${id}/conflict`)
    const running = await as(sandbox).get(`${CHANGE}/${id}/conflict`)
    expect(running.at('result', 'job_status')).toBe('1')
    const cancelled = await as(sandbox).send('DELETE', `${CHANGE}/${id}/conflict`)
    expect([cancelled.status, cancelled.text]).toEqual([200, ''])
    expect((await as(sandbox).get(`${CHANGE}/${id}/conflict`)).at('result', 'job_status')).toBe('2')
  })
})

describe('tasks and risk', () => {
  it('tasks are created, listed, updated and deleted', async () => {
    await start()
    const id = await newChange(sandbox)
    const { post, patch, get, send } = as(sandbox)
    const created = await post(`${CHANGE}/${id}/task`, {
      short_description: 'Check',
      change_task_type: 'Testing'
    })
    expect(created.at('result', 'number', 'value')).toBe('CTASK0010001')
    expect(created.at('result', 'change_task_type', 'value')).toBe('testing')
    const task = created.at('result', 'sys_id', 'value')
    const read = await get(`${CHANGE}/${id}/task/${task}`)
    expect(read.at('result', '__meta')).toBeUndefined()
    expect(read.at('result')).toMatchObject({
      sys_id: { value: task },
      approval: { display_value: 'Not Yet Requested', value: 'not requested' },
      priority: { display_value: '4 - Low', value: 4 },
      task_effective_number: { value: 'CTASK0010001' },
      due_date: { value: '' }
    })
    expect((await get(`${CHANGE}/${await newChange(sandbox)}/task/${task}`)).status).toBe(404)
    expect(
      (await patch(`${CHANGE}/${id}/task/${task}`, { state: '3' })).at('result', 'active', 'value')
    ).toBe(false)
    expect((await get(`${CHANGE}/${id}/task`)).at('result', 'length')).toBe(2)
    const deleted = await send('DELETE', `${CHANGE}/${id}/task/${task}`)
    expect([deleted.status, deleted.at('result', 'sys_id', 'value')]).toEqual([200, task])
    expect((await get(`${CHANGE}/${id}/task`)).at('result', 'length')).toBe(1)
    const other = await newChange(sandbox)
    expect((await patch(`${CHANGE}/${other}/task/${task}`, {})).status).toBe(404)
  })

  it('a risk evaluation returns the record without `result`', async () => {
    await start()
    const evaluated = await as(sandbox).patch(`${CHANGE}/${await newChange(sandbox, { impact: '1' })}/risk`)
    expect(evaluated.at('risk')).toEqual({ display_value: 'High', value: 2 })
  })
})
