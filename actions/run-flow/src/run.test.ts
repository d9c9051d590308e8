import type { LoadedScripts } from '@change-actions/sandbox'
import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  companionScripts,
  FLOWS,
  SIGNING_SECRET,
  TRIGGER
} from '../../../packages/change-operations/src/testing/companion.ts'
import { definition as gate } from '../../gate/src/main.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition as waitApproval } from '../../wait-approval/src/main.ts'
import { definition } from './main.ts'

let scripts: LoadedScripts
beforeAll(async () => {
  scripts = await companionScripts()
})

const FLOW = {
  flow: FLOWS.createChange,
  environment: 'production',
  data: 'short_description: Deploy the shop',
  'signing-secret': SIGNING_SECRET,
  'poll-interval': '1s'
}
const withCompanion = (body: (world: World) => Promise<void>) => inWorld({ scripts }, body)
const executions = ({ sandbox }: World) => sandbox.rows('sys_flow_context')

const WAITING = { ...FLOW, flow: FLOWS.wait }

describe('a flow that makes a change', () => {
  it('is followed, and the gate opens for its change like for its own', () =>
    withCompanion(async world => {
      const step = await world.perform(definition, { inputs: FLOW })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({
        accepted: 'true',
        duplicate: 'false',
        'flow-state': 'complete',
        'change-number': 'CHG0030001',
        'execution-id': executions(world)[0]?.sys_id
      })
      expect(JSON.parse(step.outputs['flow-outputs'] ?? '')).toMatchObject({ change_number: 'CHG0030001' })
      expect(JSON.parse(step.outputs.metrics ?? '')).toMatchObject({ result: 'complete' })
      expect(step.summary).toContain('[CHG0030001]')
      const id = step.outputs['change-sys-id'] ?? ''
      const named = { 'change-sys-id': id, environment: 'production', 'poll-interval': '1s' }
      const waited = await world.perform(waitApproval, { inputs: named })
      expect(waited.outputs).toMatchObject({ approved: 'true', outcome: 'approved' })
      const opened = await world.perform(gate, { inputs: named })
      expect(opened.failure).toBeUndefined()
      expect(opened.outputs).toMatchObject({
        approved: 'true',
        created: 'false',
        'change-number': 'CHG0030001'
      })
      expect(world.sandbox.change(id)?.state).toBe('-1')
    }))

  it('is not started again by the next attempt, which follows the same execution', () =>
    withCompanion(async world => {
      const first = await world.perform(definition, { inputs: FLOW })
      expect(first.failure).toBeUndefined()
      const second = await world.perform(definition, { inputs: FLOW, env: { GITHUB_RUN_ATTEMPT: '2' } })
      expect(second.failure).toBeUndefined()
      expect(second.outputs).toMatchObject({
        duplicate: 'true',
        'delivery-id': first.outputs['delivery-id'],
        'change-sys-id': first.outputs['change-sys-id']
      })
      expect(executions(world)).toHaveLength(1)
    }))

  it('of which another account is the creator fails, and names it', () =>
    withCompanion(async world => {
      world.sandbox.onRequest(() => {
        for (const { sys_id, sys_created_by } of world.sandbox.rows('change_request'))
          if (sys_created_by === 'gha.deployer')
            world.sandbox.set('change_request', sys_id, { sys_created_by: 'flow.designer' })
      })
      const step = await world.perform(definition, { inputs: FLOW })
      expect(step.failure?.title).toBe('ServiceNow flow: its change is not of this deployment')
      expect(step.failure?.text).toMatch(
        /created by flow\.designer, an account that is not trusted[\s\S]*Fix: name this user in `trusted-accounts`/
      )
      expect(step.outputs['change-sys-id']).toBeUndefined()
      const trusted = { ...FLOW, 'trusted-accounts': 'flow.designer' }
      const again = await world.perform(definition, { inputs: trusted })
      expect(again.outputs['change-number']).toBe('CHG0030001')
    }))
})

