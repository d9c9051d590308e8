import type { LoadedScripts } from '@change-actions/sandbox'
import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  companionScripts,
  DOOR as ENDPOINT,
  FLOWS,
  TRIGGER as PATH,
  SIGNING_SECRET
} from '../testing/companion.ts'
import { contextOn, type TestContext } from '../testing/context.ts'
import { type InstanceOptions, LOST, startInstance, type TestInstance } from '../testing/instance.ts'
import { FLOW } from '../testing/messages.ts'
import { type FlowProgress, type FlowRun, isDoorProblem, openFlowDoor, runFlow } from './index.ts'

let scripts: LoadedScripts
beforeAll(async () => {
  scripts = await companionScripts()
})

const DOOR = openFlowDoor('companion', { endpoint: ENDPOINT, secret: SIGNING_SECRET })
const TRIGGER = openFlowDoor('rest-trigger', { endpoint: PATH })
const MINUTE = 60_000

const start = (options: InstanceOptions = {}) => startInstance({ scripts, ...options })
const executions = ({ sandbox }: TestInstance) => sandbox.rows('sys_flow_context')
const changes = ({ sandbox }: TestInstance) =>
  sandbox.rows('change_request').filter(row => row.correlation_id !== '')

/** While the step sleeps, the scripts that are due run to their end. */
function contextWithFlows(instance: TestInstance): TestContext {
  const context = contextOn(instance)
  const { sandbox } = instance
  const busy = () => executions(instance).some(row => row.state === 'QUEUED' || row.state === 'IN_PROGRESS')
  return {
    ...context,
    sleep: async ms => {
      await context.sleep(ms)
      await sandbox.waitFor(() => !busy())
    }
  }
}

interface Given extends Partial<FlowRun> {
  readonly name?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly context?: TestContext
}

/** Runs a flow; `seen` is what was known at each moment. */
async function running(instance: TestInstance, given: Given = {}) {
  const { name = FLOW.name, data = FLOW.data, context = contextWithFlows(instance), ...more } = given
  const seen: FlowProgress[] = []
  const ending = runFlow(context, {
    door: DOOR,
    message: { ...FLOW, name, data, at: instance.clock.now() },
    timeoutMs: 60 * MINUTE,
    intervalMs: MINUTE,
    identity: { trustedAccounts: [] },
    onProgress: progress => void seen.push(progress),
    ...more
  })
  const settled = await ending.then(
    result => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error })
  )
  return { ...settled, seen, context }
}

/** Code and facts of what a flow fails with. */
async function failing(instance: TestInstance, given: Given = {}) {
  const { error, ...rest } = await running(instance, given)
  if (!isDoorProblem(error)) throw error ?? new Error('the flow did not fail')
  return { ...rest, problem: { code: error.code, ...error.facts } as Record<string, unknown> }
}

