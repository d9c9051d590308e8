import { afterEach, describe, expect, it } from '@jest/globals'
import { isInputError, kebab, oneOf } from '../index.ts'
import {
  connectionInputs,
  createInputs,
  githubTokenInput,
  lifeCycleInputs,
  policyInputs,
  waitInputs
} from '../input-sets/index.ts'
import { resolved, type Variables } from '../testing/inputs.ts'
import { type Asked, applied, FILE, mistakesIn, removeWorkspaces, workspaceWith } from '../testing/policy.ts'
import { type AppliedPolicy, freeText, POLICY_KEYS, policyOutput, policyText } from './index.ts'

const inputs = {
  ...connectionInputs,
  ...policyInputs,
  ...createInputs,
  ...waitInputs,
  onSuccess: oneOf(['close', 'review', 'none']),
  ...githubTokenInput,
  ...lifeCycleInputs
}

afterEach(removeWorkspaces)

const apply = (workspace: ReturnType<typeof workspaceWith>, asked: Asked = {}) =>
  applied(inputs, workspace, asked)

const layersOf = (found: AppliedPolicy) => (found.kind === 'controlled' ? found.layers : [])

/** What a step works with under a policy. */
async function underPolicy(yaml: string, environment: string | undefined, env: Variables = {}) {
  const found = await apply(workspaceWith(yaml), environment === undefined ? {} : { environment })
  return resolved(inputs, env, { layers: layersOf(found) })
}

const mistakes = (yaml: string, environment?: string) => mistakesIn(inputs, yaml, environment)

