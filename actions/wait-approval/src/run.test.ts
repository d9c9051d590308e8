/** How a wait for approval ends, and what the step tells of it. */
import { correlationScope, formatBinding } from '@change-actions/change-control'
import { describe, expect, it } from '@jest/globals'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOYMENT = { 'short-description': 'Deploy', 'assignment-group': 'DevOps Team' }
const ONCE = { timeout: '0' }
/** Nobody approves unless the test does. */
const UNDECIDED = { autoApproveAfterMs: 600_000 }
const SCHEDULED = { state: '-2', approval: 'approved' }
const OTHER_COMMIT = formatBinding({
  commit: '0123456789ab'.padEnd(40, '0'),
  runId: '77',
  scope: correlationScope({ serverUrl: 'https://github.com', repository: 'acme/shop', environment: '' })
})
const FOREVER = Number.POSITIVE_INFINITY

/** A change made by an earlier step of the job, waiting for its approvers. */
async function submit({ sandbox, perform }: World): Promise<string> {
  const created = await perform(createChange, { inputs: DEPLOYMENT })
  const number = created.outputs['change-number'] ?? ''
  await sandbox.waitFor(() => sandbox.approvers(number).some(row => row.state === 'requested'))
  return number
}

/** Waits once for a change that is as it is. */
function check(
  { plant, perform }: World,
  fields: Record<string, string>,
  inputs: Record<string, string> = {}
) {
  const { number } = plant(fields)
  // A change that no step submitted has no fingerprint of its fields.
  const plain = { ...ONCE, 'edits-after-submission': 'ignore' }
  return perform(definition, { inputs: { ...plain, 'change-number': number, ...inputs } })
}

describe('an approved change', () => {
  it('lets the job go on, and says by whom it was approved', () =>
    inWorld(UNDECIDED, async world => {
      const { sandbox, perform } = world
      const number = await submit(world)
      sandbox.approve(number)
      const step = await perform(definition)
      expect(step.failure).toBeUndefined()
      expect(step.warnings).toEqual([])
      const change = sandbox.change(number)
      expect(step.outputs).toMatchObject({
        approved: 'true',
        outcome: 'approved',
        'change-number': number,
        'change-sys-id': change?.sys_id,
        'change-url': expect.stringContaining(`${change?.sys_id}`),
        'change-state': 'scheduled',
        approval: 'approved',
        'approved-by': 'Anna Approver',
        'approval-basis': 'person',
        'planned-start': '',
        'planned-end': '',
        'waited-seconds': '0',
        polls: '1'
      })
      expect(JSON.parse(step.outputs.approvals ?? '')).toContainEqual({
        approver: 'Anna Approver',
        group: 'CAB Approval',
        state: 'approved',
        comments: expect.any(String),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
      })
      const metrics = JSON.parse(step.outputs.metrics ?? '')
      expect(metrics).toMatchObject({ result: 'approved', wait_ms: expect.any(Number) })
      expect(step.info).toContain(`${number}: approved: state Scheduled, approval approved.`)
      expect(step.summary).toMatch(/^## CHG\d+: approved, the deployment may start\n/)
      expect(step.summary).toMatch(/Approved by.*Anna Approver/)
      expect(step.summary).toMatch(/wait for approval [\d.]+ s · 1 poll · /)
    }))

  it.each([
    ['policy, bound later', SCHEDULED, {}],
    ['none', { state: '-2' }, { 'require-approval': 'false' }],
    [
      'template, bound later',
      { ...SCHEDULED, type: 'standard', std_change_producer_version: 'a'.repeat(32) },
      {}
    ]
  ])('rests on %s', (basis, fields, inputs) =>
    inWorld({}, async world => {
      const step = await check(world, fields as Record<string, string>, inputs)
      expect(step.outputs).toMatchObject({ outcome: 'approved', 'approval-basis': basis })
    })
  )

  it.each([
    ['warn', 'approved', /^CHG\d+: edited after the submission: short_description\.$/],
    ['refuse', 'edited', undefined],
    ['ignore', 'approved', undefined]
  ] as const)('that was edited after its submission: %s', (edits, outcome, warning) =>
    inWorld(UNDECIDED, async world => {
      const { sandbox, perform } = world
      const number = await submit(world)
      sandbox.approve(number)
      sandbox.set('change_request', number, { short_description: 'Deploy something else' })
      const step = await perform(definition, { inputs: { 'edits-after-submission': edits } })
      expect(step.outputs).toMatchObject({ outcome, approved: String(outcome === 'approved') })
      expect(step.warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)])
      if (outcome === 'edited')
        expect(step.failure?.text).toContain('after the submission: short_description')
    })
  )

  it('says when it is planned, in UTC', () =>
    inWorld({}, async world => {
      const window = { start_date: '2020-01-01 08:00:00', end_date: '2099-01-01 00:00:00' }
      const step = await check(world, { ...SCHEDULED, ...window })
      expect(step.outputs).toMatchObject({
        'planned-start': '2020-01-01T08:00:00Z',
        'planned-end': '2099-01-01T00:00:00Z'
      })
    }))

  it('rests on something that is not known where the approvers cannot be read', () =>
    inWorld({}, async world => {
      world.sandbox.fault({ kind: 'acl', path: /sysapproval_approver/, times: FOREVER })
      const step = await check(world, SCHEDULED)
      expect(step.outputs).toMatchObject({
        outcome: 'approved',
        'approval-basis': 'unknown, bound later',
        approvals: '[]'
      })
    }))

  it('may be in Review already, with a warning, where it is bound to this run', () =>
    inWorld({}, async world => {
      const fields = { state: '0', approval: 'approved' }
      const over = await check(world, fields)
      expect(over.outputs).toMatchObject({ approved: 'false', outcome: 'in-use' })
      const { number } = world.plantOwn(fields)
      const step = await world.perform(definition, {
        inputs: { 'change-number': number, timeout: '0', 'edits-after-submission': 'ignore' }
      })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ approved: 'true', 'change-state': 'review' })
      expect(step.warnings).toEqual([
        expect.stringMatching(/^CHG\d+: the change is in Review: its work counts as done already$/)
      ])
    }))

  it('has no approvers where approval is not required', () =>
    inWorld({}, async world => {
      const strict = await check(world, { state: '-2' })
      expect(strict.outputs).toMatchObject({ approved: 'false', outcome: 'timeout' })
      const lax = await check(world, { state: '-2' }, { 'require-approval': 'false' })
      expect(lax.failure).toBeUndefined()
      expect(lax.outputs).toMatchObject({ approved: 'true', 'approved-by': '', approvals: '[]' })
      expect(lax.info.join('\n')).toContain('may proceed without approval: state Scheduled')
    }))
})

