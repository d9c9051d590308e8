/** A change that people supply: what it is held against, and that nothing is done to it unasked. */

import { seedId } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { approved, DEPLOYMENT, onBothApis, submit, writes } from '../harness.ts'
import { APPROVING, changeOf, gateScenario, NORMAL, notesOf, SOON, STATE } from './gate-harness.ts'

const PRODUCTION = { ...SOON, environment: 'production' }
const FOREIGN = 'gha 65dbbeda5ade 77 0123456789ab'
const STALE = `gha2 ${'0123456789ab'.padEnd(40, '0')} 77 `

onBothApis(api => {
  gateScenario('used, bound, and left to people with a note', { api }, async ({ sandbox, gate, plant }) => {
    const { number, sysId } = plant({ state: STATE.scheduled, approval: 'approved' })
    const job = gate()
    const main = await job.pass({ ...PRODUCTION, 'change-number': number })
    expect(main.outputs).toMatchObject({ approved: 'true', created: 'false', 'change-sys-id': sysId })
    expect(changeOf(sandbox, main)).toMatchObject({
      state: STATE.implement,
      short_description: 'Deploy the shop',
      correlation_display: expect.stringMatching(/^gha2 65dbbeda5ade[0-9a-f]{28} 1001 /)
    })
    await job.post(main, 'failure')
    expect(changeOf(sandbox, main)).toMatchObject({ state: STATE.implement, close_code: '' })
    expect(notesOf(sandbox, main).at(-1)).toMatch(/^Deployment to production ended: failure\./)
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  gateScenario('one of create-change in the same repository', { api }, async world => {
    const number = await approved(world)
    const main = await world.gate().pass({ ...PRODUCTION, 'change-number': number })
    expect(main.outputs).toMatchObject({ approved: 'true', 'change-number': number })
  })

  gateScenario('bound to another repository or environment', { api }, async world => {
    const { sandbox, gate, plant } = world
    const staging = await gate().fail({ ...NORMAL, environment: 'staging', timeout: '0' })
    const foreign = plant({ state: STATE.scheduled, approval: 'approved', correlation_display: FOREIGN })
    const before = writes(sandbox).length
    for (const number of [foreign.number, staging.outputs['change-number'] ?? '']) {
      const job = gate()
      const step = await job.fail({ ...PRODUCTION, 'change-number': number })
      expect(step.error.title).toBe(`Change ${number}: foreign-change`)
      expect(step.outputs.outcome).toBe('foreign-change')
      expect((await job.post(step, 'failure')).log).toMatch(/no change to finish/)
    }
    expect(writes(sandbox)).toHaveLength(before)
    const allowed = { 'change-number': foreign.number, 'allow-foreign-change': 'true' }
    const main = await gate().pass({ ...PRODUCTION, ...allowed })
    expect(main.outputs.outcome).toBe('approved')
    expect(changeOf(sandbox, main).correlation_display).toBe(FOREIGN)
  })
})

gateScenario('of another CI, group or template', {}, async ({ sandbox, gate, plant }) => {
  const { number } = plant({ state: STATE.scheduled, approval: 'approved' })
  const wrong: [Record<string, string>, RegExp][] = [
    [{ 'cmdb-ci': 'prod-k8s-cluster' }, /its configuration item is empty/],
    [{ 'assignment-group': 'Platform Team' }, /its assignment group is empty/],
    [{ 'standard-change-template': 'app-deployment-template' }, /its standard change template is empty/]
  ]
  for (const [inputs, text] of wrong) {
    const step = await gate().fail({ ...PRODUCTION, ...inputs, 'change-number': number })
    expect(step.outputs.outcome).toBe('foreign-change')
    expect(step.error.message).toMatch(text)
  }
  expect(writes(sandbox)).toEqual([])
  const fitting = plant({
    state: STATE.scheduled,
    approval: 'approved',
    cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
    assignment_group: seedId('sys_user_group', 'devops-team')
  })
  const inputs = { 'cmdb-ci': 'prod-k8s-cluster', 'assignment-group': 'DevOps Team' }
  expect((await gate().pass({ ...PRODUCTION, ...inputs, 'change-number': fitting.number })).code).toBe(0)
})

gateScenario('used for a deployment before', {}, async ({ sandbox, gate, plant }) => {
  for (const [state, outcome] of [
    [STATE.review, 'unexpected-state'],
    [STATE.closed, 'closed'],
    [STATE.canceled, 'canceled']
  ] as const) {
    const { number } = plant({ state, approval: 'approved' })
    const step = await gate().fail({ ...PRODUCTION, 'change-number': number })
    expect(step.error.title).toBe(`Change ${number}: ${outcome}`)
    expect(step.outputs).toMatchObject({ outcome, approved: 'false' })
  }
  expect(writes(sandbox)).toEqual([])
})

gateScenario('approved for another commit', {}, async ({ sandbox, gate }) => {
  const scope = (display: string) => display.slice(-25)
  const first = await gate().fail({ ...NORMAL, version: 'v1', timeout: '0' })
  const { sys_id: sysId = '', correlation_display: display = '', number = '' } = changeOf(sandbox, first)
  sandbox.set('change_request', sysId, {
    state: STATE.scheduled,
    approval: 'approved',
    correlation_display: STALE + scope(display)
  })
  const step = await gate().fail({ ...PRODUCTION, 'change-number': number })
  expect(step.outputs.outcome).toBe('stale-approval')
  expect(step.error.message).toMatch(/commit 0123456789ab.*deploys 65dbbeda5ade/)
  expect(changeOf(sandbox, first).correlation_display).toBe(STALE + scope(display))
  const main = await gate().pass({ ...PRODUCTION, 'change-number': number, 'allow-new-commit': 'true' })
  expect(main.outputs.outcome).toBe('approved')
})

gateScenario(
  'a draft for which no approval was requested is bound to the new commit',
  { sandbox: APPROVING },
  async world => {
    const { sandbox, gate } = world
    const first = await gate().fail({ ...NORMAL, 'request-approval': 'false', timeout: '0' })
    const number = first.outputs['change-number'] ?? ''
    const later = gate({ GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567', GITHUB_RUN_ID: '1002' })
    const main = await later.pass({ ...PRODUCTION, 'change-number': number })
    expect(main.outputs.outcome).toBe('approved')
    expect(changeOf(sandbox, main).correlation_display).toMatch(/^gha2 0123456789ab[0-9a-f]{28} 1002 /)
  }
)

gateScenario('in New it is submitted, unless told otherwise', { sandbox: APPROVING }, async world => {
  const { gate, plant } = world
  const { number } = plant({ assignment_group: seedId('sys_user_group', 'devops-team') })
  const left = await gate().fail({
    ...PRODUCTION,
    'change-number': number,
    'request-approval': 'false',
    timeout: '1'
  })
  expect(left.outputs).toMatchObject({ outcome: 'timeout', 'change-state': 'new' })
  const main = await gate().pass({ ...PRODUCTION, 'change-number': number })
  expect(main.outputs.approved).toBe('true')
})

gateScenario(
  'binding that does not stick is told',
  { sandbox: { blankFields: ['correlation_display'] } },
  async world => {
    const { gate, plant } = world
    const { number } = plant({ state: STATE.scheduled, approval: 'approved' })
    const named = { 'change-number': number, 'edits-after-submission': 'ignore' }
    const main = await gate().pass({ ...PRODUCTION, ...named })
    expect(main.warnings).toEqual([expect.stringMatching(/could not be bound to this commit/)])
  }
)

gateScenario(
  'in Implement already: its actual times are written, and it is closed where an input says so',
  {},
  async world => {
    const { sandbox, gate, plant } = world
    const { number } = plant({ state: STATE.implement, approval: 'approved' })
    const job = gate()
    const main = await job.pass({ ...PRODUCTION, 'change-number': number, 'on-success': 'close' })
    const written = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    expect(changeOf(sandbox, main)).toMatchObject({
      state: STATE.implement,
      work_start: written,
      work_end: ''
    })
    await job.post(main, 'success')
    expect(changeOf(sandbox, main)).toMatchObject({
      state: STATE.closed,
      close_code: 'successful',
      work_end: written
    })
  }
)

gateScenario(
  'match-title takes a change of people, bound by first use',
  {},
  async ({ sandbox, gate, plant }) => {
    const title = 'Deploy "change-actions/servicenow" version v7 to "production"'
    const { number } = plant({ short_description: title, state: STATE.scheduled, approval: 'approved' })
    const inputs = { ...PRODUCTION, version: 'v7', 'match-title': 'true' }
    const job = gate()
    const main = await job.pass(inputs)
    expect(main.outputs).toMatchObject({ 'change-number': number, created: 'false' })
    expect(changeOf(sandbox, main).correlation_display).toMatch(/^gha2 65dbbeda5ade[0-9a-f]{28} 1001 /)
    // It is other people's: they close it.
    await job.post(main, 'success')
    expect(changeOf(sandbox, main).state).toBe(STATE.implement)
    sandbox.set('change_request', changeOf(sandbox, main).sys_id ?? '', { state: STATE.closed })
    const foreign = plant({
      short_description: title,
      state: STATE.scheduled,
      approval: 'approved',
      correlation_display: FOREIGN
    })
    // One of another repository is left alone, and a warning names it.
    const other = await gate().fail({ ...inputs, ...NORMAL, timeout: '0' })
    expect(other.outputs['change-number']).not.toBe(foreign.number)
    expect(other.warnings.join()).toContain(`${foreign.number}, created by admin,`)
  }
)

gateScenario('names that disagree, and one that is not there', {}, async world => {
  const { gate, plant } = world
  const [one, other] = [plant(), plant()]
  const step = await gate().fail({ ...PRODUCTION, 'change-number': one.number, 'change-sys-id': other.sysId })
  expect(step.error.title).toBe('Input error')
  const missing = await gate().fail({ ...PRODUCTION, 'change-number': 'CHG0099999' })
  expect(missing.error.message).toMatch(/there is no change CHG0099999/)
  // The gate never falls back to a change that another step of the job made.
  await submit(world)
  const own = await gate(world.job.steps[0]?.env).fail({ ...NORMAL, ...DEPLOYMENT, timeout: '0' })
  expect(own.outputs.created).toBe('true')
})
