/** Files, risk and conflicts, all before approval is requested. */
import { seedId } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { onBothApis } from '../harness.ts'
import { APPROVING, changeOf, gateScenario, NORMAL, STANDARD, STATE } from './gate-harness.ts'

const PLANNED = { ...NORMAL, 'cmdb-ci': 'prod-k8s-cluster', 'start-date': '+0s', 'end-date': '+2h' }

/** Another change on the same CI and at the same time, with a number that is no command. */
const CONFLICTING = {
  cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
  start_date: '2020-01-01 00:00:00',
  end_date: '2099-01-01 00:00:00',
  state: STATE.scheduled
}

gateScenario('no conflict', { sandbox: APPROVING }, async ({ sandbox, gate }) => {
  const main = await gate().pass({ ...PLANNED, 'check-conflicts': 'fail' })
  expect(changeOf(sandbox, main).conflict_status).toBe('No Conflict')
  const detected = sandbox.requests.findIndex(one => one.method === 'POST' && one.path.endsWith('/conflict'))
  const moved = sandbox.requests.findIndex(one => one.method === 'PATCH')
  expect(detected).toBeGreaterThan(0)
  expect(moved).toBeGreaterThan(detected)
})

gateScenario(
  'a conflict fails the gate, and no approval is requested',
  { sandbox: APPROVING },
  async world => {
    const { sandbox, gate, plant } = world
    const other = plant(CONFLICTING)
    const job = gate()
    const step = await job.fail({ ...PLANNED, 'check-conflicts': 'fail' })
    const number = step.outputs['change-number'] ?? ''
    expect(step.error.title).toBe(`Change ${number}: conflict`)
    expect(step.error.message).toContain(`conflicts with ${other.number} (CI Already Scheduled)`)
    expect(step.outputs).toMatchObject({ outcome: 'conflict', 'change-state': 'new', created: 'true' })
    expect(sandbox.approvers(number)).toEqual([])
    await job.post(step, 'failure')
    expect(changeOf(sandbox, step).state).toBe(STATE.new)
    sandbox.set('change_request', other.sysId, { state: STATE.canceled })
    const again = await gate({ GITHUB_RUN_ATTEMPT: '2' }).pass({ ...PLANNED, 'check-conflicts': 'fail' })
    expect(again.outputs).toMatchObject({ outcome: 'approved', 'change-number': number })
  }
)

gateScenario('what a template takes afterwards counts', {}, async ({ sandbox, gate, plant }) => {
  const other = plant(CONFLICTING)
  const { 'cmdb-ci': ci, 'start-date': start, 'end-date': end } = PLANNED
  const dates = { 'cmdb-ci': ci, 'start-date': start, 'end-date': end }
  const step = await gate().fail({ ...STANDARD, ...dates, 'check-conflicts': 'fail' })
  expect(step.error.message).toContain(other.number)
  expect(changeOf(sandbox, step).state).toBe(STATE.new)
})

gateScenario('a conflict that comes up while the gate waits', {}, async ({ sandbox, gate, plant }) => {
  const job = gate()
  const running = job.start({ ...PLANNED, 'check-conflicts': 'fail' })
  await running.prints(/Yet to approve/)
  const other = plant(CONFLICTING)
  const change = sandbox.rows('change_request').find(row => row.number !== other.number)
  sandbox.approve(change?.number ?? '')
  const main = await running.done
  expect(main.outputs).toMatchObject({ outcome: 'conflict', approved: 'false' })
  expect(changeOf(sandbox, main).state).toBe(STATE.scheduled)
})

gateScenario('a conflict that is only a warning', { sandbox: APPROVING }, async ({ gate, plant }) => {
  const other = plant(CONFLICTING)
  const main = await gate().pass({ ...PLANNED, 'check-conflicts': 'warn' })
  expect(main.warnings).toEqual([expect.stringContaining(`conflicts with ${other.number}`)])
})

