/**
 * Both ways between GitHub and ServiceNow with the real scripts and the real actions: run-flow starts a subflow that
 * makes a change, the board approves, the business rule starts the workflow at GitHub, resume-deployments lets the
 * deployment go, the gate of its job checks the change again, deploys and closes it. Messages are lost, doubled, late,
 * reordered and forged on each leg.
 */
import type { SandboxOptions } from '@change-actions/sandbox'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { inWorld } from '../../actions/testing/perform.ts'
import { type Stage, stage } from '../github/kit.ts'
import { changesOf, companion, deliver, FLOW, messageOf } from './kit.ts'
import { Play, type Texts } from './play.ts'

// Each script runs in a thread of its own, which takes a second on a busy machine.
jest.setTimeout(60_000)

/** Nobody approves unless the test does. */
const UNDECIDED: SandboxOptions = { approvalDelayMs: 0, autoApproveAfterMs: 600_000 }

let set: Stage

beforeEach(async () => {
  set = await stage()
})
afterEach(() => set.github.stop())

const play = (body: (play: Play) => Promise<void>) => async () =>
  inWorld({ ...UNDECIDED, scripts: await companion() }, world => body(new Play(world, set)))

const earlier = () => new Date(Date.now() - 400_000).toISOString()
const executions = ({ sandbox }: Play) => sandbox.rows('sys_flow_context').length

/** From a change that was asked for to its end. */
async function approvedAndDeployed(one: Play): Promise<void> {
  await one.approve()
  await one.poked()
  expect((await one.resume()).outputs).toMatchObject({ resumed: '1', failed: '0' })
  const entered = await one.enter()
  expect(entered.failure).toBeUndefined()
  expect((await one.leave(entered)).failure).toBeUndefined()
  expect(one.change.state).toBe('3')
  expect([changesOf(one.sandbox).length, one.letGo, one.deployments]).toEqual([1, 1, 1])
}

it(
  'goes both ways, from run-flow to the closed change',
  play(async one => {
    const asked = await one.ask()
    expect(asked.failure).toBeUndefined()
    expect(asked.outputs).toMatchObject({
      'flow-state': 'complete',
      duplicate: 'false',
      'change-sys-id': one.change.id
    })
    expect((await one.resume()).outputs.resumed).toBe('0')
    await approvedAndDeployed(one)
    expect(one.pokes.length).toBeGreaterThan(0)
    for (const { inputs } of one.pokes) expect(inputs).toEqual({})
  })
)

describe('from run-flow to the door', () => {
  it.each([
    ['the message is lost', { kind: 'reset', path: '/flows' }, 'false'],
    ['its response is lost', { kind: 'reset', committed: true, path: '/flows' }, 'true'],
    ['polls are lost', { kind: 'unavailable', path: '/deliveries/', times: 2 }, 'false']
  ] as const)('%s: one change, one deployment', (_, fault, duplicate) =>
    play(async one => {
      one.sandbox.fault(fault)
      const asked = await one.ask()
      expect(asked.outputs).toMatchObject({ duplicate, 'change-sys-id': one.change.id })
      expect(executions(one)).toBe(1)
      await approvedAndDeployed(one)
    })()
  )

  it(
    'a message that arrives twice, late, or after that of a later attempt starts nothing',
    play(async one => {
      await one.ask()
      const [first] = one.messages
      expect((await one.replay(first)).result).toMatchObject({ duplicate: true, state: 'complete' })
      expect((await one.replay(first, { at: earlier() })).status).toBe(409)
      const second = await one.ask({}, 2)
      expect(second.outputs).toMatchObject({ duplicate: 'true', 'change-sys-id': one.change.id })
      expect((await one.replay(first)).result.duplicate).toBe(true)
      expect(executions(one)).toBe(1)
      await approvedAndDeployed(one)
      // When all is over, too.
      expect((await one.replay(first)).result.duplicate).toBe(true)
      expect(changesOf(one.sandbox)).toHaveLength(1)
    })
  )

  it(
    'a message of an attempt that failed comes after its repetition: it starts nothing',
    play(async one => {
      const failed = await one.ask({ data: 'assignment_group: Operations' })
      expect(failed.failure?.title).toBe('ServiceNow flow: failed')
      const [first] = one.messages
      const again = await one.ask({}, 2)
      expect(again.outputs).toMatchObject({ duplicate: 'false', 'flow-state': 'complete' })
      expect((await one.replay(first)).result).toMatchObject({ duplicate: true, state: 'complete' })
      expect(executions(one)).toBe(2)
      expect(changesOf(one.sandbox)).toHaveLength(1)
    })
  )

  it(
    'a forged message makes no change',
    play(async one => {
      const step = await one.ask({ 'signing-secret': 'guess' })
      expect(step.failure?.title).toBe('ServiceNow 401: wrong signature')
      const { url: instance } = one.sandbox
      const withoutRole = { instance, username: 'gha.reader', password: 'reader-password' }
      expect((await one.ask(withoutRole)).failure?.title).toBe('ServiceNow 403: account not allowed')
      expect((await one.replay(one.messages[0], {}, { secret: 'guess' })).status).toBe(401)
      expect(changesOf(one.sandbox)).toEqual([])
      expect(one.sandbox.rows('x_chgact_delivery')).toEqual([])
    })
  )

  it(
    'a signed message for the binding of another run gives this run nothing to deploy under',
    play(async one => {
      await deliver(one.sandbox, messageOf('flow', FLOW, { run_id: '7' }))
      await one.sandbox.waitFor(() => changesOf(one.sandbox).length === 1)
      await one.approve()
      expect((await one.resume()).outputs.resumed).toBe('0')
      expect((await one.enter()).failure).toBeDefined()
      expect(one.deployments).toBe(0)
    })
  )
})

