/** The root action before the deployment: when the gate opens, and when it stays shut. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from '@jest/globals'
import { asked, DEPLOYMENT, onBothApis, SOON, scenario, scenarios, type World, writes } from './harness.ts'
import type { Job, RunningStep, Step } from './job.ts'

const OPEN = { environment: 'production', 'assignment-group': 'DevOps Team', ...SOON }
const POLICY = '.github/servicenow-change.yml'

/** The one change of the deployment, once its approvers are asked. */
async function askedFor({ sandbox }: Pick<World, 'sandbox'>): Promise<string> {
  const change = await sandbox.waitFor(() => sandbox.rows('change_request').at(-1))
  await asked(sandbox, change.number ?? '')
  return change.number ?? ''
}

/** Runs the gate, approved by Anna while it waits. */
async function openGate(world: World, inputs = {}, job: Job = world.job): Promise<Step> {
  const gate: RunningStep = job.start('gate', { ...OPEN, ...inputs })
  world.sandbox.approve(await askedFor(world))
  return gate.done
}

onBothApis(api => {
  scenario('opens once the change is approved, and takes it to Implement', { api }, async world => {
    const { sandbox, job } = world
    job.file('plan.md', '# Plan\n')
    const step = await openGate(world, { version: 'v2.3.0', attachments: '- plan.md' })
    expect(step.code).toBe(0)
    const number = step.outputs['change-number'] ?? ''
    expect(step.outputs).toMatchObject({
      approved: 'true',
      outcome: 'approved',
      created: 'true',
      'change-state': 'implement',
      'approved-by': 'Anna Approver'
    })
    expect(sandbox.change(number)).toMatchObject({
      short_description: 'Deploy "change-actions/servicenow" version v2.3.0 to "production"',
      state: '-1',
      work_start: expect.stringMatching(/^\d{4}-/)
    })
    expect(sandbox.attachments(number)).toHaveLength(1)
    const [note, ...more] = sandbox.journal(number).map(one => one.text)
    expect(more).toEqual([])
    expect(note).toMatch(/^Deployment to production started\.\n(?:.*\n)*\[gha claim 1001 1 [0-9a-f]{12}\]$/)
  })

  scenario('stays shut when approval is refused', { api }, async world => {
    const { sandbox, job } = world
    const gate = job.start('gate', OPEN)
    const number = await askedFor(world)
    sandbox.reject(number, 'Not on Black Friday.')
    const step = await gate.done
    expect(step.code).toBe(1)
    expect(step.error.title).toBe(`Change ${number}: rejected`)
    expect(step.error.message).toContain('Not on Black Friday.')
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'rejected' })
  })

  scenario('stays shut when the time is up', { api }, async ({ sandbox, job }) => {
    const step = await job.fail('gate', { ...OPEN, timeout: '1' })
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'timeout' })
    expect(sandbox.rows('change_request')[0]?.state).toMatch(/^-[34]$/)
  })

  scenario('a dry run never opens it', { api }, async ({ sandbox, job, plant }) => {
    const step = await job.fail('gate', { ...OPEN, 'dry-run': 'true' })
    expect(step.error.title).toBe('Change: dry-run')
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'dry-run' })
    expect(step.summary).toContain('Dry run: nothing was written.')
    const { number } = plant({ state: '-2', approval: 'approved' })
    const supplied = { ...SOON, 'change-number': number, 'dry-run': 'true' }
    expect((await job.fail('gate', supplied)).outputs).toMatchObject({
      approved: 'false',
      outcome: 'dry-run'
    })
    expect(writes(sandbox)).toEqual([])
    await job.post()
    expect(writes(sandbox)).toEqual([])
  })

  scenario('interrupted while it waits, and cleaned up after', { api }, async world => {
    const { sandbox, job } = world
    const gate = job.start('gate', { ...OPEN, timeout: '1h' })
    const number = await askedFor(world)
    await gate.prints(/waiting for approval/)
    gate.kill('SIGTERM')
    const step = await gate.done
    expect(step.code).toBe(130)
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'interrupted', 'change-number': number })
    job.status = 'cancelled'
    await job.post()
    // This job made it, and nobody approved it: nothing is left open.
    expect(sandbox.change(number)?.state).toBe('4')
  })

  scenario('the next attempt goes on with the change of the first', { api }, async world => {
    const { sandbox, newJob } = world
    const first = await openGate(world)
    const again = await newJob({ GITHUB_RUN_ATTEMPT: '2' }).pass('gate', OPEN)
    expect(again.outputs).toMatchObject({
      'change-number': first.outputs['change-number'],
      created: 'false',
      polls: '1'
    })
    expect(sandbox.rows('change_request')).toHaveLength(1)
    expect(sandbox.journal(first.outputs['change-number'] ?? '')).toHaveLength(1)
  })

  scenario('another run does not deploy under a change in use', { api }, async world => {
    const { newJob } = world
    const number = (await openGate(world)).outputs['change-number']
    const other = await newJob({ GITHUB_RUN_ID: '1002' }).fail('gate', OPEN)
    expect(other.error.title).toBe(`Change ${number}: in-use`)
    expect(other.error.message).toContain('run 1001')
    expect(other.outputs).toMatchObject({ approved: 'false', outcome: 'in-use' })
    const bold = await newJob({ GITHUB_RUN_ID: '1003' }).pass('gate', { ...OPEN, 'take-over': 'true' })
    expect(bold.outputs).toMatchObject({ approved: 'true', 'change-number': number })
    expect(bold.warnings).toEqual([expect.stringContaining('taken over')])
  })

  scenario('what makes deployments the same one', { api }, async world => {
    const { sandbox, newJob } = world
    const standard = {
      ...SOON,
      environment: 'staging',
      'standard-change-template': 'app-deployment-template'
    }
    const changes = async (inputs: Record<string, string>, env: Record<string, string> = {}) => {
      await newJob(env).run('gate', { ...standard, ...inputs })
      return sandbox.rows('change_request').length
    }
    expect(await changes({})).toBe(1)
    expect(await changes({}, { GITHUB_RUN_ID: '1002' })).toBe(1)
    expect(await changes({ environment: 'production' })).toBe(2)
    expect(await changes({ version: 'v2' })).toBe(3)
    expect(await changes({ identity: 'run' })).toBe(4)
    expect(await changes({ identity: 'run' }, { GITHUB_RUN_ID: '1002' })).toBe(5)
    expect(await changes({}, { GITHUB_JOB: 'other' })).toBe(6)
  })

  scenario('a supplied change that is meant for something else', { api }, async world => {
    const { sandbox, job, newJob, plant } = world
    const foreign = await newJob({ GITHUB_REPOSITORY: 'acme/other' }).pass('create-change', DEPLOYMENT)
    const number = foreign.outputs['change-number'] ?? ''
    await asked(sandbox, number)
    sandbox.approve(number)
    const step = await job.fail('gate', { ...SOON, 'change-number': number })
    expect(step.error.title).toBe(`Change ${number}: foreign-change`)
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'foreign-change' })
    await job.pass('gate', { ...SOON, 'change-number': number, 'allow-foreign-change': 'true' })

    const other = plant({ state: '-2', approval: 'approved' })
    const ci = { 'change-number': other.number, 'cmdb-ci': 'prod-k8s-cluster' }
    expect((await newJob().fail('gate', { ...SOON, ...ci })).outputs.outcome).toBe('foreign-change')
    expect(sandbox.change(other.number)?.state).toBe('-2')
  })

  scenario('too little is left of the window', { api }, async world => {
    const step = await openGate(world, { 'end-date': '+30m', 'minimum-window': '1h' })
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'window-closed' })
    expect(step.error.message).toContain('60 min must be left')
  })

  scenario('in Review it is too late', { api }, async ({ job, plant }) => {
    const { number } = plant({ state: '0', approval: 'approved' })
    const step = await job.fail('gate', { ...SOON, 'change-number': number })
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'unexpected-state' })
  })
})

