import { createHmac } from 'node:crypto'
import type { DoorName } from '@change-actions/change-control'
import type { LoadedScripts } from '@change-actions/sandbox'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { companionScripts, DOOR, FLOWS, SIGNING_SECRET, TRIGGER } from '../testing/companion.ts'
import { contextOn, rejectionOf } from '../testing/context.ts'
import {
  FIRST_MOMENT,
  type InstanceOptions,
  LOST,
  startInstance,
  type TestInstance
} from '../testing/instance.ts'
import { EVENT } from '../testing/messages.ts'
import { bodyOf, type Door, deliver, isDoorProblem, type Message, openDoor } from './index.ts'

let scripts: LoadedScripts
beforeAll(async () => {
  scripts = await companionScripts()
})

const ENDPOINTS: Readonly<Record<DoorName, string>> = {
  companion: DOOR,
  'rest-trigger': TRIGGER,
  'event-management': '/api/global/em/jsonv2',
  'import-set': '/api/now/import/u_deployment_event'
}
const NAMES = Object.keys(ENDPOINTS) as DoorName[]
const door = (name: DoorName, more: { endpoint?: string; secret?: string } = {}): Door =>
  openDoor(name, { endpoint: ENDPOINTS[name], secret: SIGNING_SECRET, ...more })

const start = (options: InstanceOptions = {}) => startInstance({ scripts, ...options })
const requestsAt = ({ sandbox }: TestInstance, path: string) =>
  sandbox.requests.filter(one => one.path.startsWith(path))
const send = (instance: TestInstance, to: Door, message: Message = EVENT) =>
  deliver(contextOn(instance), to, message)

/** Code and facts of what a delivery is refused with. */
async function refusal(sending: Promise<unknown>) {
  const error = await rejectionOf(sending)
  if (!isDoorProblem(error)) throw error
  return { code: error.code, ...error.facts } as Record<string, unknown>
}

describe('a message', () => {
  it('is the documented JSON in ASCII', () => {
    const body = bodyOf(EVENT)
    expect([...body].every(one => one.charCodeAt(0) < 127)).toBe(true)
    expect(JSON.parse(body)).toEqual({
      version: 1,
      delivery: 'gha-event-1',
      event: 'deployment.failed',
      data: { note: 'Fünf', list: [1, 2] },
      repository: 'acme/shop',
      run_id: '1001',
      run_attempt: '2',
      commit: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
      environment: 'production',
      correlation_id: 'gha-1',
      correlation_display: expect.stringMatching(/^gha2 65dbbeda/),
      at: '2026-11-21T12:00:00.000Z'
    })
  })
})

describe('the companion', () => {
  it('takes what is signed, once', async () => {
    const instance = start()
    expect(await send(instance, door('companion'))).toMatchObject({ duplicate: false })
    expect(await send(instance, door('companion'))).toMatchObject({ duplicate: true })
    const rows = instance.sandbox.rows('x_chgact_delivery')
    expect(rows.map(row => [row.delivery, row.name])).toEqual([['gha-event-1', 'deployment.failed']])
    expect(requestsAt(instance, ENDPOINTS.companion)[0]?.json).toBe(bodyOf(EVENT))
  })

  it('is sent the same bytes again after a response that was lost', async () => {
    const instance = start()
    instance.sandbox.fault({ ...LOST, path: '/events' })
    expect(await send(instance, door('companion'))).toMatchObject({ duplicate: true })
    const sent = requestsAt(instance, ENDPOINTS.companion)
    expect(sent.map(one => one.json)).toEqual([bodyOf(EVENT), bodyOf(EVENT)])
    expect(instance.sandbox.rows('x_chgact_delivery')).toHaveLength(1)
  })

  it('may have taken what it never responded to', async () => {
    const instance = start({ maxRetries: 1 })
    instance.sandbox.fault({ ...LOST, path: '/events', times: 5 })
    expect(await refusal(send(instance, door('companion')))).toMatchObject({
      code: 'delivery-unclear',
      delivery: 'gha-event-1'
    })
  })

  it.each([
    ['door-signature', { secret: 'another' }, EVENT],
    ['door-missing', { endpoint: '/api/x_other/v1' }, EVENT],
    ['door-clock', {}, { ...EVENT, at: FIRST_MOMENT - 3_600_000 }],
    ['door-refused', {}, { ...EVENT, kind: 'flow', name: FLOWS.note, data: { 'No Name': 1 } }],
    ['flow-not-allowed', {}, { ...EVENT, kind: 'flow', name: FLOWS.notAllowed }]
  ] as const)('refuses with %s, and does nothing', async (code, place, message) => {
    const instance = start()
    const told = await refusal(send(instance, door('companion', place), message as Message))
    expect(told).toMatchObject({ code, door: 'companion', kind: message.kind })
    expect(instance.sandbox.rows('x_chgact_delivery')).toEqual([])
    expect(instance.sandbox.rows('sys_flow_context')).toEqual([])
  })

  it('is not the one that responds about another delivery', async () => {
    const instance = start()
    instance.transport.edit(response => ({
      ...response,
      text: response.text.replace('gha-event-1', 'gha-event-2')
    }))
    expect(await refusal(send(instance, door('companion')))).toMatchObject({ code: 'delivery-unclear' })
  })

  it('tells an account without its role from a flow that is not on the list', async () => {
    const told = await refusal(send(start({ user: 'gha.reader' }), door('companion')))
    expect(told).toMatchObject({ code: 'door-role', status: 403, door: 'companion' })
  })

  it('tells a wrong sign-in from a wrong signature', async () => {
    const credentials = { scheme: 'basic', username: 'gha.deployer', password: 'wrong' } as const
    const error = await rejectionOf(send(start({ credentials }), door('companion')))
    expect(error).toMatchObject({ code: 'credentials' })
  })
})

