/** A post step that cannot finish, untrusted text, and an account that may not do what is needed. */
import { expect } from '@jest/globals'
import { onBothApis } from '../harness.ts'
import { changeOf, gateScenario, NORMAL, notesOf, STANDARD, STATE } from './gate-harness.ts'

const FOR_EVER = Number.POSITIVE_INFINITY
const QUICK = { 'max-retries': '1', 'request-timeout': '1s' }

gateScenario('an instance that is gone does not turn the job red', {}, async ({ sandbox, gate }) => {
  const left = {
    success: /close CHG\d{7} with close code successful \(job success\)/,
    failure: /move CHG\d{7} to Review with close code unsuccessful \(job failure\)/
  } as const
  for (const status of ['success', 'failure'] as const) {
    const job = gate()
    const main = await job.pass({ ...STANDARD, ...QUICK, version: status })
    const strict = gate()
    const inputs = { ...STANDARD, ...QUICK, version: `${status} again`, 'fail-on-post-error': 'true' }
    const opened = await strict.pass(inputs)
    const fault = sandbox.fault({ kind: 'no-answer', times: FOR_EVER })
    const startedAt = Date.now()
    const post = await job.post(main, status)
    expect(Date.now() - startedAt).toBeLessThan(60_000)
    expect(post.annotations.filter(one => one.kind === 'error')).toHaveLength(1)
    expect(post.error.title).toMatch(/^ServiceNow timeout/)
    expect(post.error.message).toMatch(left[status])
    expect(post.error.message).not.toMatch(/no change/)
    expect(post.summary).toMatch(left[status])
    expect(post.summary).toMatch(/^## Change after the deployment: failed\n\n\*\*ServiceNow timeout/)
    const failing = await strict.postFails(opened, status)
    expect(failing.error.message).toMatch(left[status])
    expect(failing.summary).toMatch(left[status])
    fault.remove()
    await job.post(main, status)
    expect(changeOf(sandbox, main).state).toBe(status === 'success' ? STATE.closed : STATE.review)
  }
})

gateScenario('a gate that fails begins its summary with the heading, then says why', {}, async world => {
  const { gate } = world
  const step = await gate().fail({ ...NORMAL, timeout: '0' })
  expect(step.summary).toMatch(
    new RegExp(
      `^## CHG\\d+: not approved yet, nothing is deployed\\n\\n\\*\\*${step.error.title}\\*\\*\\n\\n`
    )
  )
})

gateScenario('a rate limit that resets later than the post step may wait', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const main = await job.pass(STANDARD)
  sandbox.fault({ kind: 'rate-limited', retryAfterSeconds: 3_600, times: FOR_EVER })
  const post = await job.post(main, 'success')
  expect(post.error.title).toMatch(/^ServiceNow 429/)
  expect(post.error.message).toMatch(/Manual action required: close CHG/)
})

onBothApis(api => {
  gateScenario(
    'responses that are lost on the way: each thing is done once',
    { api },
    async ({ sandbox, gate }) => {
      const job = gate()
      sandbox.fault({ kind: 'reset', method: 'PATCH', committed: true, times: 3 })
      const main = await job.pass(STANDARD)
      sandbox.fault({ kind: 'server-error', method: 'PATCH', committed: true, times: 2 })
      await job.post(main, 'success')
      expect(changeOf(sandbox, main)).toMatchObject({ state: STATE.closed, close_code: 'successful' })
      expect(notesOf(sandbox, main)).toEqual([
        expect.stringMatching(/^Deployment to production started\./),
        expect.stringMatching(/^Deployment to production ended: success\./)
      ])
      expect(sandbox.rows('change_request')).toHaveLength(1)
    }
  )
})

gateScenario('inputs that went wrong since do not turn the job red', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const main = await job.pass({ ...STANDARD, 'on-success': 'review' })
  // What is to be done is known from the main step.
  const wrong = { ...main.inputs, 'client-certificate': 'gone.pem', 'on-success': 'close' }
  const post = await job.post(main, 'success', wrong)
  expect(post.error.title).toBe('Input error')
  expect(post.error.message).toMatch(/client-certificate[\s\S]*Manual action required: move CHG\d+ to Review/)
  expect(post.summary).toMatch(/Manual action required/)
  expect(changeOf(sandbox, main).state).toBe(STATE.implement)
  const strict = gate()
  const opened = await strict.pass({ ...STANDARD, version: 'v2', 'fail-on-post-error': 'true' })
  const failing = await strict.postFails(opened, 'success', wrong)
  expect(failing.error.message).toMatch(/client-certificate[\s\S]*Manual action required: close CHG/)
  expect(changeOf(sandbox, opened).state).toBe(STATE.implement)
})

