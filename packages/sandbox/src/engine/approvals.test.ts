import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import {
  approvalRequested,
  approverStates,
  as,
  CHANGE,
  newChange,
  pendingChange,
  stateAndApproval
} from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const scheduled = (id: string) => sandbox.waitFor(() => sandbox.change(id)?.state === '-2')

describe('approvals', () => {
  it('are requested some time after the transition, from each member of the CAB', async () => {
    await start({ approvalDelayMs: 300 })
    const id = await newChange(sandbox)
    const moved = await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    expect(moved.at('result', 'state', 'value')).toBe(-4)
    expect([approverStates(sandbox, id), sandbox.change(id)?.approval]).toEqual([[], 'not requested'])
    await approvalRequested(sandbox, id)
    expect(stateAndApproval(sandbox, id)).toEqual(['-3', 'requested'])
    expect(sandbox.approvers(id)[0]).toMatchObject({
      approver: seedId('sys_user', 'anna.approver'),
      state: 'requested',
      sysapproval: id,
      document_id: id,
      source_table: 'change_request'
    })
    const [group] = sandbox.rows('sysapproval_group')
    expect(group).toMatchObject({ parent: id, approval: 'requested', wait_for: 'first' })
  })

  it('are complete after one approval', async () => {
    await start()
    const id = await pendingChange(sandbox)
    sandbox.approve(id, 'ben.approver', 'go')
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
    expect(approverStates(sandbox, id)).toEqual([
      ['anna.approver', 'not_required'],
      ['ben.approver', 'approved']
    ])
    expect(sandbox.approvers(id)[1]?.comments).toBe('go')
    expect(sandbox.rows('sysapproval_group')[0]?.approval).toBe('approved')
  })

  it('of an emergency change are requested in Authorize', async () => {
    await start()
    const id = await pendingChange(sandbox, 'emergency')
    sandbox.approve(id)
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
  })

  it('that are rejected move the change to New', async () => {
    await start()
    const id = await pendingChange(sandbox)
    sandbox.reject(id, 'not tonight')
    expect(stateAndApproval(sandbox, id)).toEqual(['-5', 'rejected'])
    expect(approverStates(sandbox, id)).toEqual([
      ['anna.approver', 'rejected'],
      ['ben.approver', 'cancelled']
    ])
  })

  it('can be requested again after a rejection', async () => {
    await start()
    const id = await pendingChange(sandbox)
    sandbox.reject(id, 'not tonight')
    const again = await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    expect(again.at('result', 'approval', 'value')).toBe('not requested')
    await approvalRequested(sandbox, id)
    expect(sandbox.approvers(id)).toHaveLength(4)
  })

  it('are cancelled when the change moves to New or Canceled', async () => {
    await start()
    for (const [to, approval] of [
      ['-5', 'not requested'],
      ['4', 'not requested']
    ] as const) {
      const id = await pendingChange(sandbox)
      await as(sandbox).patch(`${CHANGE}/${id}`, { state: to })
      expect(stateAndApproval(sandbox, id)).toEqual([to, approval])
      expect(approverStates(sandbox, id).map(([, state]) => state)).toEqual(['cancelled', 'cancelled'])
    }
  })

  it('are not requested when the change moves back to New before', async () => {
    // Long enough for both writes on a busy machine.
    await start({ approvalDelayMs: 300 })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-5' })
    await pendingChange(sandbox)
    expect(approverStates(sandbox, id)).toEqual([])
  })

  it('have two stages with policy "technical-and-cab"', async () => {
    await start({ approvalPolicy: 'technical-and-cab' })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await approvalRequested(sandbox, id)
    expect(approverStates(sandbox, id)).toEqual([['dora.devops', 'requested']])
    expect(stateAndApproval(sandbox, id)).toEqual(['-4', 'requested'])
    sandbox.approve(id, 'dora.devops')
    expect(sandbox.change(id)?.state).toBe('-3')
    await approvalRequested(sandbox, id)
    sandbox.approve(id)
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
  })

  it('are skipped with policy "none", and the change moves to Scheduled', async () => {
    await start({ approvalPolicy: 'none' })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await scheduled(id)
    expect(sandbox.change(id)?.approval).toBe('approved')
    expect(approverStates(sandbox, id)).toEqual([])
  })

  it('are given automatically with autoApproveAfterMs', async () => {
    await start({ approvalPolicy: 'technical-and-cab', autoApproveAfterMs: 5 })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await scheduled(id)
    expect(approverStates(sandbox, id)).toEqual([
      ['dora.devops', 'approved'],
      ['anna.approver', 'approved'],
      ['ben.approver', 'not_required']
    ])
  })

  it('may be complete before the change moves', async () => {
    await start({ approvedMoveDelayMs: 10 })
    const id = await pendingChange(sandbox)
    sandbox.approve(id)
    expect(stateAndApproval(sandbox, id)).toEqual(['-3', 'approved'])
    await scheduled(id)
  })
})
