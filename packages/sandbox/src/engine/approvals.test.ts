import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { approvedChange, as, CHANGE, newChange, TABLE } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const state = (id: string) => [sandbox.change(id)?.state, sandbox.change(id)?.approval]
const rows = (id: string) => sandbox.approvers(id).map(row => [row.approver_name, row.state])
const asked = (id: string) =>
  sandbox.waitFor(() => sandbox.approvers(id).some(row => row.state === 'requested'))
const settled = (id: string) => sandbox.waitFor(() => sandbox.change(id)?.state === '-2')

/** A change whose approval by the board is requested. */
async function pending(type: 'normal' | 'emergency' = 'normal'): Promise<string> {
  const created = await as(sandbox).post(`${CHANGE}/${type}`, { assignment_group: 'DevOps Team' })
  const id = String(created.at('result', 'sys_id', 'value'))
  await as(sandbox).patch(`${CHANGE}/${id}`, { state: type === 'normal' ? '-4' : '-3' })
  await asked(id)
  return id
}

describe('approvals', () => {
  it('appear some time after the move, with one row for each member of the board', async () => {
    await start({ approvalDelayMs: 30 })
    const id = await newChange(sandbox)
    const moved = await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    expect(moved.at('result', 'state', 'value')).toBe(-4)
    expect([rows(id), sandbox.change(id)?.approval]).toEqual([[], 'not requested'])
    await asked(id)
    expect(state(id)).toEqual(['-3', 'requested'])
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

  it('by one member suffice', async () => {
    await start()
    const id = await pending()
    sandbox.approve(id, 'ben.approver', 'go')
    expect(state(id)).toEqual(['-2', 'approved'])
    expect(rows(id)).toEqual([
      ['anna.approver', 'not_required'],
      ['ben.approver', 'approved']
    ])
    expect(sandbox.approvers(id)[1]?.comments).toBe('go')
    expect(sandbox.rows('sysapproval_group')[0]?.approval).toBe('approved')
  })

  it('of an emergency change start in Authorize', async () => {
    await start()
    const id = await pending('emergency')
    sandbox.approve(id)
    expect(state(id)).toEqual(['-2', 'approved'])
  })

  it('rejected send the change back to New', async () => {
    await start()
    const id = await pending()
    sandbox.reject(id, 'not tonight')
    expect(state(id)).toEqual(['-5', 'rejected'])
    expect(rows(id)).toEqual([
      ['anna.approver', 'rejected'],
      ['ben.approver', 'cancelled']
    ])
  })

  it('can be asked for again after a rejection', async () => {
    await start()
    const id = await pending()
    sandbox.reject(id, 'not tonight')
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    expect(sandbox.change(id)?.approval).toBe('not requested')
    await asked(id)
    expect(sandbox.approvers(id)).toHaveLength(4)
  })

  it('are withdrawn by a revert to New, and by a cancellation', async () => {
    await start()
    for (const [to, approval] of [
      ['-5', 'not requested'],
      ['4', 'not requested']
    ] as const) {
      const id = await pending()
      await as(sandbox).patch(`${CHANGE}/${id}`, { state: to })
      expect(state(id)).toEqual([to, approval])
      expect(rows(id).map(([, answer]) => answer)).toEqual(['cancelled', 'cancelled'])
    }
  })

  it('planned for a change that was reverted in time never come', async () => {
    await start({ approvalDelayMs: 20 })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-5' })
    await pending()
    expect(rows(id)).toEqual([])
  })

  it('happen in two stages by policy', async () => {
    await start({ approvalPolicy: 'technical-and-cab' })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await asked(id)
    expect(rows(id)).toEqual([['dora.devops', 'requested']])
    expect(state(id)).toEqual(['-4', 'requested'])
    sandbox.approve(id, 'dora.devops')
    expect(sandbox.change(id)?.state).toBe('-3')
    await asked(id)
    sandbox.approve(id)
    expect(state(id)).toEqual(['-2', 'approved'])
  })

  it('are skipped by policy, all the way to Scheduled', async () => {
    await start({ approvalPolicy: 'none' })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await settled(id)
    expect(sandbox.change(id)?.approval).toBe('approved')
    expect(rows(id)).toEqual([])
  })

  it('come by themselves when the instance is set up so', async () => {
    await start({ approvalPolicy: 'technical-and-cab', autoApproveAfterMs: 5 })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await settled(id)
    expect(rows(id)).toEqual([
      ['dora.devops', 'approved'],
      ['anna.approver', 'approved'],
      ['ben.approver', 'not_required']
    ])
  })

  it('may be complete before the change has moved', async () => {
    await start({ approvedMoveDelayMs: 10 })
    const id = await pending()
    sandbox.approve(id)
    expect(state(id)).toEqual(['-3', 'approved'])
    await settled(id)
  })
})

describe('answering through the change API', () => {
  const answer = (id: string, user: string, body: unknown) =>
    as(sandbox, user).patch(`${CHANGE}/${id}/approvals`, body)

  it('touches only the rows of the caller', async () => {
    await start()
    const id = await pending()
    const refused = await answer(id, 'gha.deployer', { state: 'approved' })
    expect(refused.status).toBe(400)
    expect(refused.at('error', 'message')).toContain('does not have authority')
    expect((await answer(id, 'admin', { state: 'approved' })).status).toBe(400)
    const approved = await answer(id, 'anna.approver', { state: 'approved' })
    expect(approved.at('result', 'state', 'display_value')).toBe('Scheduled')
    expect(approved.at('result', 'approval', 'value')).toBe('approved')
  })

  it('includes rows of those who delegated', async () => {
    await start()
    const id = await pending()
    sandbox.insert('sys_user_delegate', {
      user: seedId('sys_user', 'anna.approver'),
      delegate: seedId('sys_user', 'paul.platform'),
      approvals: 'true'
    })
    expect((await answer(id, 'paul.platform', { state: 'approved' })).status).toBe(200)
    expect(rows(id)[0]).toEqual(['anna.approver', 'approved'])
  })

  it('wants a reason for a rejection, and a known answer', async () => {
    await start()
    const id = await pending()
    expect((await answer(id, 'anna.approver', { state: 'rejected' })).status).toBe(400)
    expect((await answer(id, 'anna.approver', { state: 'perhaps' })).status).toBe(400)
    expect((await answer(id, 'anna.approver', { state: 'rejected', comments: 'no' })).status).toBe(200)
    expect(state(id)).toEqual(['-5', 'rejected'])
  })

  it('is too late once decided', async () => {
    await start()
    const id = await approvedChange(sandbox)
    expect((await answer(id, 'ben.approver', { state: 'approved' })).status).toBe(400)
  })
})

describe('answering through the Table API', () => {
  const rowOf = (id: string, user: string) =>
    `${TABLE}/sysapproval_approver/${sandbox.approvers(id).find(row => row.approver_name === user)?.sys_id}`

  it('is for the approver, and for an administrator by role', async () => {
    await start()
    const id = await pending()
    const foreign = await as(sandbox).patch(rowOf(id, 'anna.approver'), { state: 'approved' })
    expect([foreign.status, foreign.at('error', 'detail')]).toEqual([
      403,
      'ACL Exception Update Failed due to security constraints'
    ])
    expect((await as(sandbox, 'admin').patch(rowOf(id, 'ben.approver'), { state: 'approved' })).status).toBe(
      200
    )
    expect(state(id)).toEqual(['-2', 'approved'])
    const shown = await as(sandbox).get(`${CHANGE}/${id}`)
    expect(shown.at('result', 'approval_history', 'display_value')).toContain(
      'System Administrator approved, permission granted by role'
    )
  })

  it('wants a comment with a rejection and keeps an answer final', async () => {
    await start()
    const id = await pending()
    const anna = as(sandbox, 'anna.approver')
    const mute = await anna.patch(rowOf(id, 'anna.approver'), { state: 'rejected' })
    expect(mute.at('error', 'detail')).toContain('mandatory: Comments')
    await anna.patch(rowOf(id, 'anna.approver'), { state: 'rejected', comments: 'no' })
    expect(state(id)).toEqual(['-5', 'rejected'])
    expect((await anna.patch(rowOf(id, 'anna.approver'), { state: 'approved' })).status).toBe(403)
  })
})
