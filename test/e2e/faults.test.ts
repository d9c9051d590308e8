/** An instance that fails while a step waits: a temporary error never ends the wait, any other error ends it. */

import type { FaultSpec } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { approved, DEPLOYMENT, onBothApis, SOON, scenario, scenarios } from './harness.ts'

const TEMPORARY: Readonly<Record<string, FaultSpec>> = {
  'the connection is reset': { kind: 'reset' },
  'the response is cut off': { kind: 'truncated' },
  'the response is broken JSON': { kind: 'malformed-json' },
  'an error inside a success': { kind: 'partial-result' },
  'a rate limit without a time': { kind: 'rate-limited' },
  'a rate limit of a second': { kind: 'rate-limited', retryAfterSeconds: 1 },
  'a server error': { kind: 'server-error' },
  'a restart': { kind: 'unavailable', status: 503 }
}

const LASTING = {
  'a login page': [{ kind: 'login-page' }, 'ServiceNow 200: a login page instead of JSON'],
  'a sleeping instance': [{ kind: 'hibernating' }, 'ServiceNow 200: the instance is hibernating'],
  'a redirect': [{ kind: 'redirect' }, 'ServiceNow 302: a redirect'],
  'a missing permission': [{ kind: 'acl' }, 'ServiceNow 403: permission missing'],
  'a change that is gone': [{ kind: 'not-found' }, 'ServiceNow 404: not found, or not readable'],
  'credentials refused for good': [{ kind: 'unauthorized' }, 'ServiceNow 401: credentials refused']
} as const satisfies Record<string, readonly [FaultSpec, string]>

onBothApis(api => {
  scenarios('%s: the wait goes on', { api }, TEMPORARY, async (world, fault) => {
    await approved(world)
    world.sandbox.fault({ ...fault, method: 'GET', path: 'change', times: 2 })
    const step = await world.job.pass('wait-approval', SOON)
    expect(step.outputs).toMatchObject({ outcome: 'approved', polls: '3' })
    expect(step.log).toContain('A temporary error: still waiting.')
    expect(JSON.parse(step.outputs.metrics ?? '').request_errors).toBe(2)
  })

  scenarios('%s: the wait ends at once', { api }, LASTING, async (world, [fault, title]) => {
    await approved(world)
    world.sandbox.fault({ ...fault, method: 'GET', path: 'change', times: Number.POSITIVE_INFINITY })
    const step = await world.job.fail('wait-approval', SOON)
    expect(step.error.title).toBe(title)
    expect(step.outputs).toMatchObject({ outcome: 'error', approved: 'false', polls: '1' })
  })

  scenario('faults never open a gate', { api }, async world => {
    await approved(world)
    world.sandbox.fault({ kind: 'unavailable', path: 'change', times: Number.POSITIVE_INFINITY })
    const step = await world.job.fail('wait-approval', {
      timeout: '1',
      'poll-interval': '1',
      'max-retries': '0'
    })
    expect(step.outputs).toMatchObject({ outcome: 'error', approved: 'false' })
    expect(step.error.title).toBe('ServiceNow 503: instance unavailable')
  })

  scenario('a creation whose response is lost makes one change', { api }, async ({ sandbox, job }) => {
    sandbox.fault({ kind: 'reset', committed: true, method: 'POST', path: 'change' })
    const step = await job.pass('create-change', DEPLOYMENT)
    expect(step.outputs.created).toBe('true')
    expect(sandbox.rows('change_request').map(row => row.number)).toEqual([step.outputs['change-number']])
  })

  scenario('a move whose response is lost is made once', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant({ state: '-2', approval: 'approved' })
    sandbox.fault({ kind: 'unavailable', status: 504, committed: true, method: 'PATCH' })
    const step = await job.pass('update-change', {
      'change-number': number,
      state: 'implement',
      'work-notes': 'Started.'
    })
    expect(step.outputs).toMatchObject({ transitions: 'implement', changed: 'true' })
    expect(sandbox.journal(number)).toHaveLength(1)
  })
})

scenario('the API is missing', { sandbox: { changeManagementApi: false } }, async ({ job }) => {
  const step = await job.fail('create-change', DEPLOYMENT)
  expect(step.error.title).toBe('ServiceNow 400: API not available')
  expect(step.error.message).toContain('api: table')
})

scenario('nobody listens', {}, async ({ sandbox, job }) => {
  await sandbox.stop()
  const step = await job.fail('create-change', { ...DEPLOYMENT, 'max-retries': '0' })
  expect(step.error.title).toBe('ServiceNow connection: connection refused')
})

const NO_HOST = { env: { SERVICENOW_INSTANCE: 'https://no-such-host.invalid' } }

scenario('the host does not exist', NO_HOST, async ({ job }) => {
  const inputs = { ...DEPLOYMENT, 'max-retries': '0' }
  const step = await job.fail('create-change', inputs)
  expect(step.error.title).toMatch(/^ServiceNow DNS: /)
  expect(step.error.message).toContain('no-such-host.invalid')
})
