/** What main and post step take from the job's environment, and what the one hands to the other. */
import { OAUTH_CLIENTS } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { makeCertificates } from '../../../packages/servicenow-client/src/testing/certificates.ts'
import { onBothApis } from '../harness.ts'
import { changeOf, gateScenario, NORMAL, notesOf, STANDARD, STATE } from './gate-harness.ts'
import { MANIFEST, TOKEN } from './root-action.ts'

const FREE = 'unlisted: free\nenvironments: { production: { change-controlled: false } }\n'
const REVIEW = 'defaults: { on-success: review }\nenvironments: { production: {} }\n'

gateScenario('no variable of the job becomes an input', {}, async ({ sandbox, gate }) => {
  const names = Object.keys(MANIFEST.inputs)
  const job = gate(Object.fromEntries(names.map(name => [`INPUT_${name.toUpperCase()}`, 'of the job'])))
  const main = await job.pass(STANDARD)
  expect(main.warnings).toEqual([])
  expect(main.log).not.toContain('of the job')
  const post = await job.post(main, 'success')
  expect(post.warnings).toEqual([])
  expect(changeOf(sandbox, main).state).toBe(STATE.closed)
})

const SPELLINGS = [
  {
    INPUT_POLICY_FILE: 'free.yml',
    INPUT_DRY_RUN: 'true',
    INPUT_STANDARD_CHANGE_TEMPLATE: 'rollback-template'
  },
  {
    'INPUT_POLICY-FILE': 'free.yml',
    'INPUT_DRY-RUN': 'true',
    'INPUT_STANDARD-CHANGE-TEMPLATE': 'rollback-template'
  }
]
for (const [n, env] of SPELLINGS.entries())
  gateScenario(`a policy file in the job frees no environment (${n + 1})`, {}, async ({ sandbox, gate }) => {
    const job = gate(env)
    job.commit({ 'free.yml': FREE, '.github/servicenow-change.yml': REVIEW })
    const main = await job.fail({ ...NORMAL, timeout: '0' })
    expect(main.outputs).toMatchObject({ outcome: 'timeout', created: 'true', 'change-type': 'normal' })
    expect(main.log).toMatch(
      /^Policy .*servicenow-change\.yml at .*: its section environments\.production applies/m
    )
    // The step itself may name the file, in both spellings.
    for (const name of ['policy-file', 'policy_file']) {
      const free = await job.pass({ ...NORMAL, [name]: 'free.yml' })
      expect(free.outputs.outcome).toBe('not-required')
    }
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

gateScenario('an environment of the job frees nothing', {}, async ({ gate }) => {
  const job = gate({ INPUT_ENVIRONMENT: 'production' })
  job.policy(FREE.replace('unlisted: free', 'unlisted: controlled'))
  const { environment: _, ...inputs } = NORMAL
  const main = await job.fail({ ...inputs, timeout: '0' })
  expect(main.outputs.outcome).toBe('timeout')
})

gateScenario('both spellings: equal values pass, different values are one error', {}, async world => {
  const { sandbox, gate } = world
  const job = gate()
  job.commit({ 'free.yml': FREE, 'other.yml': REVIEW })
  const equal = { ...NORMAL, 'policy-file': 'free.yml', policy_file: 'free.yml' }
  expect((await job.pass(equal)).outputs.outcome).toBe('not-required')
  const step = await job.fail({ ...equal, policy_file: 'other.yml' })
  expect(step.error.title).toBe('Input error')
  expect(step.error.message).toMatch(/^`policy-file` [^\n]*`policy_file`[^\n]*$/)
  expect(sandbox.requests).toEqual([])
})

gateScenario('a near miss fails a gate that would let the job through', {}, async ({ sandbox, gate }) => {
  const job = gate()
  job.policy(FREE)
  const step = await job.fail({ environment: 'production', 'on-sucess': 'close' })
  expect(step.error.message).toMatch(
    /^`on-sucess` is not an input; did you mean `on-success`\?.*`with:`.*INPUT_ON-SUCESS.*`env:`.*rename it/
  )
  expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
  const stray = await gate({ INPUT_ENVIROMENT: 'production' }).fail({ ...NORMAL, timeout: '0' })
  expect(stray.error.title).toBe('Input error')
  expect(stray.error.message).toMatch(/^`enviroment` .*`environment`\?.*`with:`.*INPUT_ENVIROMENT.*rename it/)
  expect(sandbox.requests).toEqual([])
})

gateScenario('the saved state holds no secret and no certificate', {}, async ({ sandbox, gate }) => {
  const [client] = OAUTH_CLIENTS
  // Over plain http they are read and not used.
  const { ca, client: pair, lockedKey } = makeCertificates()
  const secrets = {
    'client-certificate': pair.cert,
    'client-key': lockedKey,
    'client-key-passphrase': 'open sesame',
    'ca-certificate': ca,
    'client-secret': client?.secret ?? ''
  }
  const inputs = { ...STANDARD, instance: sandbox.url, 'client-id': client?.id ?? '', ...secrets }
  const job = gate({ RUNNER_DEBUG: '1' })
  const main = await job.pass(inputs)
  const saved = JSON.stringify(main.state)
  const lines = Object.values(secrets).flatMap(text => text.trim().split('\n'))
  for (const secret of [TOKEN, ...lines, ...main.masks.flatMap(text => text.split('\n'))].filter(Boolean))
    expect([secret, saved.includes(secret)]).toEqual([secret, false])
  // It is there, and says where the change is.
  const { inputs: kept, change } = JSON.parse(main.state.gate ?? '')
  expect(kept.instance).toBe(sandbox.url)
  expect(change).toMatchObject({ number: main.outputs['change-number'], phase: 'entered' })
  // Certificates that are gone by then are an error; those that are there are read again.
  await job.post(main, 'success', inputs)
  expect(changeOf(sandbox, main).state).toBe(STATE.closed)
})

onBothApis(api => {
  gateScenario('the post step needs no policy file any more', { api }, async ({ sandbox, gate }) => {
    const losses: Readonly<Record<string, (job: ReturnType<typeof gate>) => void>> = {
      'the file is gone': job => job.emptyWorkspace(),
      'the file says something else': job => job.policy('defaults: { on-success: none }\n'),
      'the file frees the environment': job => job.policy(FREE),
      'the file is broken': job => job.policy('defaults: { on-success: close, nonsense: [\n')
    }
    for (const [version, lose] of Object.entries(losses)) {
      const job = gate()
      job.policy(REVIEW)
      const main = await job.pass({ ...STANDARD, version })
      lose(job)
      const post = await job.post(main, 'success')
      expect(post.error.title).toBe('')
      expect({ version, ...changeOf(sandbox, main) }).toMatchObject({ version, state: STATE.review })
    }
  })

  gateScenario('the post step works with the inputs of the main step', { api }, async ({ sandbox, gate }) => {
    const variables = {
      SERVICENOW_INSTANCE: 'http://127.0.0.1:9',
      SERVICENOW_API: api === 'table' ? 'change-management' : 'table',
      'INPUT_ON-SUCCESS': 'none',
      INPUT_ON_SUCCESS: 'none',
      'INPUT_DRY-RUN': 'true',
      INPUT_DRY_RUN: 'true',
      'INPUT_JOB-STATUS': 'failure',
      INPUT_ENVIROMENT: 'elsewhere',
      INPUT_FAVOURITE_COLOUR: 'blue'
    }
    const job = gate()
    const main = await job.pass({ ...STANDARD, 'on-success': 'review' })
    const before = sandbox.requests.length
    for (const [name, value] of Object.entries(variables)) job.setEnv(name, value)
    const post = await job.post(main, 'success')
    expect(post.error.title).toBe('')
    expect(post.warnings).toEqual([
      expect.stringMatching(/^SERVICENOW_INSTANCE is now http:\/\/127\.0\.0\.1:9, /)
    ])
    expect(changeOf(sandbox, main)).toMatchObject({ state: STATE.review, close_code: '' })
    expect(notesOf(sandbox, main).at(-1)).toMatch(/^Deployment to production ended: success\./)
    const sent = sandbox.requests.slice(before).filter(one => one.path !== '/oauth_token.do')
    expect(sent.every(one => one.path.includes('sn_chg_rest') === (api === 'change-management'))).toBe(true)
  })
})

gateScenario('inputs that changed since the main step change nothing', {}, async ({ sandbox, gate }) => {
  const job = gate()
  const main = await job.pass({ ...STANDARD, 'on-success': 'review' })
  const other = { environment: 'staging', 'on-success': 'none', 'dry-run': 'true', 'request-timeout': 'soon' }
  const post = await job.post(main, 'success', other)
  expect(post.error.title).toBe('')
  expect(changeOf(sandbox, main).state).toBe(STATE.review)
})
