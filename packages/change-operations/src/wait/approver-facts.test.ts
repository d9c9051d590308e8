import { beforeEach, describe, expect, it } from '@jest/globals'
import { enterImplement } from '../gate/claim.ts'
import { contextOn, problemOf } from '../testing/context.ts'
import { IDENTITY } from '../testing/deployment.ts'
import { APIS, type InstanceOptions, startInstance, type TestInstance } from '../testing/instance.ts'
import { type Approver, type Fields, userIdOf } from '../testing/records.ts'
import type { Wait, Waited } from './types.ts'
import { waitForApproval } from './wait.ts'

const POLICY = {
  proceedStates: ['scheduled', 'implement'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false
} as const satisfies Wait['policy']
const APPROVED = { state: '-2', approval: 'approved' }
const ANNA = { name: 'Anna Approver', state: 'approved' }
const REFUSE = { selfApproval: 'refuse' } as const
const REQUIRE = { requireApprover: true } as const

let instance: TestInstance

/** The user id of somebody the instance knows. */
const idOf = (name: string) => userIdOf(instance.sandbox, name)

function wait(
  fields: Fields,
  approvers: readonly Approver[],
  policy: Partial<Wait['policy']>
): Promise<Waited> {
  const change = instance.plant({ ...APPROVED, ...fields })
  for (const one of approvers) instance.addApprover(change, one)
  const context = contextOn(instance)
  return waitForApproval(context, {
    sysId: change.sysId,
    timeoutMs: 0,
    intervalMs: 60_000,
    policy: { ...POLICY, ...policy }
  })
}

const begin = (options: InstanceOptions) => {
  instance = startInstance(options)
}

describe.each(APIS)('who approved (%s)', api => {
  beforeEach(() => begin({ api }))

  it('is not asked unless the gate wants to know', async () => {
    expect(await wait({}, [], {})).toMatchObject({ outcome: 'approved' })
  })

  it('must be somebody', async () => {
    expect(await wait({}, [], REQUIRE)).toMatchObject({
      outcome: 'no-approver',
      reason: { problem: { kind: 'no-row' } },
      polls: 1
    })
    expect(await wait({}, [{ ...ANNA, state: 'not_required' }], REQUIRE)).toMatchObject({
      outcome: 'no-approver'
    })
    expect(await wait({}, [ANNA], REQUIRE)).toMatchObject({ outcome: 'approved' })
  })

  it('must not be who asked', async () => {
    const forAnna = { requested_by: idOf('Anna Approver') }
    expect(await wait(forAnna, [ANNA], REFUSE)).toMatchObject({
      outcome: 'no-approver',
      reason: { problem: { kind: 'self-approved', approvers: ['Anna Approver'] } }
    })
    expect(await wait(forAnna, [ANNA, { name: 'Ben Approver', state: 'approved' }], REFUSE)).toMatchObject({
      outcome: 'approved'
    })
    const forDora = { requested_by: idOf('Dora Devops') }
    expect(await wait(forDora, [ANNA], REFUSE)).toMatchObject({ outcome: 'approved' })
    expect(await wait({ ...forDora, opened_by: idOf('Anna Approver') }, [ANNA], REFUSE)).toMatchObject({
      outcome: 'no-approver'
    })
    expect(await wait(forDora, [{ name: 'GitHub Actions', state: 'approved' }], REFUSE)).toMatchObject({
      outcome: 'no-approver',
      reason: { problem: { kind: 'self-approved' } }
    })
  })

  it.each([
    ['empty', () => ''],
    ['our own account', () => idOf('GitHub Actions')]
  ])('cannot be told where requested_by is %s', async (_, id) => {
    expect(await wait({ requested_by: id() }, [ANNA], REFUSE)).toMatchObject({
      outcome: 'no-approver',
      reason: { problem: { kind: 'requester-unknown' } }
    })
    expect(await wait({ requested_by: id() }, [ANNA], REQUIRE)).toMatchObject({ outcome: 'approved' })
  })

  it('cannot be told of a change that was left as these actions make it, whoever reads it', async () => {
    const made = { requested_by: idOf('Dora Devops'), opened_by: idOf('Dora Devops') }
    const fields = { ...made, correlation_id: `gha-${'0'.repeat(64)}` }
    expect(await wait(fields, [ANNA], REFUSE)).toMatchObject({
      outcome: 'no-approver',
      reason: { problem: { kind: 'requester-unknown', requestedBy: 'Dora Devops' } }
    })
  })

  it('must be readable', async () => {
    instance.fail('approvals', { kind: 'acl', times: 2 })
    expect(await wait({}, [ANNA], REQUIRE)).toMatchObject({
      outcome: 'no-approver',
      reason: { problem: { kind: 'unreadable', table: 'sysapproval_approver' } }
    })
  })

  it('is read again when the reading fails for a moment', async () => {
    const change = instance.plant(APPROVED)
    instance.addApprover(change, ANNA)
    instance.fail('approvals', { kind: 'unavailable' })
    const policy = { ...POLICY, ...REQUIRE }
    const order = { sysId: change.sysId, timeoutMs: 600_000, intervalMs: 60_000, policy }
    expect(await waitForApproval(contextOn(instance), order)).toMatchObject({ outcome: 'approved', polls: 2 })
  })

  it('is not asked of a standard change that was made from a template', async () => {
    const template = { type: 'standard', std_change_producer_version: 'a'.repeat(32) }
    expect(await wait(template, [], { ...REQUIRE, ...REFUSE })).toMatchObject({ outcome: 'approved' })
  })

  it('is asked before the window, which waiting could mend', async () => {
    expect(await wait({ start_date: '2099-01-01 00:00:00' }, [], REQUIRE)).toMatchObject({
      outcome: 'no-approver'
    })
  })

  it('is asked once more just before the deployment', async () => {
    const change = await instance.add(APPROVED)
    const row = instance.addApprover(change, { ...ANNA, state: 'requested' })
    const entry = {
      change,
      identity: IDENTITY,
      lifecycleNotes: false,
      policy: { ...POLICY, ...REQUIRE },
      takeOver: false,
      runIsOver: async () => undefined
    }
    const problem = await problemOf(enterImplement(contextOn(instance), entry), 'changed-after-approval')
    expect(problem).toMatchObject({ outcome: 'no-approver', facts: { reason: { code: 'no-approver' } } })
    expect(instance.writes).toEqual([])
    instance.sandbox.set('sysapproval_approver', row.sys_id, { state: 'approved' })
    expect((await enterImplement(contextOn(instance), entry)).change.state).toBe('-1')
  })
})
