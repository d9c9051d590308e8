import { formatClaim } from '@change-actions/change-control'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { bindingFor } from '../deployment-texts.ts'
import { claimOf } from '../gate/claims.ts'
import { noteText } from '../notes.ts'
import { bindingNote } from '../own/binding-note.ts'
import { contextOn } from '../testing/context.ts'
import { BOUND, DEPLOYMENT, IDENTITY } from '../testing/deployment.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import type { Fields } from '../testing/records.ts'
import type { OwnLook, Wait } from './types.ts'
import { lookOnce, waitForApproval } from './wait.ts'

const READY = { state: '-2', approval: 'approved' }
const ANNA = { sys_created_by: 'anna.approver' }
const ELSEWHERE = bindingFor({ ...DEPLOYMENT, repository: 'acme/other' })
const LATE = noteText(bindingNote(DEPLOYMENT, 'bound', { late: true }))
const BEFORE = noteText(bindingNote(DEPLOYMENT, 'bound'))
const claimOfRun = (run: string, generation = 1) =>
  `Claimed.\n${formatClaim({ ...claimOf({ ...DEPLOYMENT, run }), generation })}`
let instance: TestInstance

const POLICY: Wait['policy'] = {
  proceedStates: ['scheduled', 'implement', 'review'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false,
  requireBinding: true,
  commit: DEPLOYMENT.commit
}

const OWN: OwnLook = {
  identity: IDENTITY,
  takeOver: false,
  runIsOver: async () => undefined,
  ofJob: false
}

/** One look at a change, and the requests for it. */
async function look(
  fields: Fields,
  given: { notes?: readonly string[]; own?: Partial<OwnLook>; policy?: Partial<Wait['policy']> } = {}
) {
  const { notes = [], own, policy } = given
  const { sysId } = instance.plant(fields, notes)
  instance.forget()
  const context = contextOn(instance)
  const waited = await lookOnce(context, {
    sysId,
    policy: { ...POLICY, ...policy },
    own: { ...OWN, ...own }
  })
  return { ...waited, context, log: instance.log.filter(line => !line.startsWith('approvals')) }
}

describe.each(APIS)('whose the change is (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each<[string, Fields, string, string]>([
    ['bound to another repository', { correlation_display: ELSEWHERE }, 'foreign-change', 'bound-elsewhere'],
    ['ours, its binding emptied', { correlation_display: '' }, 'unbound', 'binding-lost'],
    ['ours, its binding overwritten', { correlation_display: 'JIRA-1' }, 'unbound', 'binding-lost'],
    [
      'bound to another commit',
      { correlation_display: bindingFor({ ...DEPLOYMENT, commit: `${DEPLOYMENT.commit.slice(0, 39)}0` }) },
      'stale-approval',
      'stale-approval'
    ]
  ])('%s: refused', async (_, fields, outcome, code) => {
    expect(await look({ ...READY, ...fields })).toMatchObject({ outcome, reason: { code } })
    const waiting = await look({ state: '-4', approval: 'requested', ...fields })
    expect(waiting.outcome).toBe(outcome === 'stale-approval' ? 'timeout' : outcome)
  })

  it('a foreign one may be allowed: its commit is not compared then', async () => {
    const identity = { ...IDENTITY, allowForeignChange: true }
    const fields = { ...READY, correlation_display: ELSEWHERE }
    const policy = { requireBinding: false, commit: 'f'.repeat(40) }
    const { outcome, context } = await look(fields, { own: { identity }, policy })
    expect(outcome).toBe('approved')
    expect(context.told('foreign-allowed')).toHaveLength(1)
  })

  it('that of other people without a binding may be used, where that is not required', async () => {
    const fields = { ...READY, ...ANNA, correlation_display: '' }
    expect((await look(fields, { policy: { requireBinding: false } })).outcome).toBe('approved')
    expect(await look(fields)).toMatchObject({ outcome: 'unbound', reason: { code: 'bound-later' } })
  })

  it('a note that binds it elsewhere refuses it, and one for another commit too', async () => {
    const fields = { ...READY, ...ANNA, correlation_display: 'JIRA-1' }
    const policy = { requireBinding: false }
    const elsewhere = [noteText(bindingNote({ ...DEPLOYMENT, repository: 'acme/other' }, 'bound'))]
    expect((await look(fields, { notes: elsewhere, policy })).outcome).toBe('foreign-change')
    const other = [noteText(bindingNote({ ...DEPLOYMENT, commit: 'f'.repeat(40) }, 'bound'))]
    expect((await look(fields, { notes: other, policy })).outcome).toBe('stale-approval')
    expect((await look(fields, { notes: [BEFORE], policy })).outcome).toBe('approved')
  })

  it('is asked once, however long it is waited for', async () => {
    const { sysId } = instance.plant({ ...ANNA, state: '-4', approval: 'requested', correlation_display: '' })
    instance.forget()
    await waitForApproval(contextOn(instance), {
      sysId,
      policy: POLICY,
      own: OWN,
      timeoutMs: 600_000,
      intervalMs: 60_000
    })
    expect(instance.log.filter(line => line.startsWith('find'))).toHaveLength(1)
  })
})

