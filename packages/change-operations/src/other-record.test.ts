/** Responses about another record than the one that was asked for: a gateway mixes them up. */
import { beforeEach, describe, expect, it } from '@jest/globals'
import { moveTo } from './move.ts'
import { findNamed } from './named-change.ts'
import { contextOn, problemOf } from './testing/context.ts'
import { APIS, startInstance, type TestInstance } from './testing/instance.ts'
import type { RequestKind } from './testing/requests.ts'
import { isKind } from './testing/responses.ts'
import { waitForApproval } from './wait/wait.ts'

const POLICY = {
  proceedStates: ['scheduled'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false,
  commit: undefined
} as const
let instance: TestInstance

/** The first so many requests of a kind are responded to with what a read of the other change returned. */
async function mixUp(kind: RequestKind, other: { readonly sysId: string }, times: number): Promise<void> {
  let text = ''
  instance.transport.edit(response => {
    text = response.text
    return response
  })
  await contextOn(instance).client.changes.get(other.sysId)
  instance.forget()
  let left = times
  instance.transport.edit((response, request) => {
    if (left === 0 || !isKind(request, kind)) return response
    left -= 1
    return { ...response, status: 200, text }
  })
}

describe.each(APIS)('a response about another change (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  const waiting = () => instance.add({ state: '-4', approval: 'requested' })
  const approved = () => instance.plant({ state: '-2', approval: 'approved' })

  it('never opens a gate: the wait goes on', async () => {
    const change = await waiting()
    await mixUp('get', approved(), 2)
    const context = contextOn(instance)
    const wait = { sysId: change.sysId, policy: POLICY, timeoutMs: 5_000, intervalMs: 1_000 }
    const { outcome } = await waitForApproval(context, wait as never)
    expect(outcome).toBe('timeout')
    expect(context.told('poll-failed')).toMatchObject([{ problem: { code: 'other-record' } }])
  })

  it('for ever ends the wait with a time-out that says so', async () => {
    const change = await waiting()
    await mixUp('get', approved(), Number.POSITIVE_INFINITY)
    const wait = { sysId: change.sysId, policy: POLICY, timeoutMs: 5_000, intervalMs: 1_000 }
    const waited = await waitForApproval(contextOn(instance), wait as never)
    expect(waited).toMatchObject({ problem: { code: 'other-record' } })
    expect(waited.outcome).not.toBe('approved')
  })

  it('to a read is read again', async () => {
    const change = await waiting()
    await mixUp('get', approved(), 2)
    expect(await findNamed(contextOn(instance), { sysId: change.sysId })).toMatchObject({
      number: change.number
    })
  })

  it('to every read is an error, and nothing is written', async () => {
    const change = await waiting()
    const other = approved()
    await mixUp('get', other, Number.POSITIVE_INFINITY)
    const { facts, committed } = await problemOf(
      findNamed(contextOn(instance), { sysId: change.sysId }),
      'other-record'
    )
    expect(facts).toMatchObject({ asked: change.sysId, got: `${other.number} (${other.sysId})` })
    expect(committed).toBe('no')
    expect(instance.writes).toEqual([])
  })

  it('to a move is checked, and the move is not sent again', async () => {
    const change = await instance.add({ state: '-1', approval: 'approved' })
    await mixUp('update', approved(), 1)
    const moved = await moveTo(contextOn(instance), { change, target: 'review' })
    expect(moved.change).toMatchObject({ sysId: change.sysId, state: '0' })
    expect(instance.writes).toEqual(['update CHG0030001 state=0'])
  })

  it('to a move that was not carried out is an error that says it may have been', async () => {
    const change = await instance.add({ state: '-1', approval: 'approved' })
    await mixUp('update', approved(), 1)
    instance.fail('update', { kind: 'silent-no-op' })
    const { committed, retry } = await problemOf(
      moveTo(contextOn(instance), { change, target: 'review' }),
      'other-record'
    )
    expect({ committed, temporary: retry.temporary }).toEqual({ committed: 'maybe', temporary: false })
    expect(instance.writes).toEqual(['update CHG0030001 state=0'])
  })

  it('to the closing of a task is checked, and the task is not closed again', async () => {
    const change = await instance.add({ state: '-1', approval: 'approved' })
    instance.addTask(change)
    await mixUp('task', approved(), 1)
    const closing = { close_code: 'successful', close_notes: 'fine' }
    const move = { change, target: 'closed', tasks: 'close', closing } as const
    expect((await moveTo(contextOn(instance), move)).change.state).toBe('3')
    expect(instance.writes.filter(line => line.startsWith('task'))).toHaveLength(1)
  })
})

describe.each(APIS)('a write whose response shows nothing (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['an empty object', '{}', 200],
    ['an empty result', '{"result":{}}', 200],
    ['no body', '', 200],
    ['no content', '', 204]
  ])('%s: the change is read, and the move counts', async (_, text, status) => {
    const change = await instance.add({ state: '-1', approval: 'approved' })
    instance.transport.edit((response, request) =>
      isKind(request, 'update') ? { ...response, text, status } : response
    )
    const moved = await moveTo(contextOn(instance), { change, target: 'review' })
    expect(moved.change.state).toBe('0')
    expect(instance.log).toEqual(['update CHG0030001 state=0', 'get CHG0030001'])
  })

  it('and whose change cannot be read says that it may have been carried out', async () => {
    const change = await instance.add({ state: '-1', approval: 'approved' })
    instance.transport.edit((response, request) =>
      isKind(request, 'update') ? { ...response, text: '{}' } : response
    )
    instance.fail('get', { kind: 'acl', times: 9 })
    const { committed } = await problemOf(moveTo(contextOn(instance), { change, target: 'review' }), 'role')
    expect(committed).toBe('maybe')
  })
})
