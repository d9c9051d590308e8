/** What a step leaves behind: outputs, metrics, summary, a log that can be read, and no secret in any of it. */
import { expect } from '@jest/globals'
import { approved, DEPLOYMENT, onBothApis, SOON, scenario, scenarios, submit } from './harness.ts'
import type { Step } from './job.ts'

const metrics = (step: Step) => JSON.parse(step.outputs.metrics ?? '')

onBothApis(api => {
  scenario('metrics and summary of every action', { api }, async world => {
    const { sandbox, job } = world
    const number = await approved(world)
    job.file('report.xml', '<testsuite/>\n')
    const steps = [
      job.steps[0] as Step,
      await job.pass('wait-approval', SOON),
      await job.pass('update-change', { state: 'implement' }),
      await job.pass('attach-evidence', { files: '*.xml' }),
      await job.pass('update-change', { state: 'by-job-status' })
    ]
    const common = { requests: expect.any(Number), request_errors: 0, added_ms: expect.any(Number) }
    expect(steps.map(metrics)).toEqual([
      { ...common, creation_ms: expect.any(Number), result: 'created' },
      { ...common, wait_ms: expect.any(Number), result: 'approved' },
      { ...common, result: 'implement' },
      { ...common, result: 'attached' },
      { ...common, result: 'successful' }
    ])
    const counted = steps.reduce((sum, step) => sum + metrics(step).requests, 0)
    expect(counted).toBe(sandbox.requests.length)
    const url = `${sandbox.url}/nav_to.do?uri=%2Fchange_request.do%3Fsys_id%3D${sandbox.change(number)?.sys_id}`
    for (const { outputs, summary } of steps) {
      expect(outputs['change-url']).toBe(url)
      expect(summary).toContain(`[${number}](${url})`)
      expect(summary).toMatch(/Measures: .*\d+ requests · \d+\.\d s added\./)
    }
    expect(steps[1]?.summary).toMatch(
      /\| Approved by \| Anna Approver, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \|/
    )
    expect(steps[1]?.summary).toMatch(/wait for approval \d+\.\d s · \d+ polls? · /)
    // The last step tells what those before it saw and attached.
    const end = steps.at(-1)?.summary
    expect(end).toMatch(/\| New \| \d{4}-[\s\S]*\| Scheduled \| [\s\S]*\| Closed \| \d{4}-/)
    expect(end).toMatch(/\| Evidence \| .*report\.xml/)
  })

  scenario('a step that fails begins its summary with the heading, then says why', { api }, async world => {
    const { job } = world
    job.file('report.xml', '<testsuite/>\n')
    const missing = { 'change-sys-id': '0123456789abcdef0123456789abcdef' }
    const steps = [
      await job.fail('create-change', { ...DEPLOYMENT, 'assignment-group': 'DevOps Taem' }),
      await job.fail('wait-approval', { ...SOON, ...missing }),
      await job.fail('update-change', { ...missing, state: 'implement' }),
      await job.fail('attach-evidence', { ...missing, files: '*.xml' }),
      await job.fail('check-connection', { 'assignment-group': 'DevOps Taem' })
    ]
    // The harness knows the heading of each action.
    for (const { summary, error } of steps) {
      const [heading, failure] = summary.split('\n\n')
      expect(heading).toMatch(/^## \w/)
      expect(failure).toBe(`**${error.title}**`)
    }
  })

  scenario('the instance can tell who sends a request', { api }, async world => {
    await submit(world)
    for (const { userAgent } of world.sandbox.requests)
      expect(userAgent).toMatch(
        /^change-actions-servicenow\/\d+\.\d+\.\d+ \(change-actions\/servicenow; run 1001\)$/
      )
  })

  scenario('failed requests are counted, and the failure is told', { api }, async ({ sandbox, job }) => {
    sandbox.fault({ kind: 'unavailable', status: 503, path: 'sys_user_group' })
    const step = await job.pass('create-change', DEPLOYMENT)
    expect(metrics(step).request_errors).toBe(1)
    expect(step.log).toMatch(/Attempt 1 of 5 failed while looking up the assignment group/)
    expect(step.summary).toMatch(/\d+ requests \(1 failed\)/)
  })

  scenario(
    'a step that fails in the middle leaves what it knows',
    {
      api,
      sandbox: { extraMandatory: { assess: 'test_plan' } }
    },
    async ({ sandbox, job }) => {
      job.file('plan.md', '# Plan\n')
      const step = await job.fail('create-change', { ...DEPLOYMENT, attachments: '- plan.md' })
      const [change] = sandbox.rows('change_request')
      expect(step.outputs).toMatchObject({
        created: 'true',
        'change-sys-id': change?.sys_id,
        'change-number': change?.number,
        'change-state': 'canceled',
        approval: 'not requested'
      })
      expect(JSON.parse(step.outputs.attachments ?? '')).toHaveLength(1)
      expect(metrics(step).result).toBe('failure')
      expect(step.summary).toContain('**Change CHG0030001: mandatory fields missing**')
    }
  )

  scenario('an update that fails half way says that something was written', { api }, async world => {
    const { sandbox, job, plant } = world
    const { number } = plant({ state: '-2', approval: 'approved' })
    sandbox.fault({ kind: 'business-rule', method: 'PATCH', nth: 3 })
    const step = await job.fail('update-change', {
      'change-number': number,
      state: 'closed',
      'close-code': 'successful',
      fields: 'justification: New prices'
    })
    expect(sandbox.change(number)).toMatchObject({ state: '-1', justification: 'New prices' })
    expect(step.outputs).toMatchObject({
      changed: 'true',
      'previous-state': 'scheduled',
      'change-state': 'implement',
      transitions: 'implement'
    })
  })

  const UNREAD = { 'request-timeout': 'soon' }
  scenario('wrong inputs leave safe outputs', { api }, async ({ job }) => {
    const steps = [
      await job.fail('create-change', UNREAD),
      await job.fail('wait-approval', UNREAD),
      await job.fail('update-change', UNREAD),
      await job.fail('attach-evidence', UNREAD)
    ]
    expect(steps.map(step => step.outputs)).toEqual([
      expect.objectContaining({ created: 'false', attachments: '[]' }),
      expect.objectContaining({ approved: 'false', outcome: 'error' }),
      expect.objectContaining({ changed: 'false', transitions: '' }),
      expect.objectContaining({ attachments: '[]', 'attached-count': '0', 'skipped-count': '0' })
    ])
  })

  // The harness searches all that every step of every scenario writes for secrets; here the instance repeats them.
  scenario('secrets that the instance repeats are not', { api }, async ({ sandbox, job }) => {
    const message = 'Denied for sandbox-client-secret, c2FuZGJveC1jbGllbnQtc2VjcmV0 and gha.deployer'
    sandbox.fault({ kind: 'error', status: 403, message, method: 'PATCH' })
    const step = await job.fail('create-change', {
      ...DEPLOYMENT,
      justification: 'sandbox-client-secret'
    })
    expect(step.error.message).toContain('Denied for ***, *** and gha.deployer')
  })
})

const CREDENTIALS = {
  'OAuth secret': { 'client-id': 'me', 'client-secret': 'a-client-secret' },
  password: { username: 'me', password: 'a-password-of-mine' },
  token: { token: 'a-token-of-mine' },
  'API key': { 'api-key': 'an-api-key-of-mine' }
}
scenarios(
  'masked before anything is printed: %s',
  { env: { SERVICENOW_CLIENT_ID: '' } },
  CREDENTIALS,
  async ({ job, newJob }, inputs) => {
    const values = Object.entries(inputs).filter(([name]) => !/^(?:client-id|username)$/.test(name))
    const env = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        `SERVICENOW_${name.toUpperCase().replace('-', '_')}`,
        value
      ])
    )
    const given = await job.fail('create-change', { ...DEPLOYMENT, ...inputs, 'dry-run': 'perhaps' })
    const inherited = await newJob({ ...env, RUNNER_DEBUG: '1' }).fail('create-change', DEPLOYMENT)
    const unread = await newJob(env).fail('create-change', { ...DEPLOYMENT, 'dry-run': 'perhaps' })
    for (const { log } of [given, inherited, unread]) {
      for (const [, value] of values) {
        const before = log.slice(0, log.indexOf(`::add-mask::${value}`))
        expect(log).toContain(`::add-mask::${value}`)
        expect(before.replace(/^::add-mask::.*\n/gm, '')).toBe('')
      }
    }
  }
)

scenario(
  'debug logs show each request, and neither query nor header nor body',
  {
    env: { RUNNER_DEBUG: '1' }
  },
  async ({ job }) => {
    const step = await job.pass('create-change', { ...DEPLOYMENT, description: 'the-body-of-it' })
    const debug = step.annotations.filter(one => one.kind === 'debug').map(one => one.message)
    const requests = debug.filter(line => / → /.test(line))
    expect(requests.length).toBe(metrics(step).requests)
    for (const line of requests)
      expect(line).toMatch(/^(?:GET|POST|PATCH) \/[\w/.]+ → \d{3} in \d+ ms \(attempt 1\)$/)
    expect(debug).toContain('description (from the input)')
    expect(step.log).not.toMatch(/Bearer|sysparm_|the-body-of-it/)
  }
)

scenario('without debug logging there are no debug lines of ours', {}, async ({ job }) => {
  const step = await job.pass('create-change', DEPLOYMENT)
  expect(step.log).not.toContain('::debug::')
})