describe('a change that is not approved', () => {
  it('fails the step when the time is up, and names those who have yet to approve', () =>
    inWorld(UNDECIDED, async world => {
      const number = await submit(world)
      const step = await world.perform(definition, { inputs: ONCE })
      expect(step.failure?.title).toBe(`Change ${number}: timeout`)
      expect(step.failure?.text).toContain('Yet to approve: Anna Approver (CAB Approval)')
      expect(step.failure?.text).toMatch(/^Current status: CHG\d+ is in \w+, approval requested: http/m)
      expect(step.outputs).toMatchObject({
        approved: 'false',
        outcome: 'timeout',
        approval: 'requested',
        'approved-by': '',
        'waited-seconds': '0',
        polls: '1'
      })
      expect(JSON.parse(step.outputs.metrics ?? '')).toMatchObject({ result: 'timeout' })
      expect(step.summary).toContain(`**Change ${number}: timeout**`)
    }))

  it('says with the first poll that nobody requested the approval, and what to do', () =>
    inWorld(UNDECIDED, async ({ plant, perform }) => {
      const { number } = plant({ state: '-5' })
      const inputs = { 'change-number': number, timeout: '1', 'poll-interval': '1' }
      const step = await perform(definition, { inputs })
      expect(step.outputs.outcome).toBe('timeout')
      expect(step.info[1]).toMatch(
        /approval was never requested: the change is in New\. Request it \(create-change with request-approval: true\)/
      )
      expect(step.failure?.text).toMatch(/^Fix: request approval/m)
    }))

  it('stops at once for it, where the user says so', () =>
    inWorld(UNDECIDED, async ({ plant, perform }) => {
      const { number } = plant({ state: '-5' })
      const inputs = { 'change-number': number, timeout: '1h', 'when-not-requested': 'stop' }
      const step = await perform(definition, { inputs })
      expect(step.outputs).toMatchObject({ outcome: 'not-requested', approved: 'false', polls: '1' })
      expect(step.failure?.title).toBe(`Change ${number}: not-requested`)
      expect(step.failure?.text).toMatch(/^Fix: request approval/m)
    }))

  it('waits no longer than the timeout, with a poll at its end', () =>
    inWorld(UNDECIDED, async world => {
      await submit(world)
      const step = await world.perform(definition, { inputs: { timeout: '1', 'poll-interval': '1' } })
      expect(step.outputs).toMatchObject({ outcome: 'timeout', polls: '2', 'waited-seconds': '1' })
      expect(step.info.join('\n')).toContain('waiting for approval')
    }))

  it('fails with what an approver said when it is rejected, and prints it', () =>
    inWorld(UNDECIDED, async world => {
      const number = await submit(world)
      world.sandbox.reject(number, 'Not on Black Friday.')
      const step = await world.perform(definition)
      expect(step.failure?.title).toBe(`Change ${number}: rejected`)
      expect(step.failure?.text).toContain('Not on Black Friday.')
      expect(step.info).toContainEqual(
        expect.stringMatching(/Anna Approver \(rejected\): .*Not on Black Friday\./)
      )
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'rejected', approval: 'rejected' })
    }))

  it('is a warning where the step is told not to fail', () =>
    inWorld(UNDECIDED, async world => {
      const number = await submit(world)
      world.sandbox.reject(number, 'Not on Black Friday.')
      const step = await world.perform(definition, { inputs: { 'fail-when-not-approved': 'false' } })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'rejected' })
      expect(step.warnings).toEqual([expect.stringContaining('Not on Black Friday.')])
      expect(step.warnings[0]).not.toContain('\n')
    }))

  it.each([
    ['canceled', { state: '4' }],
    ['closed', { state: '3', approval: 'approved' }],
    ['unauthorized', { ...SCHEDULED, unauthorized: 'true' }],
    ['window-closed', { ...SCHEDULED, end_date: '2020-01-01 00:00:00' }],
    ['window-not-open', { ...SCHEDULED, start_date: '2099-01-01 00:00:00' }],
    ['no-approver', SCHEDULED, { 'require-approver': 'true' }],
    ['stale-approval', { ...SCHEDULED, correlation_display: OTHER_COMMIT }],
    ['timeout', { state: '-5' }]
  ] as [string, Record<string, string>, Record<string, string>?][])(
    'fails the step with the outcome %s',
    (outcome, fields, inputs = {}) =>
      inWorld({}, async world => {
        const step = await check(world, fields, inputs)
        expect(step.failure?.title).toBe(`Change ${step.outputs['change-number']}: ${outcome}`)
        expect(step.outputs).toMatchObject({ approved: 'false', outcome, polls: '1' })
        expect(JSON.parse(step.outputs.metrics ?? '').result).toBe(outcome)
        const tolerated = await check(world, fields, { ...inputs, 'fail-when-not-approved': 'false' })
        expect(tolerated.failure).toBeUndefined()
        expect(tolerated.outputs).toMatchObject({ approved: 'false', outcome })
        // What may still be approved is no reason to warn.
        const isNotYet = outcome === 'timeout' || outcome === 'window-not-open'
        expect([tolerated.warnings.length, tolerated.notices.length]).toEqual(isNotYet ? [0, 1] : [1, 0])
      })
  )

  it('was withdrawn when it is back in New', () =>
    inWorld(UNDECIDED, async world => {
      const number = await submit(world)
      const rows = world.sandbox.approvers(number)
      expect(rows.length).toBeGreaterThan(0)
      world.sandbox.set('change_request', number, { state: '-5', approval: 'not requested' })
      const step = await world.perform(definition)
      expect(step.failure?.title).toBe(`Change ${number}: withdrawn`)
      expect(step.outputs).toMatchObject({ outcome: 'withdrawn', 'change-state': 'new', polls: '1' })
    }))
})