describe('a flow that makes a change', () => {
  it('is followed to its end, and its change counts', async () => {
    const instance = start()
    const { result, seen } = await running(instance)
    expect(result?.execution).toMatchObject({ state: 'complete', outputs: { change_number: 'CHG0030001' } })
    expect(result?.change).toMatchObject({
      number: 'CHG0030001',
      correlationId: FLOW.correlationId,
      correlationDisplay: FLOW.correlationDisplay
    })
    expect(seen[0]).toMatchObject({ execution: { state: 'in_progress' }, change: undefined })
  })

  it('is started once, however often its start is lost and its step is repeated', async () => {
    const instance = start()
    instance.sandbox.fault({ ...LOST, path: '/flows', times: 2 })
    const first = await running(instance)
    expect(first.result?.receipt.duplicate).toBe(true)
    const second = await running(instance)
    expect(second.result).toMatchObject({ receipt: { duplicate: true }, change: { number: 'CHG0030001' } })
    expect(executions(instance)).toHaveLength(1)
    expect(changes(instance)).toHaveLength(1)
  })

  it('that is not as it was sent does not count', async () => {
    const { problem } = await failing(start(), { name: FLOWS.otherChange, data: {} })
    expect(problem).toMatchObject({
      code: 'flow-change',
      change: { number: 'CHG0030001' },
      why: { code: 'fields', fields: [{ field: 'correlation_id', sent: 'gha-1', has: 'other' }] }
    })
  })

  it('counts when its creator is trusted, and is named when it is not', async () => {
    const byAnother = (trustedAccounts: readonly string[]) => {
      const instance = start()
      const context = contextWithFlows(instance)
      const sleep: TestContext['sleep'] = async ms => {
        await context.sleep(ms)
        for (const { sys_id } of changes(instance))
          instance.set({ sysId: sys_id }, { sys_created_by: 'flow.designer' })
      }
      return running(instance, { context: { ...context, sleep }, identity: { trustedAccounts } })
    }
    expect((await byAnother([])).error).toMatchObject({
      code: 'flow-change',
      facts: { why: { code: 'creator', creator: 'flow.designer' } }
    })
    expect((await byAnother(['Flow.Designer'])).result?.change).toMatchObject({ number: 'CHG0030001' })
  })

  it('cannot make a change of anybody else into its own', async () => {
    const instance = start()
    const { sysId } = instance.plant({ correlation_id: 'gha-2' })
    instance.transport.edit(response => ({
      ...response,
      text: response.text.replace(/"change":\{"sys_id":"\w+"/, `"change":{"sys_id":"${sysId}"`)
    }))
    expect((await running(instance)).error).toMatchObject({ code: 'flow-change' })
  })
})

describe('a flow that does not end well', () => {
  it('fails with its own reason', async () => {
    const { problem } = await failing(start(), { name: FLOWS.fail })
    expect(problem).toMatchObject({
      code: 'flow-failed',
      message: expect.stringContaining('the mail server refused'),
      notStarted: false
    })
  })

  it('is started again by the next attempt', async () => {
    const instance = start()
    await failing(instance, { name: FLOWS.fail })
    await failing(instance, { name: FLOWS.fail })
    expect(executions(instance)).toHaveLength(2)
  })

  it('does not exist: that is told apart', async () => {
    const { problem } = await failing(start(), { name: FLOWS.missing })
    expect(problem).toMatchObject({ code: 'flow-failed', notStarted: true })
  })

  it('was canceled', async () => {
    const instance = start()
    const context = contextOn(instance)
    context.at(1, () => {
      const [row] = executions(instance)
      instance.sandbox.set('sys_flow_context', row?.sys_id ?? '', { state: 'CANCELLED' })
    })
    instance.sandbox.onRequest(() => park(instance))
    const { problem } = await failing(instance, { context })
    expect(problem).toMatchObject({ code: 'flow-canceled' })
  })
})

/** Keeps executions waiting. */
function park(instance: TestInstance): void {
  for (const { sys_id, state } of executions(instance))
    if (state === 'QUEUED') instance.sandbox.set('sys_flow_context', sys_id, { state: 'WAITING' })
}

describe('a flow that waits', () => {
  const waiting = (options: InstanceOptions = {}) => {
    const instance = start(options)
    instance.sandbox.onRequest(() => park(instance))
    return instance
  }

  it('is polled until the deadline, and once more', async () => {
    const instance = waiting()
    const context = contextOn(instance)
    const { problem, seen } = await failing(instance, { timeoutMs: MINUTE / 3, context })
    expect(problem).toMatchObject({ code: 'flow-unfinished', state: 'waiting', timeoutMs: MINUTE / 3 })
    expect(seen.at(-1)?.execution.state).toBe('waiting')
    expect(context.slept.reduce((sum, ms) => sum + ms, 0)).toBe(MINUTE / 3)
    const polls = instance.sandbox.requests.filter(one => one.path.includes('/deliveries/'))
    expect(polls).toHaveLength(context.slept.length)
  })

  it('is not waited for with a timeout of 0', async () => {
    const instance = waiting()
    const { result, context } = await running(instance, { timeoutMs: 0 })
    expect(result?.execution.state).toBe('in_progress')
    expect(context.slept).toEqual([])
  })

  it('is seen again after errors that pass; before its deadline none of them fails it', async () => {
    const instance = waiting()
    instance.sandbox.fault({ kind: 'unavailable', path: '/deliveries/', times: 2 })
    const context = contextOn(instance)
    context.at(MINUTE / 4, () => {
      const [row] = executions(instance)
      instance.sandbox.set('sys_flow_context', row?.sys_id ?? '', { state: 'COMPLETE', outputs: '{}' })
    })
    const { result } = await running(instance, { context })
    expect(result).toMatchObject({ execution: { state: 'complete' }, change: undefined })
    expect(context.told('flow-poll-failed')).toHaveLength(2)
  })

  it('cannot be told about when the instance is away at the deadline', async () => {
    const instance = waiting()
    instance.sandbox.fault({ kind: 'unavailable', path: '/deliveries/', times: 999 })
    const { problem, seen } = await failing(instance, { timeoutMs: MINUTE, context: contextOn(instance) })
    expect(problem).toMatchObject({
      code: 'flow-unfinished',
      state: 'unknown',
      last: { code: 'unavailable' }
    })
    expect(seen.at(-1)?.execution.state).toBe('unknown')
  })
})

describe('a flow with a REST trigger', () => {
  it('is followed by its execution', async () => {
    const { result } = await running(start(), { door: TRIGGER, name: '' })
    expect(result).toMatchObject({ receipt: { duplicate: undefined }, execution: { state: 'complete' } })
  })

  it('that nobody may follow was accepted, and is not done', async () => {
    const instance = start()
    instance.sandbox.fault({ kind: 'acl', path: 'sys_flow_context', times: 99 })
    const { problem } = await failing(instance, { door: TRIGGER, name: '' })
    expect(problem).toMatchObject({ code: 'flow-not-followed', last: { code: 'role' } })
    const away = start()
    away.sandbox.fault({ kind: 'not-found', path: 'sys_flow_context', times: 99 })
    expect((await failing(away, { door: TRIGGER, name: '', timeoutMs: MINUTE })).problem).toMatchObject({
      code: 'flow-unfinished',
      state: 'unknown'
    })
  })

  it('whose response names no execution can be started alone', async () => {
    const instance = start()
    instance.transport.edit(response => ({ ...response, text: '{"result":{}}' }))
    const { result } = await running(instance, { door: TRIGGER, name: '', timeoutMs: 0 })
    expect(result?.execution).toMatchObject({ id: '', state: 'unknown' })
    expect((await failing(instance, { door: TRIGGER, name: '' })).problem).toMatchObject({
      code: 'flow-not-followed'
    })
  })
})

it('a dry run starts nothing', async () => {
  const instance = start()
  const context = contextOn(instance, { dryRun: true })
  expect((await running(instance, { context })).result).toBeUndefined()
  expect(executions(instance)).toEqual([])
})
