import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { duration, isInputError, listOf, oneOf, text, yamlMap } from '../index.ts'
import { connectionInputs, createInputs, policyInputs, waitInputs } from '../input-sets/index.ts'
import { problemsOf, resolved, type Variables } from '../testing/inputs.ts'
import { type AppliedPolicy, applyPolicy, policyKeys, policyText } from './index.ts'

const FILE = '.github/servicenow-change.yml'
const inputs = {
  ...connectionInputs,
  ...policyInputs,
  ...createInputs,
  ...waitInputs,
  onSuccess: oneOf(['close', 'review', 'none'])
}

const workspaces: string[] = []
afterEach(() => {
  for (const folder of workspaces.splice(0)) rmSync(folder, { recursive: true })
})

/** A workspace with a policy file; undefined: without one. */
function workspaceWith(yaml: string | undefined, file = FILE): string {
  const workspace = mkdtempSync(join(tmpdir(), 'policy-'))
  workspaces.push(workspace)
  mkdirSync(join(workspace, dirname(file)), { recursive: true })
  if (yaml !== undefined) writeFileSync(join(workspace, file), yaml)
  return workspace
}

interface Asked {
  readonly environment?: string
  readonly file?: string
}

const apply = (workspace: string, { environment, file }: Asked = {}) =>
  applyPolicy({ inputs, environment, file, workspace })

const layersOf = (applied: AppliedPolicy) => (applied.kind === 'controlled' ? applied.layers : [])

/** What a step works with under a policy. */
async function underPolicy(yaml: string, environment: string | undefined, env: Variables = {}) {
  const applied = await apply(workspaceWith(yaml), environment === undefined ? {} : { environment })
  return resolved(inputs, env, { layers: layersOf(applied) })
}

/** The problems of a file, or of its values. */
async function mistakes(yaml: string, environment?: string): Promise<readonly string[]> {
  const asked = environment === undefined ? {} : { environment }
  try {
    const applied = await apply(workspaceWith(yaml), asked)
    return await problemsOf(inputs, {}, { layers: layersOf(applied) })
  } catch (error) {
    if (isInputError(error)) return error.facts.problems
    throw error
  }
}

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
      proceedStates: ['scheduled', 'implement'],
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

  it('tells which part of it applies', async () => {
    const lines = async (yaml: string | undefined, environment?: string) => {
      const applied = await apply(workspaceWith(yaml), environment === undefined ? {} : { environment })
      return policyText(applied)
    }
    expect(await lines(YAML, 'PRODUCTION')).toBe(
      `Policy ${FILE}: its section environments.Production applies, then its defaults.`
    )
    expect(await lines(YAML)).toBe(`Policy ${FILE}: its defaults apply, and no section of an environment.`)
    expect(await lines(`unlisted: controlled\n${YAML}`, 'qa')).toMatch(/no section of an environment\.$/)
    expect(await lines(undefined, 'qa')).toBe(
      `There is no policy file (${FILE}): inputs and their defaults apply.`
    )
  })

  it('hands its title over by itself', async () => {
    const applied = await apply(workspaceWith(YAML), { environment: 'staging' })
    expect(applied).toMatchObject({
      kind: 'controlled',
      policy: { file: FILE, section: 'staging', title: 'Release {version}' }
    })
  })

  it('may free an environment', async () => {
    const yaml = 'unlisted: free\nenvironments: { dev: { change-controlled: false }, production: {} }'
    for (const environment of ['dev', 'Dev', 'qa'])
      expect((await apply(workspaceWith(yaml), { environment })).kind).toBe('free')
    expect((await apply(workspaceWith(yaml), { environment: 'production' })).kind).toBe('controlled')
    expect((await apply(workspaceWith(yaml))).kind).toBe('controlled')
  })

  it('may be missing where it is looked for, and not where it was said to be', async () => {
    const workspace = workspaceWith(undefined)
    expect(await apply(workspace, { environment: 'production' })).toEqual({ kind: 'none', file: FILE })
    const refused = async (file: string) => {
      const error: unknown = await apply(workspace, { file }).catch(reason => reason)
      return isInputError(error) ? error.facts.problems : []
    }
    expect(await refused('deploy.yml')).toEqual([
      expect.stringMatching(/`policy-file` names deploy\.yml, which is not there; check out the repository/)
    ])
    expect(await refused(workspace)).toEqual([expect.stringMatching(/cannot be read: EISDIR/)])
  })

  it('may stand elsewhere', async () => {
    const workspace = workspaceWith('environments: { dev: { change-controlled: false } }', 'ops/policy.yml')
    for (const file of ['ops/policy.yml', join(workspace, 'ops/policy.yml')])
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
  const { allowed, refused } = policyKeys(inputs)

  it('are all but secrets, the connection, what belongs to the run, and what the runner sets', () => {
    expect(allowed['own-matrix-index'] ?? refused['own-matrix-index']).toBeUndefined()
    expect(Object.keys(refused)).toEqual([
      'instance',
      'client-id',
      'client-secret',
      'username',
      'password',
      'private-key',
      'key-id',
      'subject',
      'oidc-audience',
      'token',
      'api-key',
      'client-certificate',
      'client-key',
      'client-key-passphrase',
      'ca-certificate',
      'api-path',
      'dry-run',
      'environment',
      'policy-file',
      'change-number',
      'change-sys-id',
      'correlation-id',
      'correlation-scope'
    ])
    expect(refused).toMatchObject({
      password: 'give it as an input from a secret, or in SERVICENOW_PASSWORD',
      'dry-run': 'it belongs to the workflow'
    })
  })

  it('take the kind of value that their schema takes', () => {
    const few = { a: text(), b: duration({ default: '0' }), c: listOf(item => item), d: yamlMap() }
    expect(policyKeys(few)).toEqual({
      allowed: { a: 'value', b: 'value', c: 'values', d: 'map' },
      refused: {}
    })
    expect(allowed).toMatchObject({ attachments: 'list', 'wait-states': 'values', api: 'value' })
  })
})