const FREE = 'environments:\n  dev: { change-controlled: false }\n  production: {}\n'

scenario('an environment that is not change-controlled', {}, async ({ sandbox, job }) => {
  job.file(POLICY, FREE)
  const step = await job.pass('gate', { environment: 'dev' })
  expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'not-required' })
  expect(step.notices).toEqual([expect.stringContaining(POLICY)])
  await job.post()
  expect(sandbox.requests).toEqual([])
})

scenario('input, section, defaults, environment variable: in this order', {}, async world => {
  const { sandbox, job } = world
  job.file(
    POLICY,
    [
      'title: "{environment} gets {version} of {repository}"',
      'defaults: { assignment-group: Platform Team, risk: low, justification: By policy }',
      'environments:',
      '  production: { assignment_group: DevOps Team, risk: moderate, api: table }'
    ].join('\n')
  )
  const step = await openGate(world, { 'assignment-group': '', risk: 'high', version: 'v1' })
  expect(step.code).toBe(0)
  const group = sandbox.rows('sys_user_group').find(row => row.name === 'DevOps Team')
  expect(sandbox.change(step.outputs['change-number'] ?? '')).toMatchObject({
    short_description: 'production gets v1 of change-actions/servicenow',
    assignment_group: group?.sys_id,
    risk: '2',
    justification: 'By policy'
  })
  expect(writes(sandbox).every(one => one.includes('/api/now/table/'))).toBe(true)
})