describe.each(APIS)('bound before its approval (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is what our account made', async () => {
    expect((await look(READY)).outcome).toBe('approved')
  })

  it('is what this wait saw with its binding and without an approval', async () => {
    const { sysId } = instance.plant({ ...ANNA, state: '-4', approval: 'requested' })
    const context = contextOn(instance)
    context.at(1_000, () => instance.set({ sysId }, READY))
    const wait = { sysId, policy: POLICY, own: OWN, timeoutMs: 600_000, intervalMs: 60_000 }
    expect((await waitForApproval(context, wait)).outcome).toBe('approved')
    expect(instance.log.join()).not.toMatch(/find|sys_journal_field/)
  })

  it('is what our note says, where the journal tells that it is ours', async () => {
    const fields = { ...READY, ...ANNA }
    expect((await look(fields, { notes: [BEFORE] })).outcome).toBe('unbound')
    instance = startInstance({ api, readableJournal: true })
    const { sysId } = instance.plant(fields)
    instance.writeNote({ sysId }, BEFORE)
    const waited = await lookOnce(contextOn(instance), { sysId, policy: POLICY, own: OWN })
    expect(waited.outcome).toBe('approved')
    instance.writeNote({ sysId }, LATE)
    const later = await lookOnce(contextOn(instance), { sysId, policy: POLICY, own: OWN })
    expect(later.outcome).toBe('unbound')
  })
})

describe.each(APIS)('claims (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('of another run stop the wait, unless it is over or taken over', async () => {
    const notes = [claimOfRun('7')]
    expect(await look(READY, { notes })).toMatchObject({
      outcome: 'in-use',
      reason: { code: 'claimed', runId: '7' }
    })
    expect((await look(READY, { notes, own: { runIsOver: async () => true } })).outcome).toBe('approved')
    expect((await look(READY, { notes, own: { takeOver: true } })).outcome).toBe('approved')
    expect((await look(READY, { notes: [claimOfRun('1001')] })).outcome).toBe('approved')
  })

  it('a change in Review without one is for the run that it is bound to', async () => {
    const fields = { ...READY, state: '0' }
    expect(await look(fields)).toMatchObject({ outcome: 'approved', warning: 'in-review' })
    const other = { ...fields, correlation_display: bindingFor({ ...DEPLOYMENT, run: '7' }) }
    expect(await look(other)).toMatchObject({ outcome: 'in-use', reason: { code: 'deployment-over' } })
  })

  it('are not looked for before the change is ready', async () => {
    const { log } = await look({ state: '-4', approval: 'requested' }, { notes: [claimOfRun('7')] })
    expect(log).toEqual(['get CHG0030001'])
  })

  it('that others forged do not count where the journal tells', async () => {
    instance = startInstance({ api, readableJournal: true })
    const { sysId } = instance.plant(READY, [BEFORE])
    instance.set({ sysId }, { work_notes: claimOfRun('7') })
    const waited = await lookOnce(contextOn(instance), { sysId, policy: POLICY, own: OWN })
    expect(waited.outcome).toBe('approved')
  })

  it('cannot be told without the notes: that is said', async () => {
    instance = startInstance({ api, unreadableFields: ['work_notes'] })
    const { outcome, context } = await look(READY)
    expect(outcome).toBe('approved')
    expect(context.told('claims-not-read')).toHaveLength(1)
  })
})

it('what is known of a change is not gathered again while it stays as it is', async () => {
  instance = startInstance({ api: 'table' })
  const { sysId } = instance.plant({
    ...READY,
    start_date: '2026-11-21 12:10:00',
    correlation_display: BOUND
  })
  instance.forget()
  await waitForApproval(contextOn(instance), {
    sysId,
    policy: POLICY,
    own: OWN,
    timeoutMs: 1_200_000,
    intervalMs: 60_000
  })
  // Which account asks, and that the instance knows.
  expect(instance.log.filter(line => line.startsWith('find'))).toHaveLength(2)
})
