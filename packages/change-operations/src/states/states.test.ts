import { SHIPPED_STATES, type StateMap, stateMap, stateText } from '@change-actions/change-control'
import { Query } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import { cancelDraft, openChangesOf } from '../create/duplicates.ts'
import { moveTo } from '../move.ts'
import { contextOn, problemOf } from '../testing/context.ts'
import { createOn } from '../testing/creation.ts'
import { BOUND, IDENTITY } from '../testing/deployment.ts'
import { APIS, type Api, type InstanceOptions, startInstance } from '../testing/instance.ts'
import { LEGACY, MODEL, SHORT } from '../testing/life-cycles.ts'
import { waitForApproval } from '../wait/wait.ts'

const APPROVED = { approval: 'approved' }
const CLOSING = { close_code: 'successful', close_notes: 'fine' }
const POLICY = {
  proceedStates: ['scheduled', 'implement'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: false,
  allowNewCommit: false
}

/** The writes of moves, without what goes out with them. */
const moves = (writes: readonly string[]) =>
  writes.flatMap(line => /^update \S+ state=(\S+)/.exec(line)?.[1] ?? [])

function world(api: Api, options: InstanceOptions, states: StateMap) {
  const instance = startInstance({ api, ...options })
  const context = contextOn(instance, { states })
  const add = async (fields: Record<string, string>) =>
    context.client.changes.get(instance.plant(fields).sysId)
  return { instance, context, add }
}

describe.each(APIS)('a change model with states of its own (%s)', api => {
  const start = () => world(api, MODEL.options, MODEL.states)

  it('has a change made, submitted, approved, implemented and closed', async () => {
    const { instance, context } = start()
    const { change, created } = await createOn(instance, {}, {}, false, MODEL.states)
    expect(created).toBe(true)
    expect(stateText(change as NonNullable<typeof change>)).toBe('assess')
    const sysId = change?.sysId ?? ''
    instance.clock.advance(1_000)
    instance.sandbox.approve(sysId)
    expect(instance.stored(sysId).state).toBe('12')
    const waited = await waitForApproval(context, { sysId, policy: POLICY, timeoutMs: 0, intervalMs: 1_000 })
    expect(waited).toMatchObject({
      outcome: 'approved',
      change: { state: '-2', stateLabel: 'Ready to deploy' }
    })
    const scheduled = waited.change as NonNullable<typeof waited.change>
    const moved = await moveTo(context, { change: scheduled, target: 'closed', closing: CLOSING })
    expect(moved.transitions).toEqual(['implement', 'review', 'closed'])
    expect(instance.stored(sysId)).toMatchObject({ state: '3', ...CLOSING })
    // The Table API does not tell the moves: there Draft is found to be no state to submit from.
    const submitted = api === 'table' ? ['-4', '-5', '-4'] : ['-5', '-4']
    const reviewed = api === 'table' ? ['-1', '10', '3', '0', '3'] : ['-1', '10', '0', '3']
    const made = [...new Set(moves(instance.writes).join(' ').split(' '))]
    expect(made).toEqual([...new Set([...submitted, ...reviewed])])
  })

  it('has its drafts found again, and canceled, and what has ended left out', async () => {
    const { instance, context, add } = start()
    const own = { correlation_id: 'gha-1', correlation_display: BOUND, short_description: 'Deploy shop' }
    for (const state of ['10', '0', '3', '4']) await add({ ...own, state })
    const draft = await add({ ...own, state: '-6' })
    expect(
      (await openChangesOf(context, { correlationId: 'gha-1', identity: IDENTITY })).map(one => one.number)
    ).toEqual([draft.number])
    expect(await createOn(instance, {}, {}, true, MODEL.states)).toMatchObject({
      created: false,
      change: { number: draft.number }
    })
    await cancelDraft(context, draft, 'not needed')
    expect(instance.stored(draft).state).toBe('4')
  })

  it('has a mapped label asked for by its value, and every row counted by what its state is', async () => {
    const { instance, context, add } = start()
    const ready = await add({ state: '12', ...APPROVED })
    await add({ state: '-1' })
    instance.forget()
    const scheduled = await context.client.changes.find(new Query().in('state', ['-2', '0']), 'looking')
    expect(scheduled.map(one => one.sysId)).toEqual([ready.sysId])
    expect(instance.log.at(-1)).toBe('find stateIN12,-2,10,0')
  })

  it('is asked for more where the value of a label is not known, and rows are left out then', async () => {
    const narrow = world(api, { ...MODEL.options, user: 'gha.narrow' }, MODEL.states)
    const ready = await narrow.add({ state: '12', ...APPROVED })
    await narrow.add({ state: '-1' })
    const find = (query: Query) => narrow.context.client.changes.find(query, 'looking')
    expect((await find(new Query().is('state', '-2'))).map(one => one.sysId)).toEqual([ready.sysId])
    expect(await find(new Query().isNot('state', '-2').isNot('state', '-1'))).toEqual([])
  })

  it('names the way where a state between two is not mapped', async () => {
    const { context, add } = world(
      api,
      MODEL.options,
      stateMap([{ state: 'ready to deploy', name: 'scheduled' }])
    )
    const change = await add({ state: '-1', ...APPROVED })
    const moving = moveTo(context, { change, target: 'closed', closing: CLOSING })
    if (api === 'table') await problemOf(moving, 'business-rule')
    else
      expect((await problemOf(moving, 'no-such-move')).facts).toMatchObject({
        next: 'review',
        state: 'Implement',
        kind: 'moves',
        known: ['Verify', 'Canceled']
      })
  })
})

describe.each(APIS)('a change model without Assess and Review (%s)', api => {
  it('has a change submitted to Authorize and closed from Implement, without a map on the API that tells', async () => {
    const states = api === 'table' ? stateMap([{ state: '-5', name: 'new' }]) : SHIPPED_STATES
    const { instance, context, add } = world(api, { lifeCycle: SHORT }, states)
    const { change } = await createOn(instance, {}, {}, false, states)
    expect(stateText(change as NonNullable<typeof change>)).toBe('authorize')
    const approved = await add({ state: '-2', ...APPROVED })
    const moved = await moveTo(context, { change: approved, target: 'closed', closing: CLOSING })
    expect(moved.transitions).toEqual(['implement', 'closed'])
  })

  it('never has a change moved past its approval', async () => {
    const { instance, context, add } = world(
      api,
      { lifeCycle: SHORT },
      stateMap([{ state: '-5', name: 'new' }])
    )
    const change = await add({ state: '-5' })
    await problemOf(moveTo(context, { change, target: 'implement' }), 'needs-approval')
    await problemOf(moveTo(context, { change, target: 'scheduled' }), 'cannot-move')
    expect(instance.writes).toEqual([])
  })
})

describe.each(APIS)('an instance from before the state model (%s)', api => {
  const start = () => world(api, LEGACY.options, LEGACY.states)

  it('has a change made, approved while it is Open, and closed', async () => {
    const { instance, context } = start()
    const { change } = await createOn(instance, {}, {}, false, LEGACY.states)
    const sysId = change?.sysId ?? ''
    const wait = () => waitForApproval(context, { sysId, policy: POLICY, timeoutMs: 0, intervalMs: 1_000 })
    expect(await wait()).toMatchObject({ outcome: 'timeout', reason: { code: 'waiting-for-approval' } })
    instance.clock.advance(1_000)
    instance.sandbox.approve(sysId)
    const { change: approved, outcome } = await wait()
    expect(outcome).toBe('approved')
    const moved = await moveTo(context, {
      change: approved as NonNullable<typeof approved>,
      target: 'closed',
      closing: CLOSING
    })
    expect(moved.transitions).toEqual(['implement', 'closed'])
    expect(moves(instance.writes)).toEqual(['2', '3'])
  })

  it('has the draft of a job canceled that was not the first, though it is Open as every change', async () => {
    const { instance } = start()
    let planted: string | undefined
    instance.after('create', () => {
      const fields = { state: '1', correlation_id: 'gha-1', sys_created_on: '2026-11-21 11:59:58' }
      planted ??= instance.plant({ short_description: 'Deploy shop', ...fields }).number
    })
    const { change, created } = await createOn(instance, {}, {}, false, LEGACY.states)
    expect([created, change?.number]).toEqual([false, planted])
    expect(instance.stored('CHG0030001').state).toBe('4')
  })

  it('is not sent a state that it does not have', async () => {
    const { instance, context, add } = world(api, LEGACY.options, stateMap([{ state: 'open', name: 'new' }]))
    const change = await add({ state: '1' })
    const { facts } = await problemOf(moveTo(context, { change, target: 'assess' }), 'no-such-move')
    expect(facts).toMatchObject({ next: 'assess', state: 'Open', wanted: ['-4'] })
    expect(instance.writes).toEqual([])
  })
})

it('a label whose value the instance does not tell cannot be written', async () => {
  const states = stateMap([{ state: 'Work in Progress', name: 'implement' }])
  const { instance, context, add } = world('table', { ...LEGACY.options, user: 'gha.narrow' }, states)
  const change = { ...(await add({ state: '1', ...APPROVED })), state: '-2' }
  const { facts } = await problemOf(moveTo(context, { change, target: 'implement' }), 'state-without-value')
  expect(facts).toEqual({ next: 'implement', label: 'Work in Progress' })
  expect(instance.writes).toEqual([])
})
