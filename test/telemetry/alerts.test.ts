/** From the bundles through a real collector into a real Prometheus: each alert fires when it should, and only then. */
import { setTimeout as delay } from 'node:timers/promises'
import { OAUTH_CLIENTS, type Sandbox, startSandbox } from '@change-actions/sandbox'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { inWorld } from '../../actions/testing/perform.ts'
import { definition as waitApproval } from '../../actions/wait-approval/src/main.ts'
import { startCommits } from '../../packages/github-actions/src/testing/github-commits.ts'
import { Job } from '../e2e/job.ts'
import { type Servers, startServers } from './servers.ts'

const DEPLOYMENT = {
  'short-description': 'Deploy the shop',
  'assignment-group': 'DevOps Team',
  environment: 'production'
}
const TIMEOUT_MS = 60_000

/** Ten evaluations of the rules: what has not fired then does not fire. */
const QUIET_MS = 5_000

let servers: Servers
let sandbox: Sandbox
let job: Job
/** A GitHub whose commits have no policy. */
let commits: Awaited<ReturnType<typeof startCommits>>

beforeAll(async () => {
  servers = await startServers()
  sandbox = await startSandbox({ approvalDelayMs: 20 })
  commits = await startCommits(() => ({}))
  const [client] = OAUTH_CLIENTS
  job = new Job({
    instance: sandbox.url,
    env: {
      SERVICENOW_CLIENT_ID: client?.id ?? '',
      SERVICENOW_CLIENT_SECRET: client?.secret ?? '',
      GITHUB_API_URL: commits.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: servers.otlp
    }
  })
}, TIMEOUT_MS)

afterAll(async () => {
  job?.end()
  await commits?.close()
  await sandbox?.stop()
  await servers?.stop()
})

async function until(condition: () => Promise<boolean>, what: () => Promise<string>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await delay(200)) if (await condition()) return
  throw new Error(await what())
}

/** These alerts are firing, and stay the only ones. */
async function fires(...names: readonly string[]): Promise<void> {
  const expected = [...names].sort().join()
  const told = async () => `firing: ${(await servers.firing()).join() || 'none'}; expected: ${expected}`
  await until(async () => (await servers.firing()).join() === expected, told)
  for (const end = Date.now() + QUIET_MS; Date.now() < end; await delay(500))
    expect((await servers.firing()).join()).toBe(expected)
}

async function submit(): Promise<string> {
  const { outputs } = await job.pass('create-change', DEPLOYMENT)
  const number = outputs['change-number'] ?? ''
  await sandbox.waitFor(() => sandbox.approvers(number).some(row => row.state === 'requested'))
  return number
}

it(
  'a deployment that goes well fires none, and its measures are there',
  async () => {
    sandbox.approve(await submit())
    await job.pass('wait-approval', { timeout: '30', 'poll-interval': '1' })
    await job.pass('update-change', { state: 'implement' })
    await job.pass('update-change', { state: 'closed', 'close-code': 'successful', 'close-notes': 'Done' })
    const there = async (expression: string) => (await servers.query(expression))[0]
    await until(
      async () => (await there('servicenow_change_closed_total')) === 1,
      async () => 'the closed change is not in Prometheus'
    )
    expect(
      await there('sum(servicenow_change_closed_total{servicenow_change_close_code="successful"})')
    ).toBe(1)
    expect(await there('sum(servicenow_step_duration_seconds_count)')).toBe(4)
    expect(
      await there(
        'servicenow_change_creation_duration_seconds_count{deployment_environment_name="production"}'
      )
    ).toBe(1)
    expect(await there('servicenow_change_approval_wait_seconds_count{servicenow_result="approved"}')).toBe(1)
    const requests = job.steps.map(step => JSON.parse(step.outputs.metrics ?? '{}').requests)
    expect(await there('sum(servicenow_api_requests_total)')).toBe(
      requests.reduce((sum, one) => sum + one, 0)
    )
    await fires()
  },
  TIMEOUT_MS
)

it(
  'a rejection fires its own at once',
  async () => {
    const number = await submit()
    sandbox.reject(number, 'Not during the sale')
    // The job has two changes by now.
    const inputs = { 'change-number': number, timeout: '30', 'poll-interval': '1' }
    const { outputs } = await job.fail('wait-approval', inputs)
    expect(outputs.outcome).toBe('rejected')
    await fires('ServiceNowChangeRejected')
  },
  TIMEOUT_MS
)

it(
  'a creation that fails fires its own at once',
  async () => {
    await job.fail('create-change', { ...DEPLOYMENT, 'assignment-group': 'No Such Group' })
    await fires('ServiceNowChangeRejected', 'ServiceNowChangeNotCreated')
  },
  TIMEOUT_MS
)

it(
  'an instance that fails more than one request of twenty fires its own',
  async () => {
    // Well above the limit: Prometheus extrapolates what it counts.
    for (let round = 0; round < 3; round += 1) {
      const fault = sandbox.fault({ kind: 'unavailable', path: '/api/', times: 4 })
      await job.run('check-connection', { 'max-retries': '1' })
      fault.remove()
    }
    const rate = 'sum(servicenow_api_requests_total{error_type!=""}) / sum(servicenow_api_requests_total)'
    await until(
      async () => ((await servers.query(rate))[0] ?? 0) > 0.08,
      async () => `the error rate is ${await servers.query(rate)}`
    )
    await fires('ServiceNowApiErrors', 'ServiceNowChangeRejected', 'ServiceNowChangeNotCreated')
  },
  TIMEOUT_MS
)

it(
  'a wait fires its own after an hour, and stops when it ends',
  () =>
    inWorld({ autoApproveAfterMs: 600_000 }, async ({ plant, perform }) => {
      const others = ['ServiceNowChangeRejected', 'ServiceNowChangeNotCreated']
      const { number } = plant({ state: '-4', approval: 'requested' })
      const stop = new AbortController()
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: servers.otlp }
      // The clock of a step in this process runs ahead: an hour is over in a moment.
      const inputs = { 'change-number': number, timeout: '30d', 'poll-interval': '60' }
      const waiting = perform(waitApproval, { inputs, env, signal: stop.signal })
      try {
        await fires('ServiceNowApprovalWait', 'ServiceNowApiErrors', ...others)
      } finally {
        stop.abort()
        await waiting
      }
      // Its many requests went well: the error rate is low again.
      await fires(...others)
    }),
  TIMEOUT_MS * 2
)
