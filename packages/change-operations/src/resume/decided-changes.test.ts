/** Which waiting deployments are decided, by one query. */
import { type GatePolicy, SHIPPED_STATES } from '@change-actions/change-control'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { bindingFor } from '../deployment-texts.ts'
import { contextOn } from '../testing/context.ts'
import { DEPLOYMENT } from '../testing/deployment.ts'
import { APIS, momentAt, startInstance, type TestInstance } from '../testing/instance.ts'
import type { Fields } from '../testing/records.ts'
import { type DecidedQuestion, decidedChanges } from './decided-changes.ts'

const policy: GatePolicy = {
  proceedStates: ['scheduled', 'implement'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: true
}
const APPROVED = { state: '-2', approval: 'approved' }
const HOUR = 3_600_000
const REPOSITORY = { server: DEPLOYMENT.server, repository: DEPLOYMENT.repository, environments: [] }

describe.each(APIS)('decided changes (%s)', api => {
  let instance: TestInstance
  beforeEach(() => {
    instance = startInstance({ api })
  })

  const add = (fields: Fields): string =>
    instance.plant({ correlation_display: bindingFor(DEPLOYMENT), correlation_id: 'gha-1', ...fields }).number

  async function decided(more: Partial<DecidedQuestion> = {}) {
    const found = await decidedChanges(contextOn(instance, { states: SHIPPED_STATES }), {
      repositories: [REPOSITORY],
      trustedAccounts: [],
      bindingKey: undefined,
      policy,
      endedSince: instance.clock.now() - HOUR,
      ...more
    })
    const numbers = (some: readonly { readonly change: { readonly number: string } }[]) =>
      some.map(one => one.change.number)
    const { due, ended, waiting, stopped, creators } = found
    return {
      due: numbers(due),
      ended: numbers(ended),
      waiting: numbers(waiting),
      stopped: numbers(stopped),
      creators
    }
  }

  it('are let go on in the order of their planned start; those without one, of their age', async () => {
    const second = add({ ...APPROVED, start_date: momentAt(-HOUR), end_date: momentAt(HOUR) })
    const third = add({ ...APPROVED, sys_created_on: momentAt(-1_000) })
    const first = add({ ...APPROVED, start_date: momentAt(-2 * HOUR), end_date: momentAt(HOUR) })
    add({ state: '-4', approval: 'requested' })
    add({ ...APPROVED, correlation_display: 'gha test' })
    add({ ...APPROVED, correlation_display: bindingFor({ ...DEPLOYMENT, repository: 'acme/other' }) })
    expect((await decided()).due).toEqual([first, second, third])
    expect(instance.writes).toEqual([])
  })

  it('wait for their window and for the end of a hold; a closed window is for people', async () => {
    const later = add({ ...APPROVED, start_date: momentAt(HOUR), end_date: momentAt(2 * HOUR) })
    const held = add({ ...APPROVED, on_hold: 'true', on_hold_reason: 'freeze' })
    const over = add({ ...APPROVED, start_date: momentAt(-2 * HOUR), end_date: momentAt(-HOUR) })
    const unauthorized = add({ ...APPROVED, unauthorized: 'true' })
    const found = await decided()
    expect(found).toMatchObject({ due: [], ended: [] })
    expect([...found.waiting].sort()).toEqual([later, held])
    expect([...found.stopped].sort()).toEqual([over, unauthorized])
  })

  it('end where no open change has their identity, and they ended lately', async () => {
    add({ state: '4', correlation_id: 'gha-4' })
    instance.clock.advance(2 * HOUR)
    const rejected = add({ state: '-5', approval: 'rejected', correlation_id: 'gha-2' })
    const canceled = add({ state: '4', correlation_id: 'gha-3' })
    add({ state: '4', correlation_id: 'gha-5' })
    add({ state: '-4', approval: 'requested', correlation_id: 'gha-5' })
    expect([...(await decided()).ended].sort()).toEqual([rejected, canceled])
    expect((await decided({ endedSince: undefined })).ended).toEqual([])
  })

  it('end nothing where the job that deployed has closed them', async () => {
    const closed = { state: '3', approval: 'approved', work_start: momentAt(-1_000) }
    // Whoever plants a record has written it last, as this account.
    const ours = { sys_created_by: 'admin' }
    add({ ...closed, ...ours, correlation_id: 'gha-2' })
    const unused = add({ ...closed, ...ours, work_start: '', correlation_id: 'gha-3' })
    const byPerson = add({ ...closed, correlation_id: 'gha-4' })
    const forAny = bindingFor({ ...DEPLOYMENT, environment: '' })
    const several = add({ ...closed, ...ours, correlation_display: forAny, correlation_id: 'gha-5' })
    const { ended } = await decided({ trustedAccounts: ['admin'] })
    expect([...ended].sort()).toEqual([unused, byPerson, several].sort())
  })

  it('of other creators are named, and count for nothing', async () => {
    add({ ...APPROVED, sys_created_by: 'mallory' })
    expect(await decided()).toMatchObject({ due: [], creators: [{ creator: 'mallory', changes: 1 }] })
    expect((await decided({ trustedAccounts: ['mallory'] })).due).toHaveLength(1)
  })

  it('need an approver where the gate asks for one', async () => {
    const number = add(APPROVED)
    const strict = { ...policy, requireApprover: true }
    expect(await decided({ policy: strict })).toMatchObject({ due: [], stopped: [number] })
    const { sys_id: sysId = '' } = instance.stored(number)
    instance.addApprover(
      { sysId },
      {
        name: 'Anna Approver',
        state: 'approved'
      }
    )
    expect((await decided({ policy: strict })).due).toEqual([number])
  })

  it('cost the same however many deployments wait', async () => {
    for (let n = 0; n < 50; n += 1) add({ state: '-4', approval: 'requested', correlation_id: `gha-w${n}` })
    add(APPROVED)
    instance.forget()
    await decided()
    expect(instance.log).toHaveLength(3)
  })
})
