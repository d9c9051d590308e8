import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import {
  approvedChange,
  approverStates,
  as,
  CHANGE,
  pendingChange,
  stateAndApproval,
  TABLE
} from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

describe('a decision through the change API', () => {
  const decide = (id: string, user: string, body: unknown) =>
    as(sandbox, user).patch(`${CHANGE}/${id}/approvals`, body)

  it("applies only to the caller's own approvals", async () => {
    await start()
    const id = await pendingChange(sandbox)
    const refused = await decide(id, 'gha.deployer', { state: 'approved' })
    expect(refused.status).toBe(400)
    expect(refused.at('error', 'message')).toBe('Change Request approval could not be processed.')
    expect((await decide(id, 'admin', { state: 'approved' })).status).toBe(400)
    const approved = await decide(id, 'anna.approver', { state: 'approved' })
    expect(approved.at('result', 'state', 'display_value')).toBe('Scheduled')
    expect(approved.at('result', 'approval', 'value')).toBe('approved')
  })

  it('includes approvals that were delegated to the caller', async () => {
    await start()
    const id = await pendingChange(sandbox)
    sandbox.insert('sys_user_delegate', {
      user: seedId('sys_user', 'anna.approver'),
      delegate: seedId('sys_user', 'paul.platform'),
      approvals: 'true'
    })
    expect((await decide(id, 'paul.platform', { state: 'approved' })).status).toBe(200)
    expect(approverStates(sandbox, id)[0]).toEqual(['anna.approver', 'approved'])
  })

  it('requires comments for a rejection, and a valid state', async () => {
    await start()
    const id = await pendingChange(sandbox)
    expect((await decide(id, 'anna.approver', { state: 'rejected' })).status).toBe(400)
    expect((await decide(id, 'anna.approver', { state: 'perhaps' })).status).toBe(400)
    expect((await decide(id, 'anna.approver', { state: 'rejected', comments: 'no' })).status).toBe(200)
    expect(stateAndApproval(sandbox, id)).toEqual(['-5', 'rejected'])
  })

  it('is refused when the approval is complete', async () => {
    await start()
    const id = await approvedChange(sandbox)
    expect((await decide(id, 'ben.approver', { state: 'approved' })).status).toBe(400)
  })
})

describe('a decision through the Table API', () => {
  const approvalPath = (id: string, user: string) =>
    `${TABLE}/sysapproval_approver/${sandbox.approvers(id).find(row => row.approver_name === user)?.sys_id}`

  it('requires the approver or an administrator', async () => {
    await start()
    const id = await pendingChange(sandbox)
    const notApprover = await as(sandbox).patch(approvalPath(id, 'anna.approver'), { state: 'approved' })
    expect([notApprover.status, notApprover.at('error', 'detail')]).toEqual([
      403,
      'ACL Exception Update Failed due to security constraints'
    ])
    expect(
      (await as(sandbox, 'admin').patch(approvalPath(id, 'ben.approver'), { state: 'approved' })).status
    ).toBe(200)
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
    const shown = await as(sandbox).get(`${CHANGE}/${id}`)
    expect(shown.at('result', 'approval_history', 'display_value')).toContain(
      'System Administrator approved, permission granted by role'
    )
  })

  it('requires comments for a rejection, and cannot be changed', async () => {
    await start()
    const id = await pendingChange(sandbox)
    const anna = as(sandbox, 'anna.approver')
    const withoutComments = await anna.patch(approvalPath(id, 'anna.approver'), { state: 'rejected' })
    expect(withoutComments.at('error', 'detail')).toContain('mandatory: Comments')
    await anna.patch(approvalPath(id, 'anna.approver'), { state: 'rejected', comments: 'no' })
    expect(stateAndApproval(sandbox, id)).toEqual(['-5', 'rejected'])
    expect((await anna.patch(approvalPath(id, 'anna.approver'), { state: 'approved' })).status).toBe(403)
  })
})
