/** Which environments need a change, where values come from, and what is refused before anything is sent. */
import { expect } from '@jest/globals'
import { startGithub } from '../../github/github.ts'
import { onBothApis, writes } from '../harness.ts'
import { SHA } from '../job.ts'
import { changeOf, gateScenario, NORMAL, SOON, STANDARD } from './gate-harness.ts'

const POLICY = `unlisted: error
title: 'Release {version} of {repository} in {environment}'
defaults: { assignment_group: DevOps Team, timeout: 40, poll-interval: 1 }
environments:
  production: { cmdb-ci: prod-k8s-cluster, on-success: review }
  staging: { standard-change-template: app-deployment-template }
  dev: { change-controlled: false }
`

const REPOSITORY = 'change-actions/servicenow'
const NO_CREDENTIALS = { SERVICENOW_CLIENT_ID: '', SERVICENOW_CLIENT_SECRET: '', SERVICENOW_INSTANCE: '' }

const WHERE = `${REPOSITORY}/.github/servicenow-change.yml at commit`

gateScenario('not change-controlled: let through, and nothing is sent', {}, async ({ sandbox, gate }) => {
  const job = gate(NO_CREDENTIALS)
  job.policy(POLICY)
  for (const environment of ['dev', ' Dev ']) {
    const main = await job.pass({ environment })
    expect(main.outputs).toMatchObject({ outcome: 'not-required', approved: 'false' })
    expect(main.notices).toEqual([
      expect.stringContaining(
        `According to the policy ${WHERE} ${SHA.slice(0, 12)}, the environment "${environment.trim()}" is not change-controlled`
      )
    ])
    expect(JSON.parse(main.outputs.policy ?? '')).toEqual({
      repository: REPOSITORY,
      path: '.github/servicenow-change.yml',
      commit: SHA,
      section: 'dev',
      enforced: {}
    })
    expect(main.summary).toMatch(/Not required/)
    expect(main.state).toEqual({ gate: '{"version":3}' })
    expect((await job.post(main, 'failure')).log).toMatch(/no change to finish/)
  }
  job.policy(`change-controlled: false\n${POLICY}`)
  expect((await job.pass({ environment: 'production' })).outputs.outcome).toBe('not-required')
  expect(sandbox.requests).toEqual([])
})

const FREE = 'unlisted: free\nenvironments: { production: { change-controlled: false } }\n'
const BOUND = 'enforce: { type: [normal, emergency] }\nenvironments: { production: { risk: low } }\n'

gateScenario('a file of the workspace changes nothing', {}, async ({ sandbox, gate }) => {
  const job = gate()
  job.policy(BOUND)
  job.file('.github/servicenow-change.yml', FREE)
  const inputs = { ...NORMAL, timeout: '0' }
  const main = await job.fail(inputs)
  expect(main.outputs.outcome).toBe('timeout')
  expect(main.log).toMatch(
    new RegExp(`^Policy ${WHERE} 65dbbeda5ade: its section environments.production`, 'm')
  )
  const named = await job.fail({ ...inputs, 'policy-file': job.file('free.yml', FREE) })
  expect(named.error.message).toMatch(/`policy-file` must be a path from the root of the repository/)
  const template = await job.fail({ ...inputs, 'standard-change-template': 'app-deployment-template' })
  expect(template.error.message).toMatch(
    /`type` must be one of `normal`, `emergency`, not `standard`: the policy .* at commit 65dbbeda5ade enforces it/
  )
  expect(sandbox.rows('change_request')).toHaveLength(1)
})

