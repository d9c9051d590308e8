import { beforeEach, describe, expect, it } from '@jest/globals'
import { oldestFirst } from '../change-order.ts'
import { problemOf } from '../testing/context.ts'
import { createOn } from '../testing/creation.ts'
import { APIS, momentAt, startInstance, type TestInstance } from '../testing/instance.ts'
import type { CreateRequest } from './request.ts'

const OURS = { correlation_id: 'gha-1', short_description: 'Deploy shop' }
const SUBMITTED = { ...OURS, state: '-4', approval: 'requested' }
let instance: TestInstance

const create = (more: Partial<CreateRequest> = {}) => createOn(instance, more)
const changes = () => instance.sandbox.rows('change_request')

describe.each(APIS)('of several open changes (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('the oldest counts, and drafts among the others are canceled', async () => {
    instance.plant({ ...OURS, sys_created_on: momentAt(5_000) })
    instance.plant(OURS)
    const { change, context } = await create()
    expect(change?.number).toBe('CHG0030002')
    expect(instance.stored('CHG0030001').state).toBe('4')
    expect(context.told('duplicate-canceled')).toMatchObject([
      { duplicate: { number: 'CHG0030001' }, kept: { number: 'CHG0030002' } }
    ])
  })

  it('one whose approval was requested counts before an older draft', async () => {
    instance.plant(OURS)
    instance.plant({ ...SUBMITTED, sys_created_on: momentAt(5_000) })
    expect((await create()).change?.number).toBe('CHG0030002')
    expect(instance.stored('CHG0030001').state).toBe('4')
  })

  it('a draft that its own job may still be at work on gets no note, an older one does', async () => {
    instance.plant({ ...OURS, sys_created_on: momentAt(-20_000) })
    instance.plant({ ...OURS, sys_created_on: momentAt(-10_000) })
    instance.plant(SUBMITTED)
    expect((await create()).change?.number).toBe('CHG0030003')
    expect(instance.writes).toEqual([
      'update CHG0030001 state=4 work_notes=Canceled: CHG0030003 is the change of this deployment.',
      'update CHG0030002 state=4'
    ])
  })

  it('one that was submitted since the list was read is left alone', async () => {
    instance.plant(SUBMITTED)
    const other = instance.plant(OURS)
    instance.after('find', () => instance.set(other, { state: '-4', approval: 'requested' }))
    const { context } = await create()
    expect(context.told('duplicate-canceled')).toEqual([])
    expect(instance.writes).toEqual([])
  })

  it('one that cannot be canceled is an error, after a second request', async () => {
    instance.plant(SUBMITTED)
    instance.plant(OURS)
    instance.fail('update', { kind: 'silent-no-op', times: 2 })
    expect(await problemOf(create(), 'not-canceled')).toMatchObject({ subject: { number: 'CHG0030002' } })
    expect(instance.writes).toEqual(['update CHG0030002 state=4', 'update CHG0030002 state=4'])
  })

  it('age is creation time, then number, and CHG999 comes before CHG1000', async () => {
    const base = await instance.add()
    const change = (number: string, createdAt: string) => ({ ...base, number, createdAt })
    const sorted = oldestFirst([
      change('CHG1000', '2026-11-21 12:00:00'),
      change('CHG999', '2026-11-21 12:00:00'),
      change('CHG0001', '2026-11-21 12:00:01')
    ])
    expect(sorted.map(one => one.number)).toEqual(['CHG999', 'CHG1000', 'CHG0001'])
  })
})

describe.each(APIS)('when other jobs create at the same time (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })
  /** Another job creates its draft just after ours; its clock says so many milliseconds later or earlier. */
  const rival = (ms: number, more: Record<string, string> = {}) =>
    instance.after('create', () => void instance.plant({ ...OURS, ...more, sys_created_on: momentAt(ms) }))

  it('a newer duplicate is canceled, and ours goes on', async () => {
    rival(1_000)
    expect((await create()).change).toMatchObject({ number: 'CHG0030001', state: '-4' })
    expect(instance.stored('CHG0030002').state).toBe('4')
  })

  it('the job with the younger draft cancels it and goes on with the older one', async () => {
    rival(-1_000)
    const { change, created, attached, context } = await create()
    expect(change).toMatchObject({ number: 'CHG0030002', state: '-4' })
    expect({ created, attached }).toEqual({ created: false, attached: ['CHG0030001', 'CHG0030002'] })
    expect(instance.stored('CHG0030001').state).toBe('4')
    expect(context.told('own-draft-canceled')).toMatchObject([
      { draft: { number: 'CHG0030001' }, kept: { number: 'CHG0030002' } }
    ])
  })

  it('the job with the younger draft does not go on with an older one that is something else', async () => {
    rival(-1_000, { type: 'emergency' })
    expect((await problemOf(create(), 'differs')).subject?.number).toBe('CHG0030002')
    expect(instance.stored('CHG0030001').state).toBe('4')
    expect(instance.stored('CHG0030002').state).toBe('-5')
  })

  it('a draft that another job cancels is made anew, and not for ever', async () => {
    let cancels = 1
    instance.after('create', () => {
      const { sys_id: sysId = '' } = changes().at(-1) ?? {}
      if (cancels-- > 0) instance.set({ sysId }, { state: '4' })
    })
    expect((await create()).change).toMatchObject({ number: 'CHG0030002', state: '-4' })
    cancels = 99
    expect((await problemOf(create({ correlationId: 'gha-2' }), 'interference')).subject).toBeUndefined()
    expect(changes()).toHaveLength(2 + 3)
  })

  it('a draft that another job cancels while it is submitted is made anew, however the instance refuses', async () => {
    // Without its own rule against it the instance ignores a move of a canceled change.
    instance = startInstance({ api, laxStates: true })
    let canceled = 0
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Canceled in this moment',
      run: ({ before, after }) => {
        if (before?.state === '4') return { state: '4' }
        if (after.state !== '-4' || canceled > 1) return undefined
        canceled += 1
        if (canceled === 2) return { state: '4' }
        instance.set({ sysId: after.sys_id }, { state: '4' })
        throw new Error('it is canceled')
      }
    })
    const { change, created } = await create()
    expect({ number: change?.number, state: change?.state, created }).toEqual({
      number: 'CHG0030003',
      state: '-4',
      created: true
    })
  })

  it('a draft that is refused and still there is that error', async () => {
    instance.fail('update', { kind: 'business-rule' })
    const { facts } = await problemOf(create(), 'business-rule')
    expect(facts).toMatchObject({ transition: { next: 'assess' } })
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })

  it('a draft whose submission meets an outage is not taken for lost, even when it is canceled', async () => {
    instance.fail('update', { kind: 'unavailable', times: 5 })
    instance.after('update', () => {
      const [draft] = changes()
      instance.set({ sysId: draft?.sys_id ?? '' }, { state: '4' })
    })
    await problemOf(create(), 'unavailable')
    expect(changes()).toHaveLength(1)
  })

  it('of three jobs one makes the change, and all go on with it', async () => {
    instance = startInstance({ api, approvalDelayMs: 3_600_000 })
    const jobs = await Promise.all([create(), create(), create()])
    expect(new Set(jobs.map(job => job.change?.number)).size).toBe(1)
    expect(
      changes()
        .map(row => row.state)
        .sort()
    ).toEqual(['-4', '4', '4'])
    expect(jobs.filter(job => job.created)).toHaveLength(1)
  })
})
