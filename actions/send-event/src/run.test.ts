import { createHmac } from 'node:crypto'
import type { LoadedScripts } from '@change-actions/sandbox'
import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  companionScripts,
  SIGNING_SECRET,
  TRIGGER
} from '../../../packages/change-operations/src/testing/companion.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

let scripts: LoadedScripts
beforeAll(async () => {
  scripts = await companionScripts()
})

const SENT = { event: 'deployment.started', environment: 'production', data: 'version: v1.2.3' }
const SIGNED = { ...SENT, 'signing-secret': SIGNING_SECRET }
const withCompanion = (body: (world: World) => Promise<void>) => inWorld({ scripts }, body)
const bodyOf = ({ sandbox }: World) =>
  JSON.parse(sandbox.requests.find(one => one.path.endsWith('/events'))?.json ?? '')
const sent = (world: World) => world.sandbox.rows('x_chgact_delivery')

describe('an event for the companion', () => {
  it('is handed over once, however often its step retries', () =>
    withCompanion(async world => {
      world.sandbox.fault({ kind: 'reset', committed: true, path: '/events' })
      const step = await world.perform(definition, { inputs: SIGNED })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({
        accepted: 'true',
        duplicate: 'true',
        'delivery-id': expect.stringMatching(/^gha-[0-9a-f]{64}$/)
      })
      expect(JSON.parse(step.outputs.metrics ?? '')).toMatchObject({ result: 'accepted', request_errors: 1 })
      const [row] = sent(world)
      expect(sent(world)).toHaveLength(1)
      expect(row?.delivery).toBe(step.outputs['delivery-id'])
      expect(bodyOf(world)).toMatchObject({
        event: 'deployment.started',
        data: { version: 'v1.2.3' },
        environment: 'production',
        correlation_id: expect.stringMatching(/^gha-/)
      })
      expect(step.summary).toContain('deployment.started')
    }))

  it('is another one in another attempt, unless its delivery is named', () =>
    withCompanion(async world => {
      const attempt = (n: string, more = {}) =>
        world.perform(definition, { inputs: { ...SIGNED, ...more }, env: { GITHUB_RUN_ATTEMPT: n } })
      const [first, second] = [await attempt('1'), await attempt('2')]
      expect(second.outputs['delivery-id']).not.toBe(first.outputs['delivery-id'])
      const named = { 'delivery-id': 'release-7' }
      expect(
        [await attempt('1', named), await attempt('2', named)].map(one => one.outputs.duplicate)
      ).toEqual(['false', 'true'])
    }))

  it('shows the secret nowhere, and no secret is taken from another place than asked for', () =>
    withCompanion(async world => {
      const data = `note: ${SIGNING_SECRET}`
      const step = await world.perform(definition, {
        inputs: { ...SENT, data },
        env: { SERVICENOW_SIGNING_SECRET: SIGNING_SECRET }
      })
      expect(step.failure).toBeUndefined()
      expect([...step.info, step.summary].join('\n')).not.toContain(SIGNING_SECRET)
      const wrong = await world.perform(definition, {
        inputs: { ...SENT, 'signing-secret': 'something else' }
      })
      expect(wrong.failure?.title).toBe('ServiceNow 401: wrong signature')
      expect(wrong.failure?.text).toMatch(
        /The response: Wrong signature[.:][\s\S]*Fix: give `signing-secret`/
      )
      expect(wrong.outputs).toMatchObject({ accepted: 'false', duplicate: '' })
      expect(JSON.stringify(wrong)).not.toContain(SIGNING_SECRET)
    }))

  it('has the signature that GitHub documents for its webhooks', () =>
    withCompanion(async world => {
      await world.perform(definition, { inputs: SIGNED })
      const request = world.sandbox.requests.find(one => one.path.endsWith('/events'))
      const hmac = createHmac('sha256', SIGNING_SECRET)
        .update(request?.json ?? '')
        .digest('hex')
      expect(hmac).toMatch(/^[0-9a-f]{64}$/)
      expect(sent(world)).toHaveLength(1)
    }))
})

