/** run-flow and send-event by their bundles, against an instance with the companion application. */
import { expect } from '@jest/globals'
import {
  companionScripts,
  FLOWS,
  SIGNING_SECRET,
  TRIGGER
} from '../../packages/change-operations/src/testing/companion.ts'
import { SOON, scenario, scenarios, type World, writes } from './harness.ts'

const COMPANION = { scripts: await companionScripts() }
const FLOW = {
  ...SOON,
  flow: FLOWS.createChange,
  data: 'short_description: Deploy the shop',
  environment: 'production',
  'signing-secret': SIGNING_SECRET
}
/** What people read of a step: the runner keeps the lines by which a secret is masked. */
const shown = ({ log, summary }: { readonly log: string; readonly summary: string }) =>
  log.replace(/^::add-mask::.*$/gm, '') + summary
const executions = ({ sandbox }: World) => sandbox.rows('sys_flow_context')

scenario('a flow makes the change, and the next step waits for it', { sandbox: COMPANION }, async world => {
  const { sandbox, job } = world
  const flow = await job.pass('run-flow', FLOW)
  const number = flow.outputs['change-number'] ?? ''
  expect(flow.outputs).toMatchObject({ 'flow-state': 'complete', duplicate: 'false' })
  expect(shown(flow)).not.toContain(SIGNING_SECRET)
  await sandbox.waitFor(() => sandbox.approvers(number).some(row => row.state === 'requested'))
  sandbox.approve(number)
  const change = { 'change-sys-id': flow.outputs['change-sys-id'] ?? '', environment: 'production' }
  const waited = await job.pass('wait-approval', { ...SOON, ...change })
  expect(waited.outputs.approved).toBe('true')
  expect(writes(sandbox)).toEqual(['POST /api/x_chgact/v1/flows'])
})

scenario('a variable of the job becomes no input of run-flow', { sandbox: COMPANION }, async world => {
  const env = {
    INPUT_FLOW: FLOWS.fail,
    INPUT_ENDPOINT: '/api/x_other/v1',
    SERVICENOW_SIGNING_SECRET: SIGNING_SECRET
  }
  const { 'signing-secret': _, ...inputs } = FLOW
  const step = await world.newJob(env).pass('run-flow', inputs)
  expect(step.outputs['change-number']).toMatch(/^CHG/)
})

scenario('a canceled step ends at once, and its flow goes on', { sandbox: COMPANION }, async world => {
  const inputs = { ...FLOW, flow: FLOWS.wait, timeout: '60' }
  const step = world.job.start('run-flow', inputs)
  await world.sandbox.waitFor(() => executions(world).some(row => row.state === 'WAITING'), 30_000)
  await step.prints(/^ServiceNow accepted the flow/)
  const at = Date.now()
  step.kill('SIGTERM')
  const ended = await step.done
  expect(Date.now() - at).toBeLessThan(2_000)
  expect(ended.outputs).toMatchObject({ accepted: 'true', 'flow-state': 'waiting' })
  expect(executions(world).map(row => row.state)).toEqual(['WAITING'])
})

scenarios(
  'an event reaches %s',
  { sandbox: COMPANION },
  {
    'the companion': [{ 'signing-secret': SIGNING_SECRET }, 'x_chgact_delivery'],
    'a REST trigger': [{ door: 'rest-trigger', endpoint: TRIGGER }, 'sys_flow_context'],
    'Event Management': [{ door: 'event-management' }, 'em_event'],
    'an import set': [{ door: 'import-set', endpoint: '/api/now/import/u_deployment_event' }, 'u_deployment']
  } as Record<string, readonly [Readonly<Record<string, string>>, string]>,
  async ({ job, sandbox }, [inputs, table]) => {
    const step = await job.pass('send-event', {
      event: 'deployment.failed',
      environment: 'production',
      ...inputs
    })
    expect(step.outputs.accepted).toBe('true')
    expect(shown(step)).not.toContain(SIGNING_SECRET)
    expect(sandbox.rows(table)).toHaveLength(1)
  }
)

scenario('a door that is not there is told, and nothing is half done', {}, async ({ job, sandbox }) => {
  const step = await job.fail('send-event', { event: 'deployment.started', 'signing-secret': SIGNING_SECRET })
  expect(step.error.title).toBe('ServiceNow 400: no such endpoint')
  expect(step.outputs).toMatchObject({ accepted: 'false', duplicate: '' })
  expect(writes(sandbox)).toHaveLength(1)
})
