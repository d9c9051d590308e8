/** How a wait for approval ends. */
import { expect } from '@jest/globals'
import {
  approvalRequested,
  approved,
  byHand,
  DEPLOYMENT,
  onBothApis,
  SOON,
  scenario,
  submit
} from './harness.ts'

const ONCE = { timeout: '0' }

onBothApis(api => {
  scenario('rejected while it waits, with the reason', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world)
    const waiting = job.start('wait-approval', SOON)
    const line = await waiting.prints(/waiting for approval/)
    expect(line).toMatch(/Yet to approve: Anna Approver \(CAB Approval\), Ben Approver \(CAB Approval\)\./)
    sandbox.reject(number, 'Not on Black Friday.', 'ben.approver')
    const step = await waiting.done
    expect(step.code).toBe(1)
    expect(step.error.title).toBe(`Change ${number}: rejected`)
    expect(step.error.message).toMatch(/Ben Approver \(rejected\): .*Not on Black Friday\./)
    expect(step.outputs).toMatchObject({
      approved: 'false',
      outcome: 'rejected',
      approval: 'rejected',
      'change-state': 'new',
      'approved-by': ''
    })
    expect(JSON.parse(step.outputs.approvals ?? '')).toContainEqual({
      approver: 'Ben Approver',
      group: 'CAB Approval',
      state: 'rejected',
      comments: expect.stringContaining('Not on Black Friday.'),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    })
  })

  scenario('a rejection that the step is told to tolerate', { api }, async world => {
    const number = await submit(world)
    world.sandbox.reject(number, 'No.')
    const step = await world.job.pass('wait-approval', { ...SOON, 'fail-when-not-approved': 'false' })
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'rejected' })
    expect(step.warnings).toEqual([expect.stringMatching(/Anna Approver \(rejected\): .*No\./)])
  })

  scenario('rejected, corrected, submitted again and approved', { api }, async world => {
    const { sandbox, newJob } = world
    const number = await submit(world)
    sandbox.reject(number, 'The backout plan is missing.')
    const second = newJob({ GITHUB_RUN_ATTEMPT: '2' })
    const refused = await second.fail('create-change', DEPLOYMENT)
    expect(refused.error).toEqual({
      kind: 'error',
      title: `Change ${number}: rejected`,
      message: expect.stringContaining('resubmit: true')
    })
    // The change has to be corrected, though this step may not use it: its status and its link are told.
    expect(refused.error.message).toMatch(/^Current status: CHG\d+ is in New, approval rejected: http/m)
    expect(refused.summary).toContain(`**Change ${number}: rejected**`)
    expect(refused.summary).toContain('Fix: correct what was objected to')
    const third = newJob({ GITHUB_RUN_ATTEMPT: '3' })
    const again = { ...DEPLOYMENT, 'backout-plan': 'Redeploy v1.', resubmit: 'true' }
    const taken = await third.pass('create-change', again)
    expect(taken.outputs).toMatchObject({ 'change-number': number, created: 'false' })
    expect(sandbox.change(number)?.backout_plan).toBe('Redeploy v1.')
    await approvalRequested(sandbox, number)
    // The comment belongs to the round before.
    const early = await third.fail('wait-approval', ONCE)
    expect(early.error.message).not.toContain('backout plan')
    expect(early.error.message).toMatch(
      /^Checked once, and the deployment may not begin yet: .*Yet to approve: Anna Approver/
    )
    sandbox.approve(number)
    const waited = await third.pass('wait-approval', SOON)
    expect(waited.outputs.outcome).toBe('approved')
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  scenario('canceled while it waits', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world)
    const waiting = job.start('wait-approval', SOON)
    await waiting.prints(/waiting for approval/)
    await byHand(sandbox, number, { state: '4', work_notes: 'The release is called off.' })
    const step = await waiting.done
    expect(step.error.title).toBe(`Change ${number}: canceled`)
    expect(step.outputs).toMatchObject({ outcome: 'canceled', approved: 'false', 'change-state': 'canceled' })
  })

  scenario('withdrawn while it waits', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world)
    const waiting = job.start('wait-approval', SOON)
    await waiting.prints(/waiting for approval/)
    await byHand(sandbox, number, { state: '-5' })
    const step = await waiting.done
    expect(step.error.title).toBe(`Change ${number}: withdrawn`)
    expect(step.outputs).toMatchObject({ outcome: 'withdrawn', 'change-state': 'new' })
  })

  scenario('withdrawn before it waits: the approver rows tell', { api }, async world => {
    const number = await submit(world)
    await byHand(world.sandbox, number, { state: '-5' })
    const step = await world.job.fail('wait-approval', SOON)
    expect(step.outputs).toMatchObject({ outcome: 'withdrawn', polls: '1' })
  })

  scenario('approval never requested', { api }, async ({ job }) => {
    await job.pass('create-change', { ...DEPLOYMENT, 'request-approval': 'false' })
    const step = await job.fail('wait-approval', ONCE)
    expect(step.outputs).toMatchObject({ outcome: 'timeout', polls: '1' })
    expect(step.error.message).toContain('never requested')
  })

  scenario('the time is up, after one last poll', { api }, async world => {
    const number = await submit(world)
    const step = await world.job.fail('wait-approval', { timeout: '1', 'poll-interval': '1' })
    expect(step.error.title).toBe(`Change ${number}: timeout`)
    expect(step.error.message).toContain('waiting for approval')
    expect(step.outputs).toMatchObject({ outcome: 'timeout', polls: '2' })
    expect(JSON.parse(step.outputs.metrics ?? '').wait_ms).toBeGreaterThanOrEqual(1000)
  })

  scenario('timeout 0 checks once', { api }, async world => {
    const { sandbox, job } = world
    const number = await submit(world)
    const early = await job.fail('wait-approval', ONCE)
    expect(early.outputs).toMatchObject({ outcome: 'timeout', polls: '1' })
    sandbox.approve(number)
    const late = await job.pass('wait-approval', ONCE)
    expect(late.outputs).toMatchObject({ outcome: 'approved', polls: '1' })
  })

  scenario('on hold, then released', { api }, async world => {
    const { sandbox, job } = world
    const number = await approved(world)
    await byHand(sandbox, number, { on_hold: 'true', on_hold_reason: 'Waiting for the vendor' })
    const waiting = job.start('wait-approval', SOON)
    await waiting.prints(/on hold: Waiting for the vendor/)
    await byHand(sandbox, number, { on_hold: 'false', on_hold_reason: '' })
    expect((await waiting.done).outputs).toMatchObject({ outcome: 'approved', 'change-state': 'scheduled' })
  })

  scenario('scheduled without an approval', { api }, async ({ job, plant }) => {
    const { number } = plant({ state: '-2' })
    const named = { ...ONCE, 'change-number': number }
    const strict = await job.fail('wait-approval', named)
    expect(strict.outputs).toMatchObject({ outcome: 'timeout', approved: 'false' })
    const lax = await job.pass('wait-approval', { ...named, 'require-approval': 'false' })
    expect(lax.outputs).toMatchObject({ outcome: 'approved', approval: 'not requested' })
  })

  scenario(
    'in Review: may proceed, with a warning, for the run that it is bound to',
    { api },
    async ({ job, plant }) => {
      const { number } = plant({ state: '0', approval: 'approved' })
      const over = await job.fail('wait-approval', { ...ONCE, 'change-number': number })
      expect(over.outputs).toMatchObject({ outcome: 'in-use', approved: 'false' })
      // Bound to this run it may proceed.
      await job.pass('create-change', { 'change-number': number, 'request-approval': 'false' })
      const named = { 'change-number': number, 'edits-after-submission': 'ignore' }
      const step = await job.pass('wait-approval', { ...ONCE, ...named })
      expect(step.outputs).toMatchObject({ outcome: 'approved', 'change-state': 'review' })
      expect(step.warnings).toEqual([expect.stringMatching(/Review/)])
    }
  )

  scenario('states that are neither to proceed nor to wait in', { api }, async ({ sandbox, job, plant }) => {
    const choice = { name: 'change_request', element: 'state', value: '7', label: 'On the shelf' }
    sandbox.insert('sys_choice', { ...choice, language: 'en', inactive: 'false' })
    const custom = plant({ state: '7', approval: 'approved' })
    const step = await job.fail('wait-approval', { ...SOON, 'change-number': custom.number })
    expect(step.error.title).toBe(`Change ${custom.number}: unexpected-state`)
    expect(step.error.message).toContain('On the shelf')
    expect(step.outputs).toMatchObject({ outcome: 'unexpected-state', 'change-state': 'On the shelf' })

    const review = plant({ state: '0', approval: 'approved' })
    const inputs = { ...SOON, 'change-number': review.number, 'proceed-states': 'implement' }
    const strict = await job.fail('wait-approval', inputs)
    expect(strict.outputs).toMatchObject({ outcome: 'unexpected-state', 'change-state': 'review' })
  })

  scenario('only Implement may proceed, as the user says', { api }, async world => {
    const { sandbox, job } = world
    const number = await approved(world)
    const waiting = job.start('wait-approval', { ...SOON, proceed_states: 'IMPLEMENT' })
    await waiting.prints(/waiting for state Implement/)
    await byHand(sandbox, number, { state: '-1' })
    expect((await waiting.done).outputs).toMatchObject({ outcome: 'approved', 'change-state': 'implement' })
  })

  scenario('closed and unauthorized changes', { api }, async ({ job, plant }) => {
    const closed = plant({ state: '3', approval: 'approved' })
    const step = await job.fail('wait-approval', { ...SOON, 'change-sys-id': closed.sysId })
    expect(step.error.title).toBe(`Change ${closed.number}: closed`)
    const unauthorized = plant({ state: '-2', approval: 'approved', unauthorized: 'true' })
    const other = await job.fail('wait-approval', { ...SOON, 'change-sys-id': unauthorized.sysId })
    expect(other.outputs).toMatchObject({ outcome: 'unauthorized', approved: 'false', polls: '1' })
  })

  scenario('an approval given for another commit', { api }, async world => {
    const number = await approved(world)
    const job = world.newJob({
      GITHUB_SHA: 'f00dfacef00dfacef00dfacef00dfacef00dface',
      GITHUB_RUN_ID: '1002'
    })
    const stale = await job.fail('wait-approval', { ...SOON, 'change-number': number })
    expect(stale.error.title).toBe(`Change ${number}: stale-approval`)
    expect(stale.error.message).toContain('65dbbeda5ade')
    expect(stale.error.message).toContain('f00dfacef00d')
    const accepted = await job.pass('wait-approval', {
      ...SOON,
      'change-number': number,
      'allow-new-commit': 'true'
    })
    expect(accepted.outputs.outcome).toBe('approved')
  })

  scenario('a change for the commit that was checked out, not for that of the run', { api }, async world => {
    const { sandbox, job, newJob } = world
    const commit = 'F00DFACEF00DFACEF00DFACEF00DFACEF00DFACE'
    const number = await approved(world, { commit })
    const change = sandbox.change(number)
    expect(change).toMatchObject({
      correlation_display: expect.stringMatching(/^gha2 (f00dface){5} /),
      description: expect.stringContaining(`Commit: ${commit.toLowerCase()}`)
    })
    await job.pass('wait-approval', { ...SOON, commit })
    // The commit of the run has not been approved.
    const stale = await newJob({ GITHUB_RUN_ID: '1002' }).fail('wait-approval', {
      ...SOON,
      'change-number': number
    })
    expect(stale.outputs.outcome).toBe('stale-approval')
    const named = await newJob({ GITHUB_RUN_ID: '1002' }).pass('wait-approval', {
      ...SOON,
      'change-number': number,
      commit
    })
    expect(named.outputs.outcome).toBe('approved')
  })

  scenario('a commit by halves', { api }, async ({ sandbox, job }) => {
    const step = await job.fail('create-change', { ...DEPLOYMENT, commit: 'main' })
    expect(step.error.message).toMatch(/`commit` must be a full commit id .*not `main`/)
    expect(sandbox.requests).toEqual([])
  })

  scenario('a change that is not there', { api }, async ({ job }) => {
    const inputs = { ...SOON, 'change-sys-id': '0123456789abcdef0123456789abcdef' }
    // A failed request is no decision that a step could tolerate.
    const step = await job.fail('wait-approval', { ...inputs, 'fail-when-not-approved': 'false' })
    expect(step.error.title).toBe('ServiceNow 404: not found, or not readable')
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
  })

  const narrow = { SERVICENOW_USERNAME: 'gha.narrow', SERVICENOW_PASSWORD: 'narrow-password' }
  scenario('approver rows that the account may not read', { api, env: narrow }, async world => {
    const { sandbox, job } = world
    const number = await approved(world)
    expect(sandbox.approvers(number)).toHaveLength(2)
    const step = await job.pass('wait-approval', SOON)
    expect(step.outputs).toMatchObject({ outcome: 'approved', 'approved-by': '', approvals: '[]' })
  })
})
