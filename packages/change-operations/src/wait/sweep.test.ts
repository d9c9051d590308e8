import type { GatePolicy } from '@change-actions/change-control'
import { type Sandbox, startSandbox } from '@change-actions/sandbox'
import { createClient, Query, type ServiceNowClient } from '@change-actions/servicenow-client'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { OperationContext } from '../context.ts'
import { sweepChanges } from './sweep.ts'

const policy: GatePolicy = {
  proceedStates: ['scheduled', 'implement', 'review'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false
}

describe.each(['change-management', 'table'] as const)('a sweep over the %s API', api => {
  let sandbox: Sandbox
  let client: ServiceNowClient

  beforeEach(async () => {
    sandbox = await startSandbox()
    client = createClient({
      instance: sandbox.url,
      api,
      credentials: { scheme: 'basic', username: 'gha.deployer', password: 'deployer-password' },
      userAgent: 'tests/1',
      requestTimeoutMs: 5_000,
      maxRetries: 0,
      now: Date.now,
      sleep: async () => undefined,
      random: () => 0
    })
  })

  afterEach(async () => {
    await client.close()
    await sandbox.stop()
  })

  const context = (): OperationContext => ({
    client,
    emit: () => undefined,
    now: Date.now,
    sleep: async () => undefined,
    random: () => 0,
    dryRun: false
  })

  const add = (fields: Record<string, string>) =>
    sandbox.insert('change_request', { type: 'normal', correlation_display: 'gha test', ...fields })

  async function sweep(policyOf: (sysId: string) => GatePolicy | undefined = () => policy) {
    const swept = await sweepChanges(context(), {
      query: new Query().is('correlation_display', 'gha test').orderBy('sys_created_on'),
      operation: 'reading the changes of deployments',
      policyOf: change => policyOf(change.sysId)
    })
    return Object.fromEntries(swept.map(({ change, decision }) => [change.sysId, decision]))
  }

  it('decides each change by the rule of the gate, with one request', async () => {
    const approved = add({ state: '-2', approval: 'approved' })
    const requested = add({ state: '-4', approval: 'requested' })
    const rejected = add({ state: '-5', approval: 'rejected' })
    const later = add({
      state: '-2',
      approval: 'approved',
      start_date: '2126-01-01 10:00:00',
      end_date: '2126-01-01 12:00:00'
    })
    const before = sandbox.requests.length
    expect(await sweep()).toMatchObject({
      [approved]: { kind: 'proceed', outcome: 'approved' },
      [requested]: { kind: 'wait' },
      [rejected]: { kind: 'stop', outcome: 'rejected' },
      [later]: { kind: 'wait', until: Date.UTC(2126, 0, 1, 10) }
    })
    expect(sandbox.requests.length - before).toBe(1)
  })

  it('leaves out what has no policy, and never writes', async () => {
    const [one, other] = [
      add({ state: '-2', approval: 'approved' }),
      add({ state: '-2', approval: 'approved' })
    ]
    expect(Object.keys(await sweep(sysId => (sysId === one ? undefined : policy)))).toEqual([other])
    expect(sandbox.requests.filter(request => request.method !== 'GET')).toEqual([])
  })
})