gateScenario('without a CI or a window there is nothing to compare', { sandbox: APPROVING }, async world => {
  const { sandbox, gate } = world
  const failed = await gate().fail({ ...NORMAL, 'check-conflicts': 'fail' })
  expect(failed.outputs.outcome).toBe('conflict-unknown')
  expect(failed.error.message).toMatch(/`cmdb-ci`, `start-date` and `end-date`/)
  const main = await gate().pass({ ...NORMAL, 'check-conflicts': 'warn' })
  expect(main.notices).toEqual([expect.stringMatching(/conflicts were not checked/)])
  expect(sandbox.requests.filter(one => one.path.endsWith('/conflict'))).toEqual([])
})

gateScenario('an instance that cannot detect conflicts', { sandbox: APPROVING }, async world => {
  const { sandbox, gate } = world
  sandbox.fault({ kind: 'acl', method: 'POST', path: '/conflict', times: Number.POSITIVE_INFINITY })
  const failed = await gate().fail({ ...PLANNED, 'check-conflicts': 'fail' })
  expect(failed.outputs.outcome).toBe('conflict-unknown')
  const told = await gate().pass({ ...PLANNED, 'check-conflicts': 'warn' })
  expect(told.warnings).toEqual([expect.stringMatching(/conflicts could not be detected/)])
})

gateScenario(
  'the risk is evaluated once, while the change is in New',
  { sandbox: APPROVING },
  async world => {
    const { sandbox, gate } = world
    const inputs = { ...NORMAL, 'evaluate-risk': 'true', risk: 'high' }
    const first = await gate().fail({ ...inputs, timeout: '0' })
    expect(first.outputs.risk).toMatch(/^\w/)
    const evaluations = () => sandbox.requests.filter(one => one.path.endsWith('/risk'))
    expect(evaluations()).toHaveLength(1)
    const evaluated = sandbox.requests.indexOf(evaluations()[0] as (typeof sandbox.requests)[0])
    expect(sandbox.requests.findIndex(one => one.method === 'PATCH')).toBe(evaluated)
    const second = await gate({ GITHUB_RUN_ATTEMPT: '2' }).pass(inputs)
    expect(second.outputs.risk).toBe(first.outputs.risk)
    expect(evaluations()).toHaveLength(1)
  }
)

onBothApis(api => {
  gateScenario(
    'files are attached before approval is requested, once',
    { api },
    async ({ sandbox, gate }) => {
      const job = gate()
      job.file('plan.md', '# Plan\n')
      job.file('reports/unit.xml', '<testsuite tests="1"/>\n')
      const inputs = {
        ...NORMAL,
        attachments: '- plan.md\n- name: unit tests\n  file: reports/*.xml',
        timeout: '0'
      }
      const step = await job.fail(inputs)
      const names = () => sandbox.attachments(step.outputs['change-sys-id'] ?? '').map(one => one.name)
      // Sent side by side: either may be stored first.
      expect(names().sort()).toEqual(['plan.md', 'unit tests.xml'])
      expect(JSON.parse(step.outputs.attachments ?? '')).toHaveLength(2)
      const uploaded = sandbox.requests.findLastIndex(one => one.path.includes('/attachment/file'))
      const moved = sandbox.requests.findIndex(one => one.method === 'PATCH')
      expect(uploaded).toBeGreaterThan(0)
      expect(moved).toBeGreaterThan(uploaded)
      const again = await job.fail(inputs)
      expect(
        JSON.parse(again.outputs.attachments ?? '').map((one: { status: string }) => one.status)
      ).toEqual(['skipped', 'skipped'])
      expect(names()).toHaveLength(2)
      const missing = await job.fail({ ...inputs, attachments: '- none.txt', version: 'v2' })
      expect(missing.error.title).toBe('Input error')
      expect(sandbox.rows('change_request')).toHaveLength(1)
    }
  )
})
