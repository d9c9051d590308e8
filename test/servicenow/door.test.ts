/** The door of the companion application: what it takes, what it refuses, and that it takes it once. */

import type { Sandbox } from '@change-actions/sandbox'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import {
  BINDING,
  changesOf,
  deliver,
  delivery,
  FLOW,
  flowsOver,
  messageOf,
  setProperty,
  startCompanion
} from './kit.ts'

// Each script runs in a thread of its own, which takes a second on a busy machine.
jest.setTimeout(30_000)

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startCompanion()
})
afterEach(() => sandbox.stop())

const log = () => sandbox.rows('x_chgact_delivery')
const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

describe('POST flows', () => {
  it('starts the subflow, which makes the change with both correlation fields as sent and requests approval', async () => {
    const data = { short_description: 'Deploy 1.2.3', evidence: '12 tests passed' }
    const reply = await deliver(sandbox, messageOf('flow', FLOW, { data }))
    expect(reply.status).toBe(202)
    expect(reply.result).toMatchObject({ delivery: 'd-1', accepted: true, duplicate: false, error: '' })
    expect(reply.result.execution_id).toMatch(/^[0-9a-f]{32}$/)
    await flowsOver(sandbox)
    const { status, result } = await delivery(sandbox, 'd-1')
    const [change] = changesOf(sandbox)
    expect(status).toBe(200)
    expect(result).toMatchObject({
      state: 'complete',
      execution_id: reply.result.execution_id,
      change: { sys_id: change?.sys_id, number: change?.number },
      outputs: { change_sys_id: change?.sys_id, change_number: change?.number }
    })
    expect(change).toMatchObject({
      correlation_id: 'gha-1',
      correlation_display: BINDING,
      short_description: 'Deploy 1.2.3',
      sys_created_by: 'gha.deployer',
      approval: 'requested'
    })
    expect(sandbox.attachments(change?.sys_id ?? '').map(one => one.name)).toEqual(['deployment-1001.txt'])
  })

  it('takes a delivery once, also of requests at the same time', async () => {
    const body = messageOf('flow', FLOW)
    const replies = await Promise.all([1, 2, 3].map(() => deliver(sandbox, body)))
    expect(replies.map(one => one.status).sort()).toEqual([200, 200, 202])
    expect(replies.filter(one => one.result.duplicate)).toHaveLength(2)
    await flowsOver(sandbox)
    expect((await deliver(sandbox, body)).result).toMatchObject({ duplicate: true, state: 'complete' })
    expect(changesOf(sandbox)).toHaveLength(1)
    expect(log()).toHaveLength(1)
  })

  it.each([
    ['a wrong signature', 401, 'Wrong signature', {}, { secret: 'other' }],
    [
      'no signature',
      401,
      'Wrong signature',
      {},
      { headers: { 'X-Change-Actions-Signature-256': undefined } }
    ],
    ['a flow that is not allowed', 403, 'not allowed', { flow: 'global.delete_all' }, {}],
    ['a message that is too old', 409, 'too old', { at: at(-301) }, {}],
    ['a message from the future', 409, 'future', { at: at(3000) }, {}],
    ['another id in the header', 400, 'not valid', {}, { headers: { 'X-Change-Actions-Delivery': 'd-2' } }],
    ['no JSON', 400, 'not valid', {}, { text: 'flow=1' }],
    ['another version', 400, 'not valid', { version: 2 }, {}],
    ['a time without a zone', 400, 'not valid', { at: '2026-11-28 12:00:00' }, {}],
    ['a correlation that would be cut', 400, 'not valid', { correlation_display: 'g'.repeat(101) }, {}],
    ['data that names the binding', 400, 'not valid', { data: { correlation_display: 'x' } }, {}],
    ['data with a name that is no input', 400, 'not valid', { data: { 'a-b': 1 } }, {}],
    ['other characters than ASCII', 400, 'not ASCII', { environment: 'Prüfung' }, {}],
    ['a message that is too long', 413, 'too long', { data: { a: 'x'.repeat(70_000) } }, {}]
  ])('refuses %s, and does nothing', async (_, status, message, over, sending) => {
    const reply = await deliver(sandbox, messageOf('flow', FLOW, over), sending)
    expect(reply.status).toBe(status)
    expect(reply.error?.message).toContain(message)
    expect(reply.error?.detail).not.toBe('')
    expect(log()).toEqual([])
    expect(changesOf(sandbox)).toEqual([])
  })

  it('refuses every message while the instance has no secret, and an account without the role', async () => {
    setProperty(sandbox, 'signing_secret', '')
    const reply = await deliver(sandbox, messageOf('flow', FLOW), { secret: ' ' })
    expect([reply.status, reply.error?.message]).toEqual([401, 'No signing secret'])
    expect((await deliver(sandbox, messageOf('flow', FLOW), { account: 'gha.reader' })).status).toBe(403)
    expect((await delivery(sandbox, 'd-1', 'gha.reader')).status).toBe(403)
  })

  it('says that an allowed flow does not exist, and takes the delivery again when it does', async () => {
    setProperty(sandbox, 'flows', `global.missing, ${FLOW}`)
    const body = messageOf('flow', 'global.missing')
    const first = await deliver(sandbox, body)
    expect(first.result).toMatchObject({ state: 'error', execution_id: '', duplicate: false })
    expect(first.result.error).toContain('global.missing')
    expect((await deliver(sandbox, body)).result).toMatchObject({ duplicate: false, state: 'error' })
  })

  it('takes a delivery again whose execution ended in an error, but not for the same message', async () => {
    const wrong = messageOf('flow', FLOW, { data: { assignment_group: 'Operations' }, at: at(-5) })
    await deliver(sandbox, wrong)
    await flowsOver(sandbox)
    const failed = await delivery(sandbox, 'd-1')
    expect(failed.result.state).toBe('error')
    expect(failed.result.error).toContain('2 active groups have the name Operations')
    // A retry or a replay of that message.
    expect((await deliver(sandbox, wrong)).result).toMatchObject({ duplicate: true, state: 'error' })
    const again = await deliver(sandbox, messageOf('flow', FLOW, { run_attempt: '2' }))
    expect([again.status, again.result.duplicate]).toEqual([202, false])
    await flowsOver(sandbox)
    expect((await delivery(sandbox, 'd-1')).result.state).toBe('complete')
    // The first message comes late: it starts nothing.
    expect((await deliver(sandbox, wrong)).result).toMatchObject({ duplicate: true, state: 'complete' })
    expect(changesOf(sandbox)).toHaveLength(1)
    expect(log().map(row => row.taking)).toEqual(['1', '2'])
  })

  it('takes a cancelled one again, and the change of the first execution further', async () => {
    await deliver(sandbox, messageOf('flow', FLOW, { at: at(-5) }))
    await flowsOver(sandbox)
    const [row] = log()
    sandbox.set('sys_flow_context', row?.execution ?? '', { state: 'CANCELLED' })
    expect((await delivery(sandbox, 'd-1')).result.state).toBe('canceled')
    expect((await deliver(sandbox, messageOf('flow', FLOW))).status).toBe(202)
    await flowsOver(sandbox)
    expect((await delivery(sandbox, 'd-1')).result.state).toBe('complete')
    expect(changesOf(sandbox)).toHaveLength(1)
  })

  it('refuses an id that stands for something else', async () => {
    await deliver(sandbox, messageOf('flow', FLOW))
    const reply = await deliver(sandbox, messageOf('event', 'deployment.started'))
    expect([reply.status, reply.error?.message]).toEqual([400, 'The delivery id was used before'])
  })
})