gateScenario('without GitHub the policy is that of the commit in the checkout', {}, async ({ gate }) => {
  const job = gate({ GITHUB_API_URL: 'http://127.0.0.1:9' })
  const file = '.github/servicenow-change.yml'
  const unreadable = await job.fail({ ...NORMAL, timeout: '0' })
  expect(unreadable.error.title).toBe('ServiceNow policy: not readable')
  expect(unreadable.error.message).toMatch(/GitHub: network.*\ngit: the workspace has no checkout/)
  expect(unreadable.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
  const sha = job.checkout({ [file]: BOUND })
  job.file(file, FREE)
  const main = await job.fail({ ...NORMAL, timeout: '0' })
  expect(main.outputs.outcome).toBe('timeout')
  expect(JSON.parse(main.outputs.policy ?? '')).toMatchObject({
    commit: sha,
    section: 'production',
    enforced: { type: ['normal', 'emergency'] }
  })
  // Another commit is checked out by now.
  job.checkout({ [file]: FREE })
  job.setEnv('GITHUB_SHA', sha)
  expect((await job.fail({ ...NORMAL, timeout: '0' })).outputs.outcome).toBe('timeout')
})

/** A GitHub with the repository of the gates, and one with a central policy; and variables of a gate that may ask it. */
async function startPolicies() {
  const github = await startGithub()
  const shop = github.repository(REPOSITORY, { private: true })
  const sha = shop.commit({ files: { '.github/servicenow-change.yml': POLICY } })
  const central = github.repository('change-actions/policies', {
    private: true,
    files: { 'deploy.yml': FREE }
  })
  const token = (repository: typeof shop, permissions: Record<string, 'read'> = { contents: 'read' }) =>
    github.token({ kind: 'job', repository, permissions })
  const env = { GITHUB_API_URL: github.url, GITHUB_SHA: sha, ...NO_CREDENTIALS }
  return { github, shop, central, token, env, own: { environment: 'dev', 'github-token': token(shop) } }
}

gateScenario('the policy of a repository, as GitHub has it', {}, async ({ gate }) => {
  const { github, shop, token, env, own } = await startPolicies()
  try {
    expect((await gate(env).pass(own)).outputs.outcome).toBe('not-required')
    expect(github.requests).toHaveLength(1)
    const refused = await gate(env).fail({ ...own, 'github-token': token(shop, { actions: 'read' }) })
    expect(refused.error.message).toMatch(/GitHub: no-permission \(403\)[\s\S]*permissions: contents: read/)
    const gone = await gate(env).fail({ ...own, 'policy-file': 'gone.yml' })
    expect(gone.error.message).toMatch(/`policy-file` names gone\.yml, which is not in the commit/)
    const GITHUB_SHA = shop.commit({ files: { '.github/servicenow-change.yml': null } })
    expect((await gate({ ...env, GITHUB_SHA }).fail(own)).log).toMatch(/^No policy: the commit/m)
  } finally {
    await github.stop()
  }
})

gateScenario('a central policy, as GitHub has it', {}, async ({ gate }) => {
  const { github, central, token, env, own } = await startPolicies()
  try {
    const file = { 'policy-file': 'change-actions/policies/deploy.yml@main' }
    const main = await gate(env).pass({ ...own, ...file, 'policy-token': token(central) })
    expect(JSON.parse(main.outputs.policy ?? '')).toMatchObject({
      repository: 'change-actions/policies',
      path: 'deploy.yml',
      commit: central.sha()
    })
    // The job's token may not even know of the other repository.
    const hidden = await gate(env).fail({ ...own, ...file })
    expect(hidden.error.message).toMatch(
      /Fix: give `policy-token` a token with the permission contents: read/
    )
  } finally {
    await github.stop()
  }
})

gateScenario('unlisted: free and controlled', {}, async ({ sandbox, gate }) => {
  const job = gate()
  job.policy(POLICY.replace('unlisted: error', 'unlisted: free'))
  expect((await job.pass({ environment: 'qa' })).outputs.outcome).toBe('not-required')
  expect(sandbox.requests).toEqual([])
  job.policy(POLICY.replace('unlisted: error', 'unlisted: controlled'))
  const waiting = await job.fail({ environment: 'qa', timeout: '0' })
  expect(waiting.outputs.outcome).toBe('timeout')
  expect(changeOf(sandbox, waiting).short_description).toBe(
    'Release 65dbbed of change-actions/servicenow in qa'
  )
})

gateScenario('no environment, or no file: change-controlled', {}, async ({ sandbox, gate }) => {
  const without = await gate().fail({ ...NORMAL, environment: 'dev', timeout: '0' })
  expect(without.outputs).toMatchObject({ outcome: 'timeout', created: 'true' })
  const job = gate()
  job.policy(POLICY)
  const forgotten = await job.fail({ timeout: '0' })
  expect(forgotten.outputs).toMatchObject({ outcome: 'timeout', created: 'true' })
  expect(sandbox.rows('change_request')).toHaveLength(2)
})

onBothApis(api => {
  gateScenario('input before section before defaults', { api }, async ({ sandbox, gate }) => {
    const job = gate()
    job.policy(`defaults: { assignment_group: Platform Team, risk: high, impact: 2, urgency: 2 }
environments: { production: { risk: low, impact: 1 } }
`)
    const main = await job.fail({ environment: 'production', impact: '3', timeout: '0' })
    expect(changeOf(sandbox, main)).toMatchObject({ risk: '4', impact: '3', urgency: '2' })
    expect(main.outputs.risk).toBe('Low')
    const group = sandbox.rows('sys_user_group').find(row => row.name === 'Platform Team')
    expect(changeOf(sandbox, main).assignment_group).toBe(group?.sys_id)
  })
})

gateScenario('a value of the file before a SERVICENOW_… variable', {}, async ({ sandbox, gate }) => {
  const job = gate({ SERVICENOW_API: 'change-management' })
  job.policy('environments: { production: { api: table } }')
  const main = await job.fail({ ...NORMAL, timeout: '0' })
  expect(main.outputs.created).toBe('true')
  expect(sandbox.requests.filter(one => one.path.includes('sn_chg_rest'))).toEqual([])
})

gateScenario('the post step knows the policy after the checkout is gone', {}, async ({ sandbox, gate }) => {
  const job = gate()
  job.policy(`defaults: { on-success: review }\nenvironments: { production: {} }\n`)
  const main = await job.pass(STANDARD)
  job.policy('defaults: { on-success: close, nonsense: 1 }\n')
  await job.post(main, 'success')
  expect(changeOf(sandbox, main).state).toBe('0')
})

gateScenario('an environment with a template, another with a title of its own', {}, async world => {
  const { sandbox, gate } = world
  const job = gate()
  job.policy(POLICY)
  const main = await job.pass({ environment: 'staging' })
  expect(changeOf(sandbox, main)).toMatchObject({
    type: 'standard',
    short_description: 'Release 65dbbed of change-actions/servicenow in staging'
  })
  const own = await gate().fail({ ...NORMAL, 'short-description': 'Mine', timeout: '0' })
  expect(changeOf(sandbox, own).short_description).toBe('Mine')
})

gateScenario('a tag is the version', {}, async ({ sandbox, gate }) => {
  const job = gate({ GITHUB_REF: 'refs/tags/v2.3.0', GITHUB_REF_NAME: 'v2.3.0' })
  const main = await job.fail({ ...NORMAL, timeout: '0' })
  expect(changeOf(sandbox, main).short_description).toMatch(/ version v2\.3\.0 to /)
})

gateScenario('mistakes are found before anything is sent', {}, async ({ sandbox, gate }) => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['environments: { prod: { tiemout: 1h } }', {}, /yml:1:25: `tiemout` is not known.*`timeout`/],
    ['defaults: { password: hunter2 }', {}, /yml:1:13: `password` must not be in a file/],
    ['defaults: { reuse: perhaps }', {}, /yml:1:13: `reuse` must be `true` or `false`/],
    ['environments: { prod: { change-controlled: "no" } }', {}, /yml:1:25: .*must be true or false/],
    [
      'environments: { prod: { } }',
      { environment: 'production' },
      /"production" is not listed \(it lists prod\)/
    ],
    ['defaults: [', {}, /is not valid YAML: .*line 1, column 12/],
    [POLICY, { 'policy-file': 'none.yml' }, /names none\.yml, which is not in the commit 65dbbeda5ade/],
    [
      POLICY,
      { environment: 'production', 'proceed-states': 'assess' },
      /`proceed-states` can hold scheduled/
    ],
    [
      POLICY,
      { environment: 'production', 'check-conflicts': 'warn', api: 'table' },
      /need `api: change-management`/
    ],
    [POLICY, { environment: 'production', identity: 'branch' }, /`identity` must be one of/],
    [POLICY, { environment: 'production', 'on-sucess': 'close' }, /did you mean `on-success`/]
  ]
  for (const [yaml, inputs, text] of cases) {
    const job = gate()
    job.policy(yaml)
    const step = await job.fail(inputs)
    expect(step.error).toMatchObject({ title: 'Input error', message: expect.stringMatching(text) })
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
    expect(step.log).not.toContain('hunter2')
    expect((await job.post(step, 'failure')).log).toMatch(/no change to finish/)
  }
  expect(sandbox.requests).toEqual([])
})

onBothApis(api => {
  gateScenario('a template that is not there is found before anything is written', { api }, async world => {
    const { sandbox, gate } = world
    const job = gate()
    job.policy('defaults: { standard-change-template: app-deploy-template }\nenvironments: { prod: {} }\n')
    const step = await job.fail({ ...SOON, environment: 'prod' })
    expect(step.error.title).toBe('ServiceNow: no such record')
    expect(step.error.message).toContain('app-deployment-template')
    expect(writes(sandbox)).toEqual([])
  })
})