const BROKEN = {
  'an environment that is not listed': [FREE, /qa/],
  'an unknown key': [
    'environments:\n  qa: { asignment-group: x }',
    /servicenow-change\.yml:2:\d+: .*asignment-group/
  ],
  'credentials in the file': [
    'defaults:\n  client-secret: abcdefgh',
    /servicenow-change\.yml:2:\d+: .*client-secret/
  ],
  'a wrong value': [
    'environments:\n  qa: { timeout: soon }',
    /servicenow-change\.yml:2:\d+: `timeout` must be a dur/
  ],
  'no YAML': ['environments: [', /servicenow-change\.yml.*not valid YAML/]
} as const
scenarios('policy: %s', {}, BROKEN, async ({ sandbox, job }, [policy, problem]) => {
  job.file(POLICY, policy)
  const step = await job.fail('gate', { ...OPEN, environment: 'qa' })
  expect(step.error.title).toBe('Input error')
  expect(step.error.message).toMatch(problem)
  expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
  expect(sandbox.requests).toEqual([])
})

scenario('a policy file that was named and is not there', {}, async ({ sandbox, job }) => {
  const step = await job.fail('gate', { ...OPEN, 'policy-file': 'ops/policy.yml' })
  expect(step.error.message).toContain('ops/policy.yml')
  expect(sandbox.requests).toEqual([])
})

scenario('a claim of a run that is over holds nobody up', {}, async world => {
  const asks: string[] = []
  const github = createServer((request, response) => {
    asks.push(`${request.url} ${request.headers.authorization}`)
    response.setHeader('Content-Type', 'application/json')
    response.end('{"status":"completed"}')
  })
  await new Promise<void>(resolve => github.listen(0, '127.0.0.1', resolve))
  try {
    const number = (await openGate(world)).outputs['change-number']
    const env = {
      GITHUB_RUN_ID: '1002',
      GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`
    }
    const step = await world.newJob(env, { token: 'ghs_token-of-this-job' }).pass('gate', OPEN)
    expect(step.outputs).toMatchObject({ approved: 'true', 'change-number': number })
    expect(asks).toEqual(['/repos/change-actions/servicenow/actions/runs/1001 Bearer ghs_token-of-this-job'])
    expect(step.masks).toContain('ghs_token-of-this-job')
  } finally {
    github.close()
  }
})