describe('the policy file', () => {
  const YAML = [
    'title: Release {version}',
    'defaults: { timeout: 1h, assignment_group: DevOps Team, priority: 3, urgency: "" }',
    'environments:',
    '  Production: { timeout: 4h, proceed-states: [scheduled, -1], fields: { u_a: x } }',
    '  staging: {}'
  ].join('\n')

  it('gives values to inputs that the workflow leaves open, its section before its defaults', async () => {
    const env = { 'INPUT_ASSIGNMENT-GROUP': '', INPUT_PRIORITY: '1', SERVICENOW_INSTANCE: 'acme' }
    const { values, sources } = await underPolicy(YAML, 'production', env)
    expect(values).toMatchObject({
      timeout: 14_400_000,
      assignmentGroup: 'DevOps Team',
      priority: '1',
      proceedStates: ['scheduled', '-1'],
      fields: { u_a: 'x' },
      instance: 'acme'
    })
    expect(values.urgency).toBeUndefined()
    expect(sources).toMatchObject({
      timeout: { kind: 'policy', file: FILE, section: 'environments.Production' },
      assignmentGroup: { kind: 'policy', file: FILE, section: 'defaults' },
      priority: { kind: 'input' }
    })
  })

  it('has the life cycle of the instance at its top, unless a section or the workflow gives another', async () => {
    const yaml = `states: { draft: new, "10": review }\n${YAML}`
    const states = async (text: string, environment?: string, env = {}) =>
      (await underPolicy(text, environment, env)).values.states
    expect(await states(yaml, 'production')).toEqual([
      { state: '10', name: 'review' },
      { state: 'draft', name: 'new' }
    ])
    expect(await states(`states: |\n  draft: new\n${YAML}`)).toEqual([{ state: 'draft', name: 'new' }])
    const other = [{ state: '7', name: 'implement' }]
    expect(await states(`${yaml}\n  other: { states: { 7: implement } }`, 'other')).toEqual(other)
    expect(await states(yaml, 'production', { INPUT_STATES: '7: implement' })).toEqual(other)
  })

  it.each([
    ['states: [draft]', /:1:1: `states` must be a map$/],
    ['states:', /:1:1: `states` must be a map$/],
    ['states: {}', /:1:1: `states` is an empty map/],
    ['states: { draft: nwe }', /:1:1: `states` maps `draft` to `nwe`/]
  ])('refuses a life cycle that is wrong: %s', async (text, message) => {
    expect(await mistakes(text)).toEqual([expect.stringMatching(message)])
  })

  it('gives way to an input in the other spelling', async () => {
    const env = { INPUT_CMDB_CI: 'from-the-workflow' }
    const { values } = await underPolicy('defaults: { cmdb-ci: from-the-file }', undefined, env)
    expect(values.cmdbCi).toBe('from-the-workflow')
  })

  it('counts before the environment variable of an input', async () => {
    const env = { SERVICENOW_API: 'change-management' }
    expect((await underPolicy('defaults: { api: table }', undefined, env)).values.api).toBe('table')
    expect((await underPolicy('defaults: {}', undefined, env)).values.api).toBe('change-management')
  })

  it('tells which part of it applies, of which file and commit', async () => {
    const lines = async (yaml: string | undefined, environment?: string) => {
      const workspace = workspaceWith(yaml)
      const found = await apply(workspace, environment === undefined ? {} : { environment })
      return policyText(found).replace(workspace.sha.slice(0, 12), 'SHA')
    }
    const name = `acme/shop/${FILE} at commit SHA`
    expect(await lines(YAML, 'PRODUCTION')).toBe(
      `Policy ${name}: its section environments.Production applies, then its defaults.`
    )
    expect(await lines(YAML)).toBe(`Policy ${name}: its defaults apply, and no section of an environment.`)
    expect(await lines(`unlisted: controlled\n${YAML}`, 'qa')).toMatch(/no section of an environment\.$/)
    expect(await lines('enforce: { type: normal }\ndefaults: {}')).toMatch(/; it enforces type\.$/)
    expect(await lines(undefined, 'qa')).toBe(
      `No policy: the commit SHA of acme/shop has no ${FILE}, so inputs and their defaults apply. To have one, commit the file under that name (.yml, not .yaml).`
    )
  })

  it('hands its facts over', async () => {
    const workspace = workspaceWith(YAML)
    const found = await apply(workspace, { environment: 'staging' })
    expect(found).toMatchObject({
      kind: 'controlled',
      policy: {
        repository: 'acme/shop',
        path: FILE,
        commit: workspace.sha,
        section: 'staging',
        title: 'Release {version}'
      }
    })
    if (found.kind === 'none') throw new Error('none')
    expect(policyOutput(found.policy)).toEqual({
      repository: 'acme/shop',
      path: FILE,
      commit: workspace.sha,
      section: 'staging',
      enforced: {}
    })
  })

  it('may free an environment, and says why', async () => {
    const yaml =
      'unlisted: free\nenvironments: { dev: { change-controlled: false, timeout: 5 }, production: {} }'
    const free = async (text: string, environment?: string) => {
      const found = await apply(workspaceWith(text), environment === undefined ? {} : { environment })
      return found.kind === 'free' ? freeText(found, environment) : found.kind
    }
    expect(await free(yaml, 'Dev')).toMatch(
      /^According to the policy acme\/shop\/.*yml at commit [0-9a-f]{12}, the environment "Dev" is not change-controlled: change-controlled: false\.$/
    )
    expect(await free(yaml, 'qa')).toMatch(
      /"qa" is not change-controlled: it is not listed there \(unlisted: free\)\.$/
    )
    for (const name of ['production', ' PRODUCTION ', undefined])
      expect(await free(yaml, name)).toBe('controlled')
    for (const name of ['production', 'qa', undefined])
      expect(await free(`change-controlled: false\n${yaml}`, name)).toMatch(
        /, this repository is not change-controlled/
      )
  })

  it('gives values in a free environment too, to those that act there', async () => {
    const yaml = 'defaults: { risk: low }\nenvironments: { dev: { change-controlled: false, timeout: 5 } }'
    const found = await apply(workspaceWith(yaml), { environment: 'dev' })
    if (found.kind !== 'free') throw new Error(found.kind)
    const { values } = await resolved(inputs, { SERVICENOW_INSTANCE: 'acme' }, found)
    expect(values).toMatchObject({ timeout: 5_000, risk: 'low' })
  })

  it('may be missing where it is looked for, and not where it was said to be', async () => {
    const workspace = workspaceWith(undefined)
    expect((await apply(workspace, { environment: 'production' })).kind).toBe('none')
    const refused = async (file: string) => {
      const error: unknown = await apply(workspace, { file }).catch(reason => reason)
      return isInputError(error) ? error.facts.problems : []
    }
    expect(await refused('deploy.yml')).toEqual([
      expect.stringMatching(
        /`policy-file` names deploy\.yml, which is not in the commit [0-9a-f]{12} of acme\/shop; commit it/
      )
    ])
    for (const file of [workspace.workspace, '../deploy.yml', 'a//b.yml', '.github/../../x.yml'])
      expect(await refused(file)).toEqual([
        expect.stringMatching(/must be a path from the root of the repository/)
      ])
    const folder = await apply(workspaceWith('a', 'ops/policy.yml'), { file: 'ops' }).catch(error => error)
    expect(folder.facts.problems).toEqual([expect.stringMatching(/^ops is a folder in the commit/)])
  })

  it('may stand elsewhere', async () => {
    const workspace = workspaceWith('environments: { dev: { change-controlled: false } }', 'ops/policy.yml')
    for (const file of ['ops/policy.yml', './ops/policy.yml'])
      expect((await apply(workspace, { environment: 'dev', file })).kind).toBe('free')
  })
})

