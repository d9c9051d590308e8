/** The gate from end to end: found or made, approved, entered, and moved on by the job's result. */
import { expect } from '@jest/globals'
import { approvalRequested, byHand, onBothApis } from '../harness.ts'
import { APPROVING, changeOf, gateScenario, NORMAL, notesOf, STANDARD, STATE } from './gate-harness.ts'
import { MANIFEST } from './root-action.ts'

const SHOP = { ...NORMAL, version: 'v2.3.0' }

onBothApis(api => {
  gateScenario('approved, deployed, closed', { api }, async ({ sandbox, gate }) => {
    const job = gate()
    const running = job.start({
      ...SHOP,
      'cmdb-ci': 'prod-k8s-cluster',
      'start-date': '+0s',
      'end-date': '+2h'
    })
    await running.prints(/waiting for approval/)
    const [draft] = sandbox.rows('change_request')
    const number = draft?.number ?? ''
    expect(draft).toMatchObject({
      short_description: 'Deploy "change-actions/servicenow" version v2.3.0 to "production"',
      correlation_display: expect.stringMatching(/^gha2 65dbbeda5ade[0-9a-f]{28} 1001 [0-9a-f.]{25}$/)
    })
    // Who approves reads what is deployed, from where, and to where.
    for (const fact of [
      'change-actions/servicenow',
      '65dbbeda5ade',
      '/actions/runs/1001',
      'production',
      'v2.3.0'
    ])
      expect(draft?.description).toContain(fact)
    await approvalRequested(sandbox, number)
    sandbox.approve(number)
    const main = await running.done
    expect(main.code).toBe(0)
    expect(Object.keys(main.outputs).sort()).toEqual(Object.keys(MANIFEST.outputs).sort())
    expect(main.outputs).toMatchObject({
      approved: 'true',
      outcome: 'approved',
      created: 'true',
      'change-number': number,
      'change-state': 'implement',
      'change-type': 'normal',
      'approved-by': 'Anna Approver'
    })
    expect(main.env.SERVICENOW_CHANGE_NUMBER).toBe(number)
    expect(changeOf(sandbox, main)).toMatchObject({
      state: STATE.implement,
      work_start: expect.stringMatching(/^2/)
    })
    const post = await job.post(main, 'success')
    expect(changeOf(sandbox, main)).toMatchObject({
      state: STATE.closed,
      close_code: 'successful',
      close_notes: expect.stringContaining('/actions/runs/1001: success'),
      work_end: expect.stringMatching(/^2/)
    })
    const [start, end, ...more] = notesOf(sandbox, main)
    expect(more).toEqual([])
    expect(start).toMatch(/^Deployment to production started\.\n/)
    expect(end).toMatch(/^Deployment to production ended: success\.\n/)
    for (const fact of ['Commit: 65dbbeda5ade', 'Run: https://github.com', '(attempt 1)', 'Actor: octocat']) {
      expect(start).toContain(fact)
      expect(end).toContain(fact)
    }
    for (const state of ['New', 'Scheduled', 'Implement', 'Review', 'Closed'])
      expect(post.summary).toMatch(new RegExp(`\\| ${state} \\| \\d{4}-\\d\\d-\\d\\d \\d\\d:`))
  })

  gateScenario('a standard change as audit record, with nobody in its path', { api }, async world => {
    const { sandbox, gate } = world
    const job = gate()
    const main = await job.pass({ ...STANDARD, 'on-success': 'review' })
    expect(main.outputs).toMatchObject({
      approved: 'true',
      'change-type': 'standard',
      'change-state': 'implement',
      'approved-by': ''
    })
    for (const state of ['New', 'Scheduled', 'Implement'])
      expect(main.summary).toMatch(new RegExp(`\\| ${state} \\| \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d`))
    await job.post(main, 'success')
    expect(changeOf(sandbox, main)).toMatchObject({ state: STATE.review, approval: 'approved' })
    expect(sandbox.approvers(main.outputs['change-number'] ?? '')).toEqual([])
    expect(notesOf(sandbox, main)).toEqual([
      expect.stringMatching(/^Deployment to production started\./),
      expect.stringMatching(
        /^Deployment to production ended: success\.[\s\S]*States, as this job observed them: new 2[\s\S]*implement 2/
      )
    ])
  })

  gateScenario(
    'change tasks are closed with the result',
    { api, sandbox: { tasksOnImplement: true } },
    async world => {
      const { sandbox, gate } = world
      const job = gate()
      const main = await job.pass(STANDARD)
      expect(sandbox.rows('change_task').map(task => task.state)).toEqual(['1', '1'])
      await job.post(main, 'success')
      for (const task of sandbox.rows('change_task'))
        expect(task).toMatchObject({ state: '3', close_notes: expect.stringContaining('success') })
      expect(changeOf(sandbox, main).state).toBe(STATE.closed)
    }
  )

  gateScenario('post, run again, changes nothing more', { api }, async ({ sandbox, gate }) => {
    for (const [status, inputs, state] of [
      ['success', {}, STATE.closed],
      ['failure', { version: 'v2' }, STATE.review],
      ['cancelled', { version: 'v3', 'on-cancel': 'none' }, STATE.implement]
    ] as const) {
      const job = gate()
      const main = await job.pass({ ...STANDARD, ...inputs })
      await job.post(main, status)
      const before = { change: changeOf(sandbox, main), notes: notesOf(sandbox, main) }
      expect(before.change.state).toBe(state)
      expect(before.notes).toHaveLength(2)
      await job.post(main, status)
      expect({ change: changeOf(sandbox, main), notes: notesOf(sandbox, main) }).toEqual(before)
    }
  })
})