describe('a flow that is refused or fails', () => {
  it.each([
    [
      FLOWS.notAllowed,
      'ServiceNow 403: flow not allowed',
      /is not allowed[.:][\s\S]*property x_chgact\.flows/
    ],
    [FLOWS.missing, 'ServiceNow flow: failed', /was not started: [\s\S]*no active flow of this name/],
    [FLOWS.fail, 'ServiceNow flow: failed', /The reason: the mail server refused/]
  ])('%s', (flow, title, text) =>
    withCompanion(async world => {
      const step = await world.perform(definition, { inputs: { ...FLOW, flow } })
      expect(step.failure?.title).toBe(title)
      expect(step.failure?.text).toMatch(text)
      expect(world.sandbox.rows('change_request')).toEqual([])
    })
  )

  it('without the application, or with a wrong clock', () =>
    inWorld({}, async world => {
      const missing = await world.perform(definition, { inputs: FLOW })
      expect(missing.failure?.title).toBe('ServiceNow 400: no such endpoint')
      expect(missing.failure?.text).toMatch(/Fix: install the companion application/)
    }))

  it('by an instance whose clock is another one', () =>
    inWorld({ scripts, now: () => Date.now() + 3_600_000 }, async world => {
      const step = await world.perform(definition, { inputs: FLOW })
      expect(step.failure?.title).toBe('ServiceNow 409: too old, or from the future')
      expect(step.failure?.text).toMatch(/is (3599|3600|3601) s ahead of that of the runner/)
      expect(executions(world)).toEqual([])
    }))
})

describe('a flow that waits', () => {
  it('is not over at the deadline: accepted is not done', () =>
    withCompanion(async world => {
      const step = await world.perform(definition, { inputs: { ...WAITING, timeout: '5s' } })
      expect(step.failure?.title).toBe('ServiceNow flow: not finished in time')
      expect(step.outputs).toMatchObject({ accepted: 'true', 'flow-state': 'waiting' })
      expect(step.failure?.text).toMatch(/was not over after 5s \(execution [0-9a-f]{32}\)\. It goes on\./)
    }))

  it('is started alone with a timeout of 0', () =>
    withCompanion(async world => {
      const step = await world.perform(definition, { inputs: { ...WAITING, timeout: '0' } })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ accepted: 'true', 'flow-state': 'waiting' })
      expect(step.info.at(-1)).toBe('The flow goes on; this step does not wait for it (timeout 0).')
    }))

  it('goes on when the step is canceled, and what is known is written', () =>
    withCompanion(async world => {
      const canceled = new AbortController()
      const step = await world.perform(definition, {
        inputs: WAITING,
        interrupt: canceled.signal,
        onSleep: slept => void (slept > 2_000 && canceled.abort())
      })
      expect(step.outputs).toMatchObject({ accepted: 'true', 'flow-state': 'waiting' })
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('interrupted')
      expect(step.summary).toContain('Interrupted')
      await world.sandbox.waitFor(() => executions(world).every(row => row.state === 'WAITING'))
    }))
})

it('a REST trigger is followed by its execution', () =>
  withCompanion(async world => {
    const { flow: _, 'signing-secret': __, ...rest } = FLOW
    const inputs = { ...rest, door: 'rest-trigger', endpoint: TRIGGER }
    const step = await world.perform(definition, { inputs })
    expect(step.failure).toBeUndefined()
    expect(step.outputs).toMatchObject({ duplicate: '', 'flow-state': 'complete', 'flow-outputs': '{}' })
  }))

it('a dry run starts nothing', () =>
  withCompanion(async world => {
    const step = await world.perform(definition, { inputs: { ...FLOW, 'dry-run': 'true' } })
    expect(step.failure).toBeUndefined()
    expect(step.outputs).toMatchObject({ accepted: 'false', 'flow-state': 'unknown' })
    expect(executions(world)).toEqual([])
  }))

describe('inputs', () => {
  it.each([
    [{ flow: '' }, /`flow` is required with `door: companion`/],
    [{ flow: 'My Flow' }, /`flow` must be the internal name of a subflow/],
    [{ door: 'event-management', 'signing-secret': '' }, /`door: event-management` takes events alone/],
    [{ door: 'import-set', 'signing-secret': '' }, /`door: import-set` takes events alone/],
    [{ 'poll-interval': '0' }, /`poll-interval` must be at least 1s/],
    [{ 'trusted-accounts': 'a^b' }, /`trusted-accounts` holds an item/]
  ])('%j', (inputs, message) =>
    inWorld({}, async world => {
      const step = await world.perform(definition, { inputs: { ...FLOW, ...inputs } })
      expect(step.failure?.text).toMatch(message)
      expect(world.sandbox.requests).toEqual([])
    })
  )
})
