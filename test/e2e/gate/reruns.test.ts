/** Attempts of a run, and legs of a matrix. */
import { expect } from '@jest/globals'
import { approvalRequested, onBothApis } from '../harness.ts'
import { APPROVING, changeOf, gateScenario, NORMAL, notesOf, STANDARD, STATE } from './gate-harness.ts'

const AGAIN = { GITHUB_RUN_ATTEMPT: '2' }
const V1 = { ...NORMAL, version: 'v1' }

/** As the documentation has it: legs leave the change to the job that comes after them. */
const LEG = {
  ...NORMAL,
  'correlation-id': 'web-1001-production',
  'on-success': 'none',
  'on-failure': 'none',
  'on-cancel': 'none'
}

onBothApis(api => {
  gateScenario('the open change of the run is found again', { api }, async ({ sandbox, gate }) => {
    const first = await gate().fail({ ...V1, timeout: '1' })
    expect(first.outputs).toMatchObject({ outcome: 'timeout', created: 'true' })
    const number = first.outputs['change-number'] ?? ''
    await approvalRequested(sandbox, number)
    sandbox.approve(number)
    const second = await gate(AGAIN).pass(V1)
    expect(second.outputs).toMatchObject({ 'change-number': number, created: 'false' })
    expect(second.outputs['correlation-id']).toBe(first.outputs['correlation-id'])
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  gateScenario('one that ended gets a successor, linked to it', { api }, async ({ sandbox, gate }) => {
    const inputs = { ...STANDARD, version: 'v1' }
    let parent = ''
    for (const [attempt, status, state] of [
      ['1', 'failure', STATE.review],
      ['2', 'success', STATE.closed],
      ['3', 'success', STATE.closed]
    ] as const) {
      const job = gate({ GITHUB_RUN_ATTEMPT: attempt })
      const main = await job.pass(inputs)
      expect(main.outputs.created).toBe('true')
      expect(changeOf(sandbox, main).parent).toBe(parent)
      await job.post(main, status)
      expect(changeOf(sandbox, main).state).toBe(state)
      parent = main.outputs['change-sys-id'] ?? ''
    }
  })

  gateScenario(
    'the link is to the change that was carried out',
    { api },
    async ({ sandbox, gate, plant }) => {
      const inputs = { ...STANDARD, version: 'v1' }
      const job = gate()
      const main = await job.pass(inputs)
      await job.post(main, 'success')
      const { correlation_id = '' } = changeOf(sandbox, main)
      plant({ state: STATE.canceled, correlation_id })
      // The database of an instance does not tell upper from lower case; identities do.
      plant({ state: STATE.closed, correlation_id: correlation_id.toUpperCase() })
      const next = await gate().pass(inputs)
      expect(changeOf(sandbox, next).parent).toBe(main.outputs['change-sys-id'])
    }
  )

  gateScenario('rejected stays rejected, unless submitted again', { api }, async ({ sandbox, gate }) => {
    const job = gate()
    const running = job.start(V1)
    await running.prints(/waiting for approval/)
    const number = sandbox.rows('change_request')[0]?.number ?? ''
    await approvalRequested(sandbox, number)
    sandbox.reject(number, 'Not on Black Friday.')
    const rejected = await running.done
    expect(rejected.error.title).toBe(`Change ${number}: rejected`)
    expect(rejected.error.message).toContain('Not on Black Friday.')
    await job.post(rejected, 'failure')
    expect(changeOf(sandbox, rejected)).toMatchObject({ state: STATE.new, approval: 'rejected' })
    expect(notesOf(sandbox, rejected)).toEqual([
      expect.stringMatching(/^Not deployed to production: the gate ended with rejected \(job failure\)\./)
    ])
    const again = await gate(AGAIN).fail(V1)
    expect(again.outputs.outcome).toBe('rejected')
    expect(again.error.message).toContain('resubmit: true')
    const third = gate({ GITHUB_RUN_ATTEMPT: '3' }).start({ ...V1, resubmit: 'true' })
    await third.prints(/waiting for approval/)
    await approvalRequested(sandbox, number)
    sandbox.approve(number)
    expect((await third.done).outputs).toMatchObject({ outcome: 'approved', 'change-number': number })
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  gateScenario('legs of a matrix share one change', { api, sandbox: APPROVING }, async world => {
    const { sandbox, gate, newJob } = world
    const legs = [gate({}, '0'), gate({}, '1')]
    const mains = await Promise.all(legs.map(leg => leg.pass(LEG)))
    const [first, second] = mains
    if (first === undefined || second === undefined) throw new Error('there are two legs')
    expect(second.outputs['change-number']).toBe(first.outputs['change-number'])
    expect(mains.filter(one => one.outputs.created === 'true')).toHaveLength(1)
    // One that starts later finds the change in Implement.
    const late = gate({}, '2')
    const third = await late.pass(LEG)
    expect(third.outputs).toMatchObject({ created: 'false', polls: '1' })
    await legs[0]?.post(first, 'success')
    await legs[1]?.post(second, 'failure')
    await late.post(third, 'success')
    expect(changeOf(sandbox, first)).toMatchObject({ state: STATE.implement, close_code: '' })
    const ended = notesOf(sandbox, first).filter(note => note.includes(' ended: '))
    expect(ended.map(note => /ended: (\w+)/.exec(note)?.[1]).sort()).toEqual([
      'failure',
      'success',
      'success'
    ])
    expect(ended.join('\n')).toContain('Job: deploy, matrix leg 1')
    const closing = await newJob({ GITHUB_JOB: 'close' }).pass('update-change', {
      'correlation-id': LEG['correlation-id'],
      state: 'by-job-status',
      'job-status': JSON.stringify({ deploy: { result: 'failure', outputs: {} } })
    })
    expect(closing.outputs['change-number']).toBe(first.outputs['change-number'])
    expect(changeOf(sandbox, first)).toMatchObject({ state: STATE.closed, close_code: 'unsuccessful' })
    expect(sandbox.rows('change_request').filter(row => row.state !== STATE.canceled)).toHaveLength(1)
  })
})

gateScenario('what makes two deployments the same one', { sandbox: APPROVING }, async ({ gate }) => {
  const once = { ...NORMAL, 'request-approval': 'false', timeout: '0' }
  const sha = '0123456789abcdef0123456789abcdef01234567'
  const id = async (inputs: Record<string, string>, env: Record<string, string> = {}, leg = '0') =>
    (await gate(env, leg).fail({ ...once, 'dry-run': 'true', ...inputs })).outputs['correlation-id'] ?? ''
  const version = await id({ version: 'v1' })
  expect(await id({ version: 'v1' }, { GITHUB_RUN_ID: '1002', GITHUB_SHA: sha })).toBe(version)
  const run = await id({ identity: 'run' })
  expect(await id({ identity: 'run', version: 'v9' }, { GITHUB_RUN_ATTEMPT: '2' })).toBe(run)
  const commit = await id({ identity: 'commit' })
  expect(await id({ identity: 'commit', version: 'v9' }, { GITHUB_RUN_ID: '1002' })).toBe(commit)
  const others = [
    await id({ version: 'v2' }),
    await id({ version: 'v1', environment: 'staging' }),
    await id({ version: 'v1', 'cmdb-ci': 'prod-k8s-cluster' }),
    await id({ version: 'v1', 'standard-change-template': 'app-deployment-template' }),
    await id({ version: 'v1' }, { GITHUB_JOB: 'other' }),
    await id({ version: 'v1' }, { GITHUB_WORKFLOW: 'Other' }),
    await id({ version: 'v1' }, {}, '1'),
    await id({ identity: 'run' }, { GITHUB_RUN_ID: '1002' }),
    await id({ identity: 'commit' }, { GITHUB_SHA: sha })
  ]
  expect(new Set([version, run, commit, ...others]).size).toBe(others.length + 3)
})