describe('from the decision to GitHub', () => {
  it(
    'no poke is needed: the schedule finds what was decided',
    play(async one => {
      set.github.fault({ kind: 'unavailable', operation: 'actions/create-workflow-dispatch', times: 3 })
      await one.ask()
      await approvedAndDeployed(one)
      expect(one.pokes).toEqual([])
    })
  )

  it(
    'pokes that arrive twice, and late, let the deployment go once',
    play(async one => {
      await one.ask()
      await one.approve()
      await one.poked()
      const steps = [await one.resume(), await one.resume()]
      expect(steps.map(step => step.outputs.resumed)).toEqual(['1', '0'])
      await one.leave(await one.enter())
      set.shop.run('resume.yml', { event: 'workflow_dispatch' })
      expect((await one.resume()).outputs).toMatchObject({ resumed: '0', failed: '0' })
      expect([one.letGo, one.deployments, one.change.state]).toEqual([1, 1, '3'])
    })
  )

  it(
    'a forged poke, or one that overtakes the decision, lets nothing go',
    play(async one => {
      set.shop.run('resume.yml', { event: 'workflow_dispatch' })
      expect((await one.resume()).outputs.resumed).toBe('0')
      await one.ask()
      expect((await one.resume()).outputs.resumed).toBe('0')
      expect(one.latch).toBe('waiting')
    })
  )

  it(
    'a decision that GitHub took and did not confirm is made once',
    play(async one => {
      await one.ask()
      await one.approve()
      set.github.fault({ kind: 'lost-response', operation: 'actions/review-custom-gates-for-run' })
      const steps = [await one.resume(), await one.resume()]
      expect(steps.every(step => step.outputs.failed === '0')).toBe(true)
      expect([one.latch, one.letGo <= 1]).toEqual(['passed', true])
      expect((await one.enter()).failure).toBeUndefined()
    })
  )

  it(
    'a rejected change rejects the deployment',
    play(async one => {
      await one.ask()
      await one.reject('Not on Friday')
      await one.poked()
      expect((await one.resume()).outputs).toMatchObject({ resumed: '0', rejected: '1' })
      expect(one.latch).toBe('rejected')
    })
  )

  it(
    'an approved change of another account with the binding of the run lets nothing go',
    play(async one => {
      await one.ask()
      const { correlation_id = '', correlation_display = '' }: Texts = changesOf(one.sandbox)[0] ?? {}
      one.world.plant({ correlation_id, correlation_display, state: '-2', approval: 'approved' })
      await one.resume()
      expect(one.latch).toBe('waiting')
    })
  )
})

describe('in the job behind the latch', () => {
  it(
    'nothing is deployed that was let past the latch without an approval',
    play(async one => {
      await one.ask()
      one.run.bypass('production', 'olivia')
      const step = await one.enter()
      expect(step.failure).toBeDefined()
      expect(step.outputs.approved).toBe('false')
      expect(one.deployments).toBe(0)
    })
  )

  it(
    'nothing is deployed whose approval was withdrawn after it was let go',
    play(async one => {
      await one.ask()
      await one.approve()
      await one.resume()
      one.sandbox.set('change_request', one.change.id, { state: '-3', approval: 'requested' })
      expect((await one.enter()).failure).toBeDefined()
      expect(one.deployments).toBe(0)
    })
  )

  it(
    'another run does not deploy under the same change, and lost responses close it once',
    play(async one => {
      await one.ask()
      await one.approve()
      await one.resume()
      one.sandbox.fault({ kind: 'reset', committed: true, method: 'PATCH', path: /\/change\// })
      const entered = await one.enter()
      expect(entered.failure).toBeUndefined()
      expect((await one.enter({ GITHUB_RUN_ID: '7' })).failure).toBeDefined()
      one.sandbox.fault({ kind: 'reset', committed: true, method: 'PATCH', path: /\/change\// })
      expect((await one.leave(entered)).failure).toBeUndefined()
      expect([one.deployments, one.change.state]).toEqual([1, '3'])
    })
  )
})