describe('mistakes in the policy file', () => {
  it('are shown with line and column, all at once', async () => {
    const yaml = [
      'unlisted: maybe', // 1
      'title: "{sha}"', // 2
      'defaults:', // 3
      '  tiemout: 1h', // 4
      '  password: x', // 5
      'environments:', // 6
      '  production:', // 7
      '    change_controlled: perhaps', // 8
      '    cmdb_ci: [a, b]', // 9
      '  qa: { instance: elsewhere }' // 10
    ].join('\n')
    expect([...(await mistakes(yaml))].sort()).toEqual([
      expect.stringMatching(`^${FILE}:10:9: \`instance\` must not be in a file: where secrets are sent`),
      expect.stringMatching(`^${FILE}:1:1: \`unlisted\` must be`),
      expect.stringMatching(`^${FILE}:2:1: \`title\` has {sha}`),
      expect.stringMatching(`^${FILE}:4:3: .*did you mean \`timeout\`\\?$`),
      expect.stringMatching(`^${FILE}:5:3: \`password\` must not be in a file`),
      expect.stringMatching(`^${FILE}:8:5: \`change-controlled\` must be true or false`),
      expect.stringMatching(`^${FILE}:9:5: \`cmdb-ci\` must be a single value`)
    ])
  })

  it('in a value are told by the input that the value is for, in their place', async () => {
    const yaml = [
      'defaults:',
      '  poll_interval: soon',
      'environments:',
      '  production:',
      '    on-success: close, please',
      '    reuse: perhaps',
      '    start-date: 2026-12-01',
      '    fields: "- a"'
    ].join('\n')
    expect([...(await mistakes(yaml, 'production'))].sort()).toEqual([
      expect.stringMatching(/:2:3: `poll-interval` must be a duration/),
      expect.stringMatching(/:5:5: `on-success` must be one of `close`, `review`, `none`/),
      expect.stringMatching(/:6:5: `reuse` must be `true` or `false`/),
      expect.stringMatching(/:7:5: `start-date` needs a time and a zone/),
      expect.stringMatching(/:8:5: `fields` must be a YAML map/)
    ])
  })

  it('are also that it is no YAML, or does not list the environment', async () => {
    expect(await mistakes('defaults: [')).toEqual([
      expect.stringMatching(/is not valid YAML: .*line 1, column 12/)
    ])
    expect(await mistakes('unlisted: free\nunlisted: error')).toEqual([
      expect.stringMatching(/line 2, column 1/)
    ])
    expect(await mistakes('environments: { dev: {} }', 'production')).toEqual([
      expect.stringMatching(/^\.github.*: the environment "production" is not listed \(it lists dev\)/)
    ])
  })
})

describe('the inputs that may stand in a policy', () => {
  const { allowed, refused, named } = POLICY_KEYS

  it('are those of all actions that read it, but for secrets, the connection, the run, and what the runner sets', () => {
    expect(allowed).toMatchObject({
      attachments: 'list',
      fields: 'map',
      'wait-states': 'values',
      api: 'value',
      'close-notes': 'value',
      'fail-when-not-approved': 'value',
      version: 'value',
      commit: 'value'
    })
    for (const name of Object.keys({ ...connectionInputs, ...policyInputs, ...githubTokenInput }).map(
      kebab
    )) {
      const may = ['api', 'request-timeout', 'max-retries'].includes(name)
      expect([name, name in allowed, name in refused]).toEqual([name, may, !may])
    }
    expect(refused).toMatchObject({
      password: 'give it as an input from a secret, or in SERVICENOW_PASSWORD',
      'policy-token': 'give it as an input from a secret',
      'dry-run': 'it belongs to the workflow',
      'change-number': 'it belongs to the workflow',
      'job-status': 'it is set automatically',
      'own-job-status': 'it is set automatically'
    })
  })

  it('have names that may be known without a look-up', () => {
    expect(named).toEqual([
      'assignment-group',
      'assigned-to',
      'requested-by',
      'cmdb-ci',
      'parent-change',
      'standard-change-template',
      'change-model'
    ])
  })
})
