/** The gate and its post step, as bundles, send their trace and measures to a receiver. */
import { expect } from '@jest/globals'
import { type Receiver, startReceiver } from '../../../packages/telemetry/src/testing/receiver.ts'
import { APPROVING, type GateWorld, gateScenario, NORMAL } from './gate-harness.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'

/** Variables that name the receiver, as the workflow would set them. */
const to = ({ url }: Receiver) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_HEADERS: 'x-otlp-key=the-key-of-the-receiver',
  TRACEPARENT: `00-${TRACE}-b7ad6b7169203331-01`,
  RUNNER_DEBUG: '1'
})

async function withReceiver(body: (receiver: Receiver) => Promise<void>): Promise<void> {
  const receiver = await startReceiver()
  try {
    await body(receiver)
    expect(receiver.refused).toEqual([])
  } finally {
    await receiver.close()
  }
}

const attributesOf = (receiver: Receiver, name: string) => receiver.points(name).map(one => one.attributes)

gateScenario(
  'a deployment is one trace, with the gate and its post step',
  { sandbox: APPROVING },
  ({ gate }) =>
    withReceiver(async receiver => {
      const job = gate(to(receiver))
      const main = await job.pass(NORMAL)
      const post = await job.post(main, 'success')
      const spans = receiver.spans()
      expect(new Set(spans.map(one => one.traceId))).toEqual(new Set([TRACE]))
      expect(spans.filter(one => one.parentSpanId === 'b7ad6b7169203331').map(one => one.name)).toEqual([
        'gate',
        'gate, post'
      ])
      expect(spans.filter(one => one.name === 'wait for approval')).toHaveLength(1)
      expect(spans.filter(one => one.name === 'POST /oauth_token.do').length).toBeGreaterThanOrEqual(2)
      expect(attributesOf(receiver, 'servicenow.step.duration')).toEqual([
        { 'servicenow.action': 'gate', 'servicenow.result': 'approved' },
        { 'servicenow.action': 'gate, post', 'servicenow.result': 'successful' }
      ])
      expect(attributesOf(receiver, 'servicenow.change.closed')).toEqual([
        { 'servicenow.change.close_code': 'successful', 'servicenow.result': 'successful' }
      ])
      for (const { resource } of receiver.points())
        expect(resource).toMatchObject({ 'deployment.environment.name': 'production' })
      for (const { headers } of receiver.requests)
        expect(headers['x-otlp-key']).toBe('the-key-of-the-receiver')
      for (const step of [main, post]) {
        expect(step.log.replace(/^::add-mask::.*$/gm, '')).not.toContain('the-key-of-the-receiver')
        expect(step.log).not.toContain('Telemetry')
      }
    })
)

gateScenario('a rejection says so', {}, ({ sandbox, gate }: GateWorld) =>
  withReceiver(async receiver => {
    const running = gate(to(receiver)).start(NORMAL)
    await running.prints(/waiting for approval/)
    const number = sandbox.rows('change_request')[0]?.number ?? ''
    await sandbox.waitFor(() => sandbox.approvers(number).some(row => row.state === 'requested'))
    sandbox.reject(number, 'Not during the sale')
    const main = await running.done
    expect(main.code).toBe(1)
    expect(attributesOf(receiver, 'servicenow.step.duration')).toEqual([
      { 'servicenow.action': 'gate', 'servicenow.result': 'rejected', 'error.type': expect.any(String) }
    ])
    expect(receiver.spans().find(one => one.name === 'gate')?.failed).toBe(true)
    const waiting = receiver.points('servicenow.change.approval.waiting').map(one => one.value)
    expect(waiting.length).toBeGreaterThan(1)
    expect(waiting.at(-1)).toBeUndefined()
  })
)

gateScenario(
  'a receiver that never responds holds a step for five seconds at most',
  { sandbox: APPROVING },
  async ({ gate }) => {
    const receiver = await startReceiver('hang')
    try {
      const began = Date.now()
      const main = await gate(to(receiver)).pass(NORMAL)
      const { added_ms: worked } = JSON.parse(main.outputs.metrics ?? '{}')
      expect(Date.now() - began - worked).toBeLessThan(15_000)
      expect(main.log).toMatch(
        /::debug::Telemetry was not delivered: .*(?:no response in time|within 5 seconds)/
      )
      expect(main.outputs.approved).toBe('true')
    } finally {
      await receiver.close()
    }
  }
)

gateScenario('a signal does not wait for a receiver', {}, async ({ gate }) => {
  const receiver = await startReceiver('hang')
  try {
    const running = gate(to(receiver)).start(NORMAL)
    await running.prints(/waiting for approval/)
    const began = Date.now()
    running.kill('SIGINT')
    const main = await running.done
    expect(main.code).toBe(130)
    expect(main.outputs.outcome).toBe('interrupted')
    expect(Date.now() - began).toBeLessThan(5_000)
  } finally {
    await receiver.close()
  }
})
