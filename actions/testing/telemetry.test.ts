/** What the steps send over OpenTelemetry, to a receiver that takes only what OTLP allows. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Receiver, type Reply, startReceiver } from '../../packages/telemetry/src/testing/receiver.ts'
import { definition as checkConnection } from '../check-connection/src/main.ts'
import { definition as createChange } from '../create-change/src/main.ts'
import { definition as gate } from '../gate/src/main.ts'
import { definition as updateChange } from '../update-change/src/main.ts'
import { definition as waitApproval } from '../wait-approval/src/main.ts'
import { inWorld } from './perform.ts'
import { performPost } from './perform-post.ts'

const DEPLOYMENT = {
  'short-description': 'Deploy',
  'assignment-group': 'DevOps Team',
  environment: 'production'
}
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const receivers: Receiver[] = []

afterEach(async () => {
  for (const one of receivers.splice(0)) {
    await one.close()
    expect(one.refused).toEqual([])
  }
})

async function receiver(reply?: Reply): Promise<Receiver> {
  const started = await startReceiver(reply)
  receivers.push(started)
  return started
}

const to = ({ url }: Receiver, more: Readonly<Record<string, string>> = {}) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  TRACEPARENT: PARENT,
  ...more
})

describe('the trace of a step', () => {
  it('has the step under the workflow, its wait, and each request, sign-ins included', () =>
    inWorld({}, async ({ plant, perform }) => {
      const otlp = await receiver()
      const { number } = plant({ state: '-4', approval: 'requested' })
      const step = await perform(waitApproval, {
        inputs: { 'change-number': number, timeout: '0', 'fail-when-not-approved': 'false' },
        env: to(otlp)
      })
      expect(step.failure).toBeUndefined()
      const spans = otlp.spans()
      const [main] = spans.filter(one => one.name === 'wait-approval')
      const [wait] = spans.filter(one => one.name === 'wait for approval')
      expect(main).toMatchObject({ kind: 1, parentSpanId: 'b7ad6b7169203331', failed: false })
      expect(main?.attributes).toMatchObject({
        'servicenow.result': 'timeout',
        'servicenow.change.number': number
      })
      expect(wait).toMatchObject({ kind: 1, parentSpanId: main?.spanId })
      expect(new Set(spans.map(one => one.traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']))
      const requests = spans.filter(one => one.kind === 3)
      expect(requests.map(one => one.name)).toContain('POST /oauth_token.do')
      expect(requests.map(one => one.name)).toContain('GET /api/sn_chg_rest/v1/change/{sys_id}')
      for (const { parentSpanId } of requests) expect([main?.spanId, wait?.spanId]).toContain(parentSpanId)
      const { requests: count } = JSON.parse(step.outputs.metrics ?? '{}')
      expect(requests).toHaveLength(count)
      expect(otlp.requests.map(one => one.text).join()).not.toMatch(/sysparm|\?/)
    }))

  it('says of a retry which one it is, and of a failed request why', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const otlp = await receiver()
      sandbox.fault({ kind: 'unavailable', path: '/api/', method: 'GET' })
      await perform(createChange, { inputs: DEPLOYMENT, env: to(otlp) })
      const [failed] = otlp.spans().filter(one => one.kind === 3 && one.failed)
      expect(failed?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' })
      const again = otlp
        .spans()
        .filter(one => one.name === failed?.name && one.attributes['http.request.resend_count'])
      expect(again.map(one => one.attributes)).toEqual([
        expect.objectContaining({
          'http.request.resend_count': 1,
          'http.request.method': 'GET',
          'server.address': '127.0.0.1'
        })
      ])
      const counts = otlp.points('servicenow.api.requests')
      expect(counts.find(one => one.attributes['error.type'] === '503')?.value).toBe(1)
    }))

  it('is not sent when the caller is not sampled; the measures are', () =>
    inWorld({}, async ({ perform }) => {
      const otlp = await receiver()
      await perform(checkConnection, { env: to(otlp, { TRACEPARENT: PARENT.replace(/1$/, '0') }) })
      expect(otlp.requests.map(one => one.path)).toEqual(['/v1/metrics'])
    }))

  it('is one for all steps of a run that has no caller', () =>
    inWorld({}, async ({ perform }) => {
      const otlp = await receiver()
      await perform(checkConnection, { env: to(otlp, { TRACEPARENT: '' }) })
      await perform(createChange, { inputs: DEPLOYMENT, env: to(otlp, { TRACEPARENT: '' }) })
      expect(new Set(otlp.spans().map(one => one.traceId)).size).toBe(1)
      expect(
        otlp
          .spans()
          .filter(one => one.kind === 1)
          .map(one => one.parentSpanId)
      ).toEqual([undefined, undefined])
      expect(otlp.resources()[0]).toMatchObject({
        'service.name': 'servicenow-change-actions',
        'vcs.owner.name': 'acme',
        'vcs.repository.name': 'shop',
        'cicd.pipeline.name': 'Deploy',
        'cicd.pipeline.task.name': 'deploy',
        'cicd.pipeline.run.id': '1001',
        'cicd.pipeline.run.url.full': 'https://github.com/acme/shop/actions/runs/1001/attempts/1'
      })
    }))
})

describe('the measures', () => {
  it('are the five of the output, each as what was added', () =>
    inWorld({}, async ({ perform }) => {
      const otlp = await receiver()
      const env = to(otlp, { OTEL_SERVICE_NAME: 'payments' })
      const created = await perform(createChange, { inputs: DEPLOYMENT, env })
      await perform(waitApproval, { inputs: { timeout: '60' }, env })
      await perform(updateChange, { inputs: { state: 'implement' }, env })
      await perform(updateChange, {
        inputs: {
          state: 'closed',
          'close-code': 'successful',
          'close-notes': 'Done',
          environment: 'production'
        },
        env
      })
      const [creation] = otlp.points('servicenow.change.creation.duration')
      expect(creation).toMatchObject({
        unit: 's',
        kind: 'histogram',
        temporality: 1,
        count: 1,
        attributes: {}
      })
      expect(creation?.value).toBe(JSON.parse(created.outputs.metrics ?? '{}').creation_ms / 1_000)
      expect(creation?.resource).toMatchObject({
        'service.name': 'payments',
        'deployment.environment.name': 'production',
        'cicd.pipeline.name': 'Deploy'
      })
      // A run of its own would make a series of its own.
      expect(JSON.stringify(otlp.points().map(one => one.resource))).not.toContain('1001')
      expect(otlp.points('servicenow.change.approval.wait').map(one => one.attributes)).toEqual([
        { 'servicenow.result': 'approved' }
      ])
      expect(otlp.points('servicenow.step.duration').map(one => one.attributes)).toEqual([
        { 'servicenow.action': 'create-change', 'servicenow.result': 'created' },
        { 'servicenow.action': 'wait-approval', 'servicenow.result': 'approved' },
        { 'servicenow.action': 'update-change', 'servicenow.result': 'implement' },
        { 'servicenow.action': 'update-change', 'servicenow.result': 'successful' }
      ])
      expect(otlp.points('servicenow.change.closed').map(one => [one.value, one.attributes])).toEqual([
        [1, { 'servicenow.change.close_code': 'successful', 'servicenow.result': 'successful' }]
      ])
    }))

  it('say what a creation failed with, and nothing of a creation that was only planned', () =>
    inWorld({}, async ({ perform }) => {
      const otlp = await receiver()
      const wrong = { ...DEPLOYMENT, 'assignment-group': 'No Such Group' }
      const failed = await perform(createChange, { inputs: wrong, env: to(otlp) })
      expect(failed.failure).toBeDefined()
      const [creation, more] = otlp.points('servicenow.change.creation.duration')
      expect(creation?.attributes['error.type']).toMatch(/lookup|not-resolved|resolve/)
      expect(more).toBeUndefined()
      await perform(createChange, {
        inputs: { 'short-description': 'x', type: 'strange' },
        env: to(otlp)
      })
      expect(otlp.points('servicenow.change.creation.duration')[1]?.attributes).toEqual({
        'error.type': 'input'
      })
      await perform(createChange, { inputs: { ...DEPLOYMENT, 'dry-run': 'true' }, env: to(otlp) })
      expect(otlp.points('servicenow.change.creation.duration')).toHaveLength(2)
    }))

  it('say nothing of a creation where a change was named or found', () =>
    inWorld({}, async ({ plant, perform }) => {
      const otlp = await receiver()
      const env = to(otlp)
      const { number } = plant({ state: '3' })
      for (const name of ['CHG0099999', 'no number', number]) {
        const inputs = { ...DEPLOYMENT, 'change-number': name }
        for (const step of [
          await perform(gate, { inputs, env }),
          await perform(createChange, { inputs, env })
        ])
          expect(step.failure).toBeDefined()
      }
      expect(otlp.points('servicenow.change.creation.duration')).toEqual([])
      const same = { ...DEPLOYMENT, 'correlation-id': 'the-shop' }
      await perform(createChange, { inputs: same, env })
      const other = await perform(createChange, { inputs: { ...same, type: 'emergency' }, env })
      expect(other.failure?.title).toMatch(/another type/)
      const creations = otlp.points('servicenow.change.creation.duration')
      expect(creations.map(one => one.attributes)).toEqual([{}])
    }))

  it('count a change that was closed once, whichever step closes it', () =>
    inWorld({ autoApproveAfterMs: 600_000 }, async world => {
      const { sandbox, perform } = world
      const otlp = await receiver()
      const env = to(otlp)
      const inputs = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
      const closed = () => otlp.points('servicenow.change.closed').map(one => one.attributes)
      const successful = { 'servicenow.change.close_code': 'successful', 'servicenow.result': 'successful' }
      const canceled = { 'servicenow.change.close_code': 'canceled', 'servicenow.result': 'canceled' }
      const close = {
        state: 'closed',
        'close-code': 'successful',
        'close-notes': 'Done',
        'change-tasks': 'close'
      }

      await performPost(world, await perform(gate, { inputs, env }), 'success', { env })
      expect(closed()).toEqual([successful])

      // By update-change in the job: neither a note after it nor the post step counts it again.
      const again = { ...inputs, version: '2' }
      const main = await perform(gate, { inputs: again, env })
      const named = { 'change-sys-id': main.outputs['change-sys-id'] ?? '', environment: 'production' }
      expect((await perform(updateChange, { inputs: { ...named, ...close }, env })).failure).toBeUndefined()
      expect(closed()).toEqual([successful, successful])
      const noted = await perform(updateChange, { inputs: { ...named, 'work-notes': 'Looked at' }, env })
      expect(noted.outputs.changed).toBe('true')
      await performPost(world, main, 'success', { env })
      expect(closed()).toEqual([successful, successful])

      // By a person.
      const other = await perform(gate, { inputs: { ...inputs, version: '3' }, env })
      sandbox.set('change_request', other.outputs['change-sys-id'] ?? '', { state: '4' })
      await performPost(world, other, 'failure', { env })
      expect(closed()).toEqual([successful, successful])

      // By the post step, which cancels what nobody approved.
      const waiting = { environment: 'production', 'assignment-group': 'DevOps Team', timeout: '0' }
      const unapproved = await perform(gate, { inputs: { ...waiting, version: '4' }, env })
      expect(unapproved.outputs.outcome).toBe('timeout')
      await performPost(world, unapproved, 'cancelled', { env })
      expect(closed()).toEqual([successful, successful, canceled])
    }))

  it('of a wait grow while it goes on, and end with it', () =>
    inWorld({ autoApproveAfterMs: 600_000 }, async ({ sandbox, plant, perform }) => {
      const otlp = await receiver()
      const { number, sysId } = plant({ state: '-4', approval: 'requested' })
      let approved = false
      await perform(waitApproval, {
        inputs: { 'change-number': number, timeout: '7200', 'poll-interval': '60' },
        env: to(otlp),
        onSleep(sleptMs) {
          if (sleptMs < 4_000_000 || approved) return
          approved = true
          sandbox.set('change_request', sysId, { state: '-2', approval: 'approved' })
        }
      })
      const values = otlp.points('servicenow.change.approval.waiting').map(one => one.value)
      expect(values.at(-1)).toBeUndefined()
      const grown = values.slice(0, -1).map(Number)
      expect(grown.length).toBeGreaterThan(2)
      expect(grown).toEqual([...grown].sort((a, b) => a - b))
      expect(Math.max(...grown)).toBeGreaterThan(3_600)
    }))

  it('of a wait end with the approval, whatever is waited for after it', () =>
    inWorld({ autoApproveAfterMs: 600_000 }, async ({ sandbox, plant, perform }) => {
      const otlp = await receiver()
      const { number, sysId } = plant({ state: '-4', approval: 'requested' })
      const events: [number, Record<string, string>][] = [
        [700_000, { state: '-2', approval: 'approved', on_hold: 'true', on_hold_reason: 'Frozen' }],
        [1_800_000, { on_hold: 'false' }]
      ]
      const step = await perform(waitApproval, {
        inputs: { 'change-number': number, timeout: '7d', 'poll-interval': '60' },
        env: to(otlp),
        onSleep(sleptMs) {
          while (sleptMs >= (events[0]?.[0] ?? Number.POSITIVE_INFINITY))
            sandbox.set('change_request', sysId, events.shift()?.[1] ?? {})
        }
      })
      expect(step.failure).toBeUndefined()
      expect(Number(step.outputs['waited-seconds'])).toBeGreaterThanOrEqual(1_800)
      const values = otlp.points('servicenow.change.approval.waiting').map(one => one.value)
      expect(values.filter(one => one === undefined)).toHaveLength(1)
      expect(values.at(-1)).toBeUndefined()
      expect(Math.max(...values.slice(0, -1).map(Number))).toBeLessThan(800)
      const [wait] = otlp.points('servicenow.change.approval.wait')
      expect(wait?.value).toBeGreaterThan(690)
      expect(wait?.value).toBeLessThan(800)
      const waitMs = JSON.parse(step.outputs.metrics ?? '{}').wait_ms
      expect(waitMs / 1_000).toBe(wait?.value)
      expect(step.summary).toContain(`wait for approval ${(waitMs / 1_000).toFixed(1)} s · `)
      const [span] = otlp.spans().filter(one => one.name === 'wait for approval')
      expect((span?.endMs ?? 0) - (span?.startMs ?? 0)).toBeCloseTo(waitMs, -2)
    }))

  it('are nothing of a wait for an approved change', () =>
    inWorld({}, async ({ plant, perform }) => {
      const otlp = await receiver()
      const { number } = plant({ state: '-2', approval: 'approved', on_hold: 'true' })
      const inputs = { 'change-number': number, timeout: '600', 'fail-when-not-approved': 'false' }
      const step = await perform(waitApproval, { inputs, env: to(otlp) })
      expect(step.outputs).toMatchObject({ outcome: 'timeout', 'waited-seconds': '600' })
      expect(otlp.points('servicenow.change.approval.waiting')).toEqual([])
      expect(otlp.points('servicenow.change.approval.wait')[0]?.value).toBeLessThan(60)
    }))
})

describe('what is sent', () => {
  it('holds no secret, and the headers go to the receiver alone', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const otlp = await receiver()
      const env = to(otlp, {
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20otlp-secret',
        OTEL_RESOURCE_ATTRIBUTES: 'leak=otlp-secret-of-nobody,bad=%1b%5b31m%e2%80%aetext',
        RUNNER_DEBUG: '1'
      })
      const step = await perform(createChange, { inputs: DEPLOYMENT, env })
      expect(otlp.requests.map(one => one.headers.authorization)).toEqual([
        'Bearer otlp-secret',
        'Bearer otlp-secret'
      ])
      expect(JSON.stringify(sandbox.requests)).not.toContain('otlp-secret')
      expect(JSON.stringify(step)).not.toContain('Bearer otlp-secret')
      const texts = otlp.requests.map(one => one.text).join()
      expect(texts).not.toContain(env.SERVICENOW_CLIENT_SECRET ?? 'Bearer')
      expect(otlp.resources()[0]?.bad).toBe('\ufffdtext')
    }))

  it('is nothing where the variables are not set, or say so', () =>
    inWorld({}, async ({ perform }) => {
      const otlp = await receiver()
      for (const off of [
        { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
        { OTEL_SDK_DISABLED: 'TRUE' },
        { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
        { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
      ])
        await perform(checkConnection, { env: to(otlp, off) })
      expect(otlp.requests).toEqual([])
    }))
})

describe('a receiver', () => {
  it.each<[string, Reply, RegExp]>([
    ['that fails', { status: 503 }, /responded with 503/],
    [
      'that takes a part only',
      { status: 200, body: { partialSuccess: { rejectedSpans: '2', errorMessage: 'quota\n::error::x' } } },
      /took a part only: 2 refused, quota/
    ],
    ['that redirects', { status: 307 }, /responded with 307/],
    ['that never responds', 'hang', /no response in time|not delivered within 5 seconds/]
  ])('%s changes nothing', (_, reply, line) =>
    inWorld({}, async ({ perform }) => {
      const otlp = await receiver(reply)
      const began = Date.now()
      const step = await perform(checkConnection, { env: to(otlp, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' }) })
      expect(Date.now() - began).toBeLessThan(5_000)
      expect(step.failure).toBeUndefined()
      expect(step.debug.join('\n')).toMatch(line)
    })
  )

  it('that is not there changes nothing', () =>
    inWorld({}, async ({ perform }) => {
      const step = await perform(checkConnection, {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }
      })
      expect(step.failure).toBeUndefined()
      expect(step.debug.join('\n')).toMatch(
        /Telemetry was not delivered: http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/
      )
    }))
})
