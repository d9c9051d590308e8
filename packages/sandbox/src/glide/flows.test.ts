/** Flows that scripts start by name, and events with their script actions. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createManualClock } from '../clock.ts'
import { createSandbox, type InProcessSandbox } from '../sandbox.ts'
import { application, resource, rule } from '../testing/application.ts'
import { basic } from '../testing/caller.ts'
import type { Application } from './application.ts'

const opened: InProcessSandbox[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(sandbox => sandbox.stop()))
})

function open(
  parts: Partial<Application>,
  options: Parameters<typeof createSandbox>[0] = {}
): InProcessSandbox {
  const sandbox = createSandbox({ scripts: application(parts), ...options })
  opened.push(sandbox)
  return sandbox
}

async function call(sandbox: InProcessSandbox, body: unknown = {}) {
  const reply = await sandbox.send({
    method: 'POST',
    url: 'http://acme.test/api/x_acme/run',
    headers: { authorization: basic('gha.deployer'), 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  if (!('response' in reply)) throw new Error(`no response: ${reply.kind}`)
  return JSON.parse(String(reply.response.body))
}

const contextOf = (sandbox: InProcessSandbox) => sandbox.rows('sys_flow_context')[0]

const create = {
  name: 'create_change',
  script: `(function (inputs, outputs) {
    var change = new GlideRecord('change_request');
    change.type = 'normal';
    change.short_description = inputs.title;
    change.correlation_id = inputs.correlation_id;
    outputs.change = change.insert();
    outputs.number = change.getValue('number');
  })(inputs, outputs);`
}

describe('a flow', () => {
  const start = `(function () {
    var inputs = request.body.data;
    var result = sn_fd.FlowAPI.getRunner().subflow('x_acme.create_change').inBackground().withInputs(inputs).run();
    var id = result.getContextId();
    return { id: id, status: sn_fd.FlowAPI.getStatus(id).contextStatus.state };
  })();`

  it('runs later, as the user who started it, and keeps its outputs', async () => {
    const clock = createManualClock(Date.UTC(2026, 10, 21, 12))
    const sandbox = open({ flows: [create], resources: [resource(start)] }, clock)
    const { result } = await call(sandbox, { title: 'From a flow', correlation_id: 'c-1' })
    expect(result).toEqual({ id: contextOf(sandbox)?.sys_id, status: 'QUEUED' })
    expect(sandbox.rows('change_request').some(row => row.correlation_id === 'c-1')).toBe(false)
    clock.advance(0)
    await sandbox.waitFor(() => contextOf(sandbox)?.state === 'COMPLETE')
    const change = sandbox.rows('change_request').find(row => row.correlation_id === 'c-1')
    expect(change).toMatchObject({ short_description: 'From a flow', sys_created_by: 'gha.deployer' })
    expect(JSON.parse(contextOf(sandbox)?.outputs ?? '')).toEqual({
      change: change?.sys_id,
      number: change?.number
    })
  })

  it('that waits stays until somebody ends it', async () => {
    const clock = createManualClock(Date.UTC(2026, 10, 21, 12))
    const sandbox = open({ flows: [{ ...create, waits: true }], resources: [resource(start)] }, clock)
    await call(sandbox)
    clock.advance(0)
    await sandbox.waitFor(() => contextOf(sandbox)?.state === 'WAITING')
    sandbox.set('sys_flow_context', contextOf(sandbox)?.sys_id ?? '', { state: 'COMPLETE' })
    clock.advance(60_000)
    expect(contextOf(sandbox)?.state).toBe('COMPLETE')
  })

  it('that fails says why', async () => {
    const failing = { name: 'create_change', script: "throw new Error('no group');" }
    const sandbox = open({ flows: [failing], resources: [resource(start)] })
    await call(sandbox)
    await sandbox.waitFor(() => contextOf(sandbox)?.state === 'ERROR')
    expect(contextOf(sandbox)?.error_message).toBe('no group')
  })

  it('that does not exist cannot be started', async () => {
    const sandbox = open({ resources: [resource(start)] })
    expect((await call(sandbox)).error.message).toBe(
      'The subflow x_acme.create_change does not exist or is not active.'
    )
    expect(contextOf(sandbox)).toBeUndefined()
  })

  it('that was cancelled before its turn does not run', async () => {
    const clock = createManualClock(Date.UTC(2026, 10, 21, 12))
    const script = `var id = sn_fd.FlowAPI.startSubflow('create_change', { correlation_id: 'c-2' });
      sn_fd.FlowAPI.cancel(id, 'too late'); sn_fd.FlowAPI.getStatus(id);`
    const sandbox = open({ flows: [create], resources: [resource(script)] }, clock)
    const { result } = await call(sandbox)
    expect(result.contextStatus).toEqual({ state: 'CANCELLED', message: 'too late' })
    clock.advance(1000)
    expect(sandbox.rows('sys_trigger')).toEqual([])
    expect(sandbox.rows('change_request').some(row => row.correlation_id === 'c-2')).toBe(false)
  })

  it('runs in the foreground, from a resource and from a rule', async () => {
    const double = { name: 'double', script: 'outputs.value = inputs.value * 2;' }
    const run = (value: number) =>
      `sn_fd.FlowAPI.getRunner().subflow('double').inForeground().addInput('value', ${value}).run().getOutputs().value`
    const sandbox = open({
      flows: [double],
      resources: [
        resource(`var value = ${run(4)};
        var task = new GlideRecord('change_request'); task.short_description = 'x'; task.insert(); value;`)
      ],
      rules: [rule(`current.justification = ${run(21)};`)]
    })
    expect((await call(sandbox)).result).toBe(8)
    expect(sandbox.rows('change_request').find(row => row.short_description === 'x')?.justification).toBe(
      '42'
    )
  })
})

describe('a restart', () => {
  it('runs what was scheduled before it, as the same user', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    const stateFile = join(folder, 'state.json')
    const start = "sn_fd.FlowAPI.startSubflow('create_change', { correlation_id: 'c-3' });"
    const parts = { flows: [create], resources: [resource(start)] }
    const stopped = createManualClock(Date.UTC(2026, 10, 21, 12))
    const first = createSandbox({ scripts: application(parts), stateFile, ...stopped })
    await call(first)
    await first.stop()
    const second = open(parts, { stateFile })
    await second.waitFor(() => contextOf(second)?.state === 'COMPLETE')
    const change = second.rows('change_request').find(row => row.correlation_id === 'c-3')
    expect(change?.sys_created_by).toBe('gha.deployer')
    await second.stop()
    rmSync(folder, { recursive: true, force: true })
  })
})

describe('a restart without the flow', () => {
  it('ends what was scheduled in an error', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    const stateFile = join(folder, 'state.json')
    const stopped = createManualClock(Date.UTC(2026, 10, 21, 12))
    const parts = {
      flows: [create],
      resources: [resource("sn_fd.FlowAPI.startSubflow('create_change', {});")]
    }
    const first = createSandbox({ scripts: application(parts), stateFile, ...stopped })
    await call(first)
    await first.stop()
    const second = open({}, { stateFile })
    await second.waitFor(() => contextOf(second)?.state === 'ERROR')
    expect(contextOf(second)?.error_message).toMatch(/does not exist/)
    await second.stop()
    rmSync(folder, { recursive: true, force: true })
  })
})

describe('an event', () => {
  it('runs its script actions with the record, at once or later', async () => {
    const clock = createManualClock(Date.UTC(2026, 10, 21, 12))
    const script = `var at = new GlideDateTime(); at.addSeconds(60);
      var user = new GlideRecord('sys_user'); user.get('user_name', 'admin');
      gs.eventQueue('x_acme.now', user, 'one', 'two');
      gs.eventQueueScheduled('x_acme.later', user, '', '', at);`
    const log = (name: string) => ({
      name,
      event: name,
      script: "gs.info('{0} {1} {2} {3}', event.name, event.parm1, event.parm2, current.user_name);"
    })
    const sandbox = open(
      { actions: [log('x_acme.now'), log('x_acme.later')], resources: [resource(script)] },
      clock
    )
    await call(sandbox)
    const messages = () =>
      sandbox.rows('syslog').flatMap(row => (row.source === 'x_acme' ? [row.message] : []))
    clock.advance(59_000)
    await sandbox.waitFor(() => sandbox.rows('sysevent')[0]?.state === 'processed')
    expect(messages()).toEqual(['x_acme.now one two admin'])
    clock.advance(1000)
    await sandbox.waitFor(() => sandbox.rows('sysevent')[1]?.state === 'processed')
    expect(messages()).toEqual(['x_acme.now one two admin', 'x_acme.later   admin'])
  })
})