gateScenario(
  'saved state that no release wrote: one error, and the job stays green',
  {},
  async ({ gate }) => {
    const job = gate()
    const main = await job.pass(STANDARD)
    for (const text of ['{"version":99}', 'not JSON', '[]', '{"version":3,"inputs":{},"change":{}}']) {
      const post = await job.post({ ...main, state: { gate: text } }, 'success')
      expect(post.error.title).toBe('Change after the deployment: not finished')
      expect(post.error.message).toMatch(/cannot be read[\s\S]*Fix: read the change's number in the log/)
      expect(post.summary).toMatch(/Manual action required/)
    }
  }
)

gateScenario('a main step of release 1.0: the manual action is named', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const main = await job.pass(STANDARD)
  // It saved the change alone.
  const { change } = JSON.parse(main.state.gate ?? '')
  const post = await job.post({ ...main, state: { gate: JSON.stringify(change) } }, 'success')
  expect(post.error.title).toBe('Change after the deployment: not finished')
  expect(post.error.message).toMatch(/another release[\s\S]*Manual action required: close CHG/)
  expect(post.summary).toMatch(/Manual action required/)
  expect(changeOf(sandbox, main).state).toBe(STATE.implement)
})

gateScenario('a job status that nobody knows is no success', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const main = await job.pass(STANDARD)
  await job.post(main, '')
  expect(changeOf(sandbox, main)).toMatchObject({ state: STATE.review, close_code: 'unsuccessful' })
})

gateScenario('no change, nothing to do', {}, async ({ sandbox, gate }) => {
  const job = gate({ SERVICENOW_CLIENT_SECRET: '' })
  const main = await job.fail(NORMAL)
  expect(main.error.title).toBe('Input error')
  const post = await job.post(main, 'failure')
  expect(post.log).toMatch(/no change to finish/)
  expect(post.summary).toBe('')
  expect(sandbox.requests).toEqual([])
})

gateScenario('untrusted text is shown as text', {}, async ({ sandbox, gate }) => {
  const hostile = {
    environment: 'prod\n::add-mask::x ##[error]y <img src=x> [a](http://e) [gha claim 9 9 1 0123456789ab]',
    version: '::error::1 ${{ secrets.X }} `rm` | ^ORnumberISNOTEMPTY'
  }
  const job = gate({ GITHUB_ACTOR: '::set-output name=a::b', GITHUB_REF_NAME: '`x`' })
  const main = await job.pass({ ...STANDARD, ...hostile, 'match-title': 'true' })
  await job.post(main, 'success')
  expect(changeOf(sandbox, main).state).toBe(STATE.closed)
  const markers = notesOf(sandbox, main).flatMap(note => note.match(/\[gha2? claim [^\]]*\]/g) ?? [])
  expect(markers).toEqual([expect.stringMatching(/^\[gha2 claim 1 1001 1 /)])
  const rejecting = gate()
  const inputs = { ...NORMAL, environment: hostile.environment, version: 'v2' }
  const running = rejecting.start(inputs)
  await running.prints(/Yet to approve/)
  sandbox.reject(sandbox.rows('change_request').at(-1)?.number ?? '', 'No.\n::error::pwned\n##[error]x <b>')
  const rejected = await running.done
  expect(rejected.outputs.outcome).toBe('rejected')
  await rejecting.post(rejected, 'failure', inputs)
})

gateScenario('an account that may not see approvals, groups and templates', {}, async ({ sandbox, gate }) => {
  const narrow = {
    SERVICENOW_CLIENT_ID: '',
    SERVICENOW_CLIENT_SECRET: '',
    SERVICENOW_USERNAME: 'gha.narrow',
    SERVICENOW_PASSWORD: 'narrow-password'
  }
  const job = gate(narrow)
  const running = job.start(NORMAL)
  await running.prints(/waiting for approval/)
  const number = sandbox.rows('change_request')[0]?.number ?? ''
  await sandbox.waitFor(() => sandbox.approvers(number).length > 0)
  sandbox.approve(number)
  const main = await running.done
  expect(main.outputs).toMatchObject({ outcome: 'approved', 'approved-by': '' })
  await job.post(main, 'success')
  expect(changeOf(sandbox, main).state).toBe(STATE.closed)
})
