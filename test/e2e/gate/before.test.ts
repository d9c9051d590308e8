/** How the post step leaves a change under which nothing was deployed; dry runs; interruptions. */
import { expect } from '@jest/globals'
import { approvalRequested, onBothApis, writes } from '../harness.ts'
import { changeOf, gateScenario, NORMAL, notesOf, SOON, STANDARD, STATE } from './gate-harness.ts'

onBothApis(api => {
  gateScenario('cancelled while nobody has approved: the change is cancelled', { api }, async world => {
    const { sandbox, gate } = world
    const job = gate()
    const running = job.start(NORMAL)
    await running.prints(/waiting for approval/)
    running.kill('SIGINT')
    const main = await running.done
    expect(main.code).toBe(130)
    expect(main.outputs).toMatchObject({ outcome: 'interrupted', approved: 'false', created: 'true' })
    await job.post(main, 'cancelled', NORMAL)
    expect(changeOf(sandbox, main).state).toBe(STATE.canceled)
    expect(notesOf(sandbox, main)).toEqual([
      expect.stringMatching(
        /^Not deployed to production: the gate ended with interrupted \(job cancelled\)\./
      )
    ])
    await job.post(main, 'cancelled', NORMAL)
    expect(notesOf(sandbox, main)).toHaveLength(1)
  })

  gateScenario('timed out: left as it is, with a note', { api }, async ({ sandbox, gate }) => {
    const job = gate()
    const main = await job.fail({ ...NORMAL, timeout: '0' })
    const { state } = changeOf(sandbox, main)
    await job.post(main, 'failure')
    expect(changeOf(sandbox, main).state).toBe(state)
    expect(notesOf(sandbox, main)).toEqual([
      expect.stringMatching(/the gate ended with timeout \(job failure\)/)
    ])
  })

  gateScenario(
    'dry run: nothing is written, and the gate stays shut',
    { api },
    async ({ sandbox, gate, plant }) => {
      const none = await gate().fail({
        ...NORMAL,
        'dry-run': 'true',
        'evaluate-risk': api === 'table' ? '' : 'true'
      })
      expect(none.error.title).toBe('Change not created: dry-run')
      expect(none.outputs).toMatchObject({ outcome: 'dry-run', approved: 'false' })
      expect(none.log).toMatch(/would create a normal change/)
      const { number } = plant({ state: STATE.scheduled, approval: 'approved' })
      const job = gate()
      const there = await job.fail({ ...SOON, 'change-number': number, 'dry-run': 'true' })
      expect(there.error.title).toBe(`Change ${number}: dry-run`)
      expect(there.error.message).toMatch(/was checked once; the outcome would be approved: state Scheduled/)
      expect((await job.post(there, 'failure')).log).toMatch(/no change to finish/)
      expect(writes(sandbox)).toEqual([])
    }
  )
})

gateScenario(
  'cancelled, and somebody has approved',
  { sandbox: { approvalPolicy: 'technical-and-cab' } },
  async world => {
    const { sandbox, gate } = world
    const job = gate()
    const running = job.start(NORMAL)
    await running.prints(/waiting for approval/)
    const number = sandbox.rows('change_request')[0]?.number ?? ''
    await approvalRequested(sandbox, number)
    sandbox.approve(number, 'dora.devops')
    running.kill('SIGTERM')
    const main = await running.done
    await job.post(main, 'cancelled', NORMAL)
    expect(changeOf(sandbox, main).state).toBe(STATE.authorize)
    expect(notesOf(sandbox, main)).toEqual([expect.stringMatching(/^Not deployed to production/)])
  }
)

gateScenario('cancelled, and approved by all', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const inputs = { ...NORMAL, 'start-date': '+1h', timeout: '2h' }
  const running = job.start(inputs)
  await running.prints(/waiting for approval/)
  const number = sandbox.rows('change_request')[0]?.number ?? ''
  await approvalRequested(sandbox, number)
  sandbox.approve(number)
  await running.prints(/the window opens at/)
  running.kill('SIGINT')
  const main = await running.done
  await job.post(main, 'cancelled', inputs)
  expect(changeOf(sandbox, main).state).toBe(STATE.scheduled)
  expect(notesOf(sandbox, main)).toHaveLength(1)
})

gateScenario("cancelled: a template's approval is nobody's", {}, async ({ sandbox, gate }) => {
  const job = gate()
  const inputs = { ...STANDARD, 'start-date': '+1h', timeout: '2h' }
  const running = job.start(inputs)
  await running.prints(/the window opens at/)
  running.kill('SIGINT')
  const main = await running.done
  await job.post(main, 'cancelled', inputs)
  expect(changeOf(sandbox, main).state).toBe(STATE.canceled)
})

gateScenario('cancelled: a change this job did not make is left', {}, async ({ sandbox, gate }) => {
  const first = await gate().fail({ ...NORMAL, timeout: '0' })
  const job = gate({ GITHUB_RUN_ATTEMPT: '2' })
  const running = job.start(NORMAL)
  await running.prints(/waiting for approval/)
  running.kill('SIGINT')
  const main = await running.done
  expect(main.outputs['change-number']).toBe(first.outputs['change-number'])
  const { state } = changeOf(sandbox, main)
  await job.post(main, 'cancelled', NORMAL)
  expect(changeOf(sandbox, main).state).toBe(state)
  expect(notesOf(sandbox, main)).toEqual([expect.stringContaining('(attempt 2)')])
})

gateScenario('canceled and withdrawn while it waits', {}, async ({ sandbox, gate }) => {
  for (const [fields, outcome, notes] of [
    [{ state: STATE.canceled }, 'canceled', 1],
    [{ state: STATE.new, approval: 'not requested' }, 'withdrawn', 1],
    // A closed change takes no notes, which is no reason to complain.
    [{ state: STATE.closed }, 'closed', 0]
  ] as const) {
    const job = gate()
    const inputs = { ...NORMAL, version: outcome }
    const running = job.start(inputs)
    await running.prints(/waiting for approval/)
    const change = sandbox.rows('change_request').at(-1)
    await approvalRequested(sandbox, change?.number ?? '')
    await running.prints(/approval requested|Yet to approve/)
    sandbox.set('change_request', change?.sys_id ?? '', fields)
    const main = await running.done
    expect(main.outputs.outcome).toBe(outcome)
    await job.post(main, 'failure')
    expect(changeOf(sandbox, main).state).toBe(fields.state)
    expect(notesOf(sandbox, main)).toHaveLength(notes)
  }
})

gateScenario('a job that goes on without its gate', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const main = await job.fail({ ...NORMAL, timeout: '0' })
  // continue-on-error: the job succeeds, and the change must not end as if it had been carried out.
  await job.post(main, 'success')
  expect(changeOf(sandbox, main).state).not.toBe(STATE.closed)
  expect(notesOf(sandbox, main)).toEqual([
    expect.stringMatching(/^Not deployed .* timeout \(job success\)\./)
  ])
})