gateScenario('on-success, on-failure and on-cancel', {}, async ({ sandbox, gate }) => {
  const cases = [
    { status: 'success', inputs: {}, state: STATE.closed, code: 'successful' },
    { status: 'success', inputs: { 'on-success': 'review' }, state: STATE.review, code: '' },
    { status: 'success', inputs: { 'on-success': 'none' }, state: STATE.implement, code: '' },
    { status: 'failure', inputs: {}, state: STATE.review, code: 'unsuccessful' },
    { status: 'failure', inputs: { 'on-failure': 'close' }, state: STATE.closed, code: 'unsuccessful' },
    { status: 'failure', inputs: { 'on-failure': 'none' }, state: STATE.implement, code: '' },
    { status: 'cancelled', inputs: {}, state: STATE.review, code: 'unsuccessful' },
    { status: 'cancelled', inputs: { 'on-cancel': 'close' }, state: STATE.closed, code: 'unsuccessful' },
    { status: 'cancelled', inputs: { 'on-cancel': 'none' }, state: STATE.implement, code: '' }
  ]
  const runs = cases.map(async ({ status, inputs, state, code }, n) => {
    const job = gate()
    const main = await job.pass({ ...STANDARD, ...inputs, version: `v${n}` })
    const post = await job.post(main, status)
    expect({ n, ...changeOf(sandbox, main) }).toMatchObject({ n, state, close_code: code })
    expect(notesOf(sandbox, main).at(-1)).toContain(`ended: ${status}.`)
    expect(post.summary).toContain(status)
  })
  await Promise.all(runs)
})

gateScenario('lifecycle-notes: false writes the claim alone', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const main = await job.pass({ ...STANDARD, 'lifecycle-notes': 'false' })
  await job.post(main, 'success')
  expect(notesOf(sandbox, main)).toEqual([expect.stringMatching(/^Claimed by run 1001\.\n\[gha2 claim /)])
  expect(changeOf(sandbox, main).state).toBe(STATE.closed)
})

gateScenario(
  'change-tasks: fail leaves the change, and names the manual action',
  {
    sandbox: { tasksOnImplement: true }
  },
  async ({ sandbox, gate }) => {
    const job = gate()
    const main = await job.pass({ ...STANDARD, 'change-tasks': 'fail' })
    const post = await job.post(main, 'success')
    expect(post.error.message).toMatch(
      /2 change tasks are open[\s\S]*Manual action required: close CHG\d+ with close code successful/
    )
    expect(post.summary).toMatch(/Manual action required/)
    expect(changeOf(sandbox, main).state).toBe(STATE.implement)
  }
)

gateScenario('a change that people end during the deployment is theirs', {}, async ({ sandbox, gate }) => {
  for (const [n, state] of [STATE.canceled, STATE.closed].entries()) {
    const job = gate()
    const main = await job.pass({ ...STANDARD, version: `v${n}` })
    sandbox.set('change_request', main.outputs['change-sys-id'] ?? '', { state, close_code: '' })
    await job.post(main, 'success')
    expect(changeOf(sandbox, main)).toMatchObject({ state, close_code: '' })
  }
})

gateScenario(
  'a change that a person took to Implement is gone on with',
  { sandbox: APPROVING },
  async world => {
    const { sandbox, gate } = world
    const job = gate()
    const running = job.start({ ...NORMAL, 'proceed-states': 'implement' })
    await running.prints(/waiting for state Implement/)
    const number = sandbox.rows('change_request')[0]?.number ?? ''
    await byHand(sandbox, number, { state: STATE.implement })
    const main = await running.done
    expect(main.outputs).toMatchObject({ approved: 'true', 'change-state': 'implement' })
    await job.post(main, 'success')
    expect(changeOf(sandbox, main).state).toBe(STATE.closed)
  }
)