describe('every door', () => {
  it.each(NAMES)('%s: a page is no response', async name => {
    const instance = start()
    instance.transport.edit(response => ({
      ...response,
      headers: { 'content-type': 'text/html' },
      text: '<html><title>Gateway</title></html>'
    }))
    const told = await refusal(send(instance, door(name)))
    expect(told).toMatchObject({ code: 'door-page', message: expect.stringContaining('Gateway') })
  })

  it.each(NAMES.filter(name => name !== 'companion'))(
    '%s: a message whose response was lost is not sent again',
    async name => {
      const instance = start()
      instance.sandbox.fault({ ...LOST, path: ENDPOINTS[name] })
      const told = await refusal(send(instance, door(name)))
      expect(told).toMatchObject({ code: 'delivery-unclear', delivery: 'gha-event-1' })
      expect(requestsAt(instance, ENDPOINTS[name])).toHaveLength(1)
    }
  )

  it.each(NAMES)('%s: one that did not arrive is sent again', async name => {
    const instance = start()
    instance.transport.cut(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
    expect(await send(instance, door(name))).toBeDefined()
    expect(requestsAt(instance, ENDPOINTS[name])).toHaveLength(1)
  })

  it.each(NAMES)('%s: a dry run sends nothing', async name => {
    const instance = start()
    const context = contextOn(instance, { dryRun: true })
    expect(await deliver(context, door(name), EVENT)).toBeUndefined()
    expect(context.planned()).toEqual([
      { type: 'deliver', kind: 'event', name: 'deployment.failed', endpoint: ENDPOINTS[name] }
    ])
    expect(instance.sandbox.requests).toEqual([])
  })
})

describe('event-management', () => {
  it.each([
    ['deployment.failed', '3'],
    ['deployment.cancelled', '4'],
    ['deployment.succeeded', '0'],
    ['deployment.started', '5'],
    ['tests.done', '5']
  ])('%s has the severity %s', async (name, severity) => {
    const instance = start()
    await send(instance, door('event-management'), { ...EVENT, name })
    expect(instance.sandbox.rows('em_event')).toMatchObject([
      {
        severity,
        metric_name: name,
        message_key: 'acme/shop production 1001',
        time_of_event: '2026-11-21 12:00:00'
      }
    ])
    expect(JSON.parse(instance.sandbox.rows('em_event')[0]?.additional_info ?? '')).toMatchObject({
      delivery: 'gha-event-1',
      data: EVENT.data
    })
  })

  it('that is not installed, or not allowed, is told apart', async () => {
    const missing = start({ eventManagement: false })
    expect(await refusal(send(missing, door('event-management')))).toMatchObject({ code: 'door-missing' })
    const denied = start({ user: 'gha.reader' })
    expect(await refusal(send(denied, door('event-management')))).toMatchObject({ code: 'door-role' })
  })

  it('that stored nothing has not taken it; one that does not say is remarked on', async () => {
    const instance = start()
    instance.transport.edit(response => ({
      ...response,
      text: JSON.stringify({ result: { 'Default Bulk Endpoint': '0 events were inserted' } })
    }))
    expect(await refusal(send(instance, door('event-management')))).toMatchObject({ code: 'door-refused' })
    instance.transport.edit(response => ({ ...response, text: '{"result":{"queue":"ok"}}' }))
    expect(await send(instance, door('event-management'))).toMatchObject({
      remark: expect.stringContaining('does not say how many')
    })
  })
})

describe('import-set', () => {
  it('gets texts alone, and the row says what became of it', async () => {
    const instance = start()
    expect(await send(instance, door('import-set'))).toEqual({ duplicate: undefined, remark: undefined })
    expect(instance.sandbox.rows('u_deployment')).toMatchObject([
      { u_event: 'deployment.failed', u_version: '1', u_data: '{"note":"F\\u00fcnf","list":[1,2]}' }
    ])
    const nowhere = { ...EVENT, deployment: { ...EVENT.deployment, environment: '' } }
    expect(await refusal(send(instance, door('import-set'), nowhere))).toMatchObject({
      code: 'door-refused',
      message: expect.stringContaining('u_environment is mandatory')
    })
    expect(await send(instance, door('import-set'))).toMatchObject({
      remark: expect.stringContaining('ignored')
    })
    const other = door('import-set', { endpoint: '/api/now/import/u_other' })
    expect(await refusal(send(instance, other))).toMatchObject({ code: 'door-missing' })
  })
})

describe('rest-trigger', () => {
  it('gets the signature too, and names the execution', async () => {
    const instance = start()
    const headers: Record<string, string>[] = []
    instance.transport.edit((response, request) => {
      headers.push(request.headers as Record<string, string>)
      return response
    })
    const receipt = await send(instance, door('rest-trigger'))
    expect(receipt).toMatchObject({ duplicate: undefined, execution: { state: 'in_progress' } })
    const hmac = createHmac('sha256', SIGNING_SECRET).update(bodyOf(EVENT)).digest('hex')
    expect(headers[0]).toMatchObject({
      'X-Change-Actions-Delivery': 'gha-event-1',
      'X-Change-Actions-Signature-256': `sha256=${hmac}`
    })
    await send(instance, door('rest-trigger', { secret: undefined as unknown as string }))
    expect(headers[1]).not.toHaveProperty('X-Change-Actions-Signature-256')
  })
})

it('a rate limit is no refusal of a door', async () => {
  const instance = start()
  instance.sandbox.fault({ kind: 'rate-limited', path: '/events', times: 9 })
  expect(await rejectionOf(send(instance, door('companion')))).toMatchObject({ code: 'rate-limit' })
})