describe('an event for another door', () => {
  it.each([
    ['event-management', {}, 'em_event'],
    ['import-set', { endpoint: '/api/now/import/u_deployment_event' }, 'u_deployment'],
    ['rest-trigger', { endpoint: `${TRIGGER.slice(1)}/` }, 'sys_flow_context']
  ])('%s gets it', (door, more, table) =>
    withCompanion(async world => {
      const step = await world.perform(definition, { inputs: { ...SENT, door, ...more } })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ accepted: 'true', duplicate: '' })
      expect(world.sandbox.rows(table)).toHaveLength(1)
    })
  )

  it('is not repeated blindly', () =>
    inWorld({}, async world => {
      world.sandbox.fault({ kind: 'no-answer', committed: true, path: 'jsonv2' })
      const inputs = { ...SENT, door: 'event-management', 'request-timeout': '1s' }
      const step = await world.perform(definition, { inputs })
      expect(step.failure?.title).toBe('ServiceNow: the event may have been taken')
      expect(step.failure?.text).toMatch(/It may have been taken, and it was not sent again\.\nDelivery gha-/)
      expect(world.sandbox.rows('em_event')).toHaveLength(1)
    }))

  it('says what is missing', () =>
    inWorld({ eventManagement: false }, async world => {
      const em = await world.perform(definition, { inputs: { ...SENT, door: 'event-management' } })
      expect(em.failure?.title).toBe('ServiceNow 400: no such endpoint')
      expect(em.failure?.text).toMatch(/Event Management \(com\.glideapp\.itom\.snac\) is not installed/)
      const row = { ...SENT, door: 'import-set', endpoint: '/api/now/import/u_deployment_event' }
      const failed = await world.perform(definition, { inputs: { ...row, environment: '' } })
      expect(failed.failure?.text).toMatch(/u_environment is mandatory[\s\S]*Fix: correct the transform map/)
    }))
})

it('a dry run says what it would send, and sends nothing', () =>
  withCompanion(async world => {
    const step = await world.perform(definition, { inputs: { ...SIGNED, 'dry-run': 'true' } })
    expect(step.failure).toBeUndefined()
    expect(step.summary).toContain('send the event deployment.started at /api/x\\_chgact/v1')
    expect(step.outputs).toMatchObject({ accepted: 'false', duplicate: '' })
    expect(sent(world)).toEqual([])
  }))

describe('inputs', () => {
  it.each([
    [{ event: '' }, /`event` is required/],
    [{ event: 'a b' }, /`event` takes at most 80/],
    [{ 'signing-secret': '' }, /`signing-secret` is required with `door: companion`/],
    [{ 'signing-secret': 'a\nb' }, /`signing-secret` has a line break/],
    [{ door: 'event-management' }, /`signing-secret` has no effect with `door: event-management`/],
    [{ door: 'rest-trigger' }, /`door: rest-trigger` needs `endpoint`/],
    [{ door: 'import-set', 'signing-secret': '' }, /`door: import-set` needs `endpoint`/],
    [{ door: 'import-set', endpoint: '/api/x/y' }, /`endpoint` must be \/api\/now\/import\//],
    [{ endpoint: 'https://evil.example/api/x/y' }, /`endpoint` must be a path below the instance/],
    [{ endpoint: '//evil.example/api/x' }, /`endpoint` must be a path below the instance/],
    [{ endpoint: '/api/x/../now' }, /`endpoint` must not have an empty part/],
    [{ endpoint: '/api/x/y?a=b' }, /`endpoint` must be a path of letters/],
    [{ endpoint: '/api/now/table/change_request' }, /not an API of the platform/],
    [{ 'delivery-id': '../x' }, /`delivery-id` takes at most 100 characters/],
    [{ 'correlation-id': 'a b' }, /`correlation-id` takes at most 100 characters/],
    [{ 'own-workflow-ref': 'acme/x/.github/workflows/y.yml@main' }, /`correlation-scope` is required/],
    [{ data: '- a' }, /`data` must be a YAML map/],
    [{ data: 'Run-Id: 1' }, /`data` has names that no input of a flow has: `Run-Id`/],
    [{ data: 'commit: abc' }, /`data` has names that are sent anyway: `commit`/],
    [{ data: `a: ${'x'.repeat(70_000)}` }, /`data` is too long/]
  ] as const)('%j', (inputs, message) =>
    inWorld({}, async world => {
      const env = { GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/deploy.yml@main' }
      const step = await world.perform(definition, { inputs: { ...SIGNED, ...inputs }, env })
      expect(step.failure?.text).toMatch(message)
      expect(world.sandbox.requests).toEqual([])
    })
  )
})