describe('what the user may allow', () => {
  it.each([
    ['change-window', 'ignore', { end_date: '2020-01-01 00:00:00' }],
    ['allow-new-commit', 'true', { correlation_display: OTHER_COMMIT }],
    ['commit', '0123456789AB'.padEnd(40, '0'), { correlation_display: OTHER_COMMIT }]
  ])('%s: %s lets the job go on', (name, value, fields) =>
    inWorld({}, async world => {
      const step = await check(world, { ...SCHEDULED, ...fields }, { [name]: value })
      expect(step.failure).toBeUndefined()
      expect(step.outputs.outcome).toBe('approved')
    })
  )

  it('proceed-states and wait-states say where a change may be', () =>
    inWorld({}, async world => {
      const waiting = await check(world, SCHEDULED, { 'proceed-states': 'implement' })
      expect(waiting.outputs.outcome).toBe('timeout')
      expect(waiting.failure?.text).toContain('waiting for state Implement')
      const unexpected = await check(world, SCHEDULED, { 'proceed-states': '-1', 'wait-states': 'new' })
      expect(unexpected.outputs.outcome).toBe('unexpected-state')
      const there = await check(world, { ...SCHEDULED, state: '-1' }, { 'proceed-states': 'implement' })
      expect(there.outputs).toMatchObject({ outcome: 'approved', 'change-state': 'implement' })
    }))
})

describe('a wait that is cut short', () => {
  it('fails with the outcome error when the change cannot be read, whatever is tolerated', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      const { number, sysId } = plant(SCHEDULED)
      // The look-up by number is answered; the poll is not.
      sandbox.fault({ kind: 'acl', path: new RegExp(`/${sysId}`), times: FOREVER })
      const inputs = { ...ONCE, 'change-number': number, 'fail-when-not-approved': 'false' }
      for (const dryRun of ['false', 'true']) {
        const step = await perform(definition, { inputs: { ...inputs, 'dry-run': dryRun } })
        expect(step.failure?.title).toMatch(/^ServiceNow 403: /)
        expect(step.outputs).toMatchObject({
          approved: 'false',
          outcome: 'error',
          'change-number': number,
          'change-state': 'scheduled',
          polls: '1'
        })
      }
    }))

  it('leaves the outcome interrupted, with what was seen so far', () =>
    inWorld(UNDECIDED, async world => {
      const number = await submit(world)
      const controller = new AbortController()
      const step = await world.perform(definition, {
        interrupt: controller.signal,
        onInfo: line => {
          if (line.includes('waiting for approval')) controller.abort()
        }
      })
      expect(step.outputs).toMatchObject({
        outcome: 'interrupted',
        approved: 'false',
        polls: '1',
        'change-number': number
      })
      expect(JSON.parse(step.outputs.approvals ?? '').length).toBeGreaterThan(0)
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('interrupted')
    }))
})