describe('GET deliveries', () => {
  it('does not know what was not taken', async () => {
    const reply = await delivery(sandbox, 'unknown')
    expect([reply.status, reply.error?.message]).toEqual([404, 'No such delivery'])
  })

  it('does not call an execution over that cannot be found', async () => {
    await deliver(sandbox, messageOf('flow', FLOW))
    await flowsOver(sandbox)
    const [row] = log()
    sandbox.set('x_chgact_delivery', row?.sys_id ?? '', { execution: 'f'.repeat(32), state: 'in_progress' })
    const { result } = await delivery(sandbox, 'd-1')
    expect(result.state).toBe('in_progress')
    expect(result.error).toContain('cannot be found')
  })

  it('says that a start was lost, so that it is taken again', async () => {
    await deliver(sandbox, messageOf('flow', FLOW))
    await flowsOver(sandbox)
    const [row] = log()
    const values = { execution: '', state: 'starting', sys_created_on: '2026-01-01 00:00:00' }
    sandbox.set('x_chgact_delivery', row?.sys_id ?? '', values)
    expect((await deliver(sandbox, messageOf('flow', FLOW))).result.duplicate).toBe(false)
    expect(log()).toHaveLength(2)
    expect(changesOf(sandbox)).toHaveLength(1)
  })
})

describe('POST events', () => {
  const failed = (over = {}) =>
    messageOf('event', 'deployment.failed', { data: { assignment_group: 'DevOps Team' }, ...over })

  it('keeps an event that starts nothing', async () => {
    const reply = await deliver(sandbox, messageOf('event', 'deployment.started'))
    expect([reply.status, reply.result.state, reply.result.execution_id]).toEqual([202, 'complete', ''])
    expect(log()[0]).toMatchObject({ kind: 'event', name: 'deployment.started', repository: 'acme/shop' })
    expect(sandbox.rows('sys_flow_context')).toEqual([])
  })

  it('starts what is mapped to it, once: here the manager is told', async () => {
    const group = sandbox.rows('sys_user_group').find(row => row.name === 'DevOps Team')
    const manager = sandbox.rows('sys_user').find(row => row.user_name === 'dora.devops')
    sandbox.set('sys_user_group', group?.sys_id ?? '', { manager: manager?.sys_id ?? '' })
    await Promise.all([deliver(sandbox, failed()), deliver(sandbox, failed())])
    await flowsOver(sandbox)
    expect((await delivery(sandbox, 'd-1')).result.outputs).toEqual({ notified: 'dora.devops' })
    const told = sandbox.rows('sysevent').filter(row => row.name === 'x_chgact.notify')
    expect(told.map(row => [row.parm1, row.parm2])).toEqual([
      [manager?.sys_id, 'deployment.failed: acme/shop to production, run 1001']
    ])
  })

  it('does not start it again after an error', async () => {
    await deliver(sandbox, failed({ at: at(-5) }))
    await flowsOver(sandbox)
    expect((await delivery(sandbox, 'd-1')).result.error).toContain('no active manager')
    expect((await deliver(sandbox, failed())).result.duplicate).toBe(true)
    expect(sandbox.rows('sys_flow_context')).toHaveLength(1)
  })

  it('updates the version of the configuration item', async () => {
    const data = { configuration_item: 'legacy-web', version: '1.2.3', field: 'serial_number' }
    // A fact with a name that no input has is in `data`, and the facts of the message stand.
    const facts = { data: { ...data, 'release-notes': 'none', repository: 'other' }, delivery: 'a:b.c' }
    await deliver(sandbox, messageOf('event', 'deployment.succeeded', facts))
    await flowsOver(sandbox)
    expect((await delivery(sandbox, 'a:b.c')).result.state).toBe('complete')
    expect(JSON.parse(sandbox.rows('sys_flow_context')[0]?.inputs ?? '')).toMatchObject({
      event: 'deployment.succeeded',
      repository: 'acme/shop',
      version: '1.2.3'
    })
    expect(sandbox.rows('cmdb_ci').find(row => row.name === 'legacy-web')?.serial_number).toBe('1.2.3')
    const ambiguous = { data: { ...data, configuration_item: 'payments-db' }, delivery: 'd-2' }
    await deliver(sandbox, messageOf('event', 'deployment.succeeded', ambiguous))
    await flowsOver(sandbox)
    expect((await delivery(sandbox, 'd-2')).result.error).toContain('2 items are called payments-db')
  })
})
