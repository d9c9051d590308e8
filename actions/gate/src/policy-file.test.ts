import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Env, InputError, kebab, readRuntime } from '@change-actions/github-actions'
import { afterEach, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import * as z from 'zod'
import { ROOT } from '../../../scripts/action-docs.ts'
import { policyJsonSchema, SCHEMA_FILE } from '../../../scripts/policy-schema.ts'
import { inputs } from './inputs.ts'
import { applyPolicy, withPolicy } from './policy-file.ts'
import { inputSchema, POLICY_INPUTS, REFUSED } from './policy-inputs.ts'

const workspaces: string[] = []
afterEach(() => {
  for (const folder of workspaces.splice(0)) rmSync(folder, { recursive: true })
})

/** A workspace with a policy file; undefined: without one. */
function place(yaml: string | undefined, file = '.github/servicenow-change.yml'): Env {
  const workspace = mkdtempSync(join(tmpdir(), 'policy-'))
  workspaces.push(workspace)
  mkdirSync(join(workspace, dirname(file)), { recursive: true })
  if (yaml !== undefined) writeFileSync(join(workspace, file), yaml)
  return { GITHUB_WORKSPACE: workspace }
}

const apply = (env: Env) => applyPolicy(env, readRuntime(env))

async function mistakes(yaml: string, inputs: Env = {}): Promise<readonly string[]> {
  const error = await apply({ ...place(yaml), ...inputs }).then(
    () => undefined,
    fault => fault
  )
  if (!(error instanceof InputError)) throw new Error(`no input error: ${error}`)
  return error.problems
}

const PRODUCTION = { INPUT_ENVIRONMENT: 'production' }

describe('the policy file', () => {
  it('gives values to inputs that the workflow leaves open, its section before its defaults', async () => {
    const yaml = [
      'defaults: { timeout: 1h, assignment_group: DevOps Team, priority: 3 }',
      'environments:',
      '  production: { timeout: 4h, proceed-states: [scheduled, -1], fields: { u_a: x } }'
    ].join('\n')
    const { env, control } = await apply({
      ...place(yaml),
      ...PRODUCTION,
      'INPUT_ASSIGNMENT-GROUP': '',
      INPUT_PRIORITY: '1',
      SERVICENOW_INSTANCE: 'acme'
    })
    expect(control.kind).toBe('controlled')
    expect(env).toMatchObject({
      INPUT_TIMEOUT: '4h',
      'INPUT_ASSIGNMENT-GROUP': 'DevOps Team',
      INPUT_PRIORITY: '1',
      'INPUT_PROCEED-STATES': 'scheduled\n-1',
      INPUT_FIELDS: '{"u_a":"x"}'
    })
  })

  it('gives way to an input in the other spelling', async () => {
    const { env } = await apply({
      ...place('defaults: { cmdb-ci: from-the-file }'),
      INPUT_CMDB_CI: 'from-the-workflow'
    })
    expect(env['INPUT_CMDB-CI']).toBeUndefined()
  })

  it('beats a variable, as an input does', async () => {
    const { env } = await apply({ ...place('defaults: { instance: file }'), SERVICENOW_INSTANCE: 'variable' })
    expect(env.INPUT_INSTANCE).toBe('file')
  })

  it('may be missing where it is looked for, and not where it was said to be', async () => {
    const env = place(undefined)
    expect((await apply({ ...env, ...PRODUCTION })).control).toEqual({
      kind: 'controlled',
      values: {},
      paths: {}
    })
    await expect(apply({ ...env, 'INPUT_POLICY-FILE': 'deploy.yml' })).rejects.toThrow(
      /`policy-file` names deploy\.yml, which is not there; check out the repository/
    )
    const { GITHUB_WORKSPACE: workspace = '' } = env
    await expect(apply({ ...env, 'INPUT_POLICY-FILE': workspace })).rejects.toThrow(/cannot be read: EISDIR/)
  })

  it('may stand elsewhere', async () => {
    const env = place('environments: { dev: { change-controlled: false } }', 'ops/policy.yml')
    for (const file of ['ops/policy.yml', join(env.GITHUB_WORKSPACE ?? '', 'ops/policy.yml')]) {
      const { control } = await apply({ ...env, INPUT_ENVIRONMENT: 'dev', INPUT_POLICY_FILE: file })
      expect(control.kind).toBe('free')
    }
  })

  it('has its mistakes shown with line and column, all at once', async () => {
    const yaml = [
      'unlisted: maybe', // 1
      'title: "{sha}"', // 2
      'defaults:', // 3
      '  tiemout: 1h', // 4
      '  password: x', // 5
      'environments:', // 6
      '  production:', // 7
      '    change_controlled: perhaps', // 8
      '    cmdb_ci: [a, b]' // 9
    ].join('\n')
    const file = '.github/servicenow-change.yml'
    expect([...(await mistakes(yaml))].sort()).toEqual([
      expect.stringMatching(`^${file}:1:1: \`unlisted\` must be`),
      expect.stringMatching(`^${file}:2:1: \`title\` has {sha}`),
      expect.stringMatching(`^${file}:4:3: .*did you mean \`timeout\`\\?$`),
      expect.stringMatching(`^${file}:5:3: \`password\` must not stand in a file`),
      expect.stringMatching(`^${file}:8:5: \`change-controlled\` must be true or false`),
      expect.stringMatching(`^${file}:9:5: \`cmdb-ci\` must be a single value`)
    ])
  })

  it('has each value checked by its input, in its place', async () => {
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
    expect(await mistakes(yaml, PRODUCTION)).toEqual([
      expect.stringMatching(/:2:3: `poll-interval` must be a duration/),
      expect.stringMatching(/:5:5: `on-success` must be one of `close`, `review`, `none`/),
      expect.stringMatching(/:6:5: `reuse` must be `true` or `false`/),
      expect.stringMatching(/:7:5: `start-date` needs a time and a zone/),
      expect.stringMatching(/:8:5: `fields` must be a YAML map/)
    ])
  })

  it('is refused when it is not YAML, or lists an environment otherwise', async () => {
    expect(await mistakes('defaults: [')).toEqual([
      expect.stringMatching(/is not valid YAML: .*line 1, column 12/)
    ])
    expect(await mistakes('unlisted: free\nunlisted: error')).toEqual([
      expect.stringMatching(/line 2, column 1/)
    ])
    expect(await mistakes('environments: { dev: {} }', PRODUCTION)).toEqual([
      expect.stringMatching(/^\.github.*: the environment "production" is not listed \(it lists dev\)/)
    ])
  })

  it('leaves to the post step what the workflow gives by then', () => {
    const added = { 'INPUT_ON-SUCCESS': 'review', INPUT_TIMEOUT: '4h' }
    expect(withPolicy({ 'INPUT_ON-SUCCESS': 'none', INPUT_TIMEOUT: ' ' }, added)).toEqual({
      'INPUT_ON-SUCCESS': 'none',
      INPUT_TIMEOUT: '4h'
    })
  })
})

describe('the inputs of a policy', () => {
  const names = Object.keys(inputs).map(kebab)

  it('are all inputs but those that are refused and those the runner fills in', () => {
    const left = names.filter(name => !(name in POLICY_INPUTS) && !(name in REFUSED))
    expect(left.sort()).toEqual(['github-token', 'job-status', 'own-matrix-index', 'own-title'])
    for (const name of Object.keys(REFUSED)) expect(names).toContain(name)
  })

  it('hold no secret', () => {
    const secret = names.filter(name => /password|passphrase|secret|token|key/.test(name))
    expect(Object.keys(POLICY_INPUTS)).not.toEqual(expect.arrayContaining(secret))
    for (const name of secret) expect(POLICY_INPUTS[name]).toBeUndefined()
  })

  it.each(Object.entries(POLICY_INPUTS))('%s takes %s', async (name, kind) => {
    const refusal = async (text: string) => {
      const schema = inputSchema(name)
      const result = schema && (await z.safeParseAsync(schema, text))
      return result?.error?.issues[0]?.message ?? ''
    }
    const asList = await refusal('{"a": 1}')
    const asMap = await refusal('["a"]')
    expect(asList.startsWith('must be a YAML list')).toBe(kind === 'list')
    expect(asMap.startsWith('must be a YAML map')).toBe(kind === 'map')
    const words = await refusal('one\ntwo')
    expect(words.includes('holds an item it cannot take')).toBe(kind === 'values')
  })
})

describe('the schema for editors', () => {
  const committed = () => JSON.parse(readFileSync(join(ROOT, SCHEMA_FILE), 'utf8'))
  const accepts = (content: unknown): boolean => z.fromJSONSchema(committed()).safeParse(content).success

  it('is up to date (node scripts/policy-schema.ts)', async () => {
    expect(committed()).toEqual(JSON.parse(JSON.stringify(await policyJsonSchema())))
  })

  it('takes the policy of the documentation', () => {
    const readme = readFileSync(join(ROOT, 'actions/gate/README.md'), 'utf8')
    const examples = [...readme.matchAll(/```ya?ml\n(# yaml-language-server[\s\S]*?)```/g)].map(
      ([, yaml]) => yaml ?? ''
    )
    expect(examples.length).toBeGreaterThan(0)
    for (const yaml of examples) {
      expect(accepts(parse(yaml))).toBe(true)
      expect(yaml).toContain(committed().$id)
    }
  })

  it.each([
    [
      { unlisted: 'free', environments: { production: { cmdb_ci: 'x', 'on-success': 'review' }, dev: null } },
      true
    ],
    [{ defaults: { timeout: 90, 'proceed-states': ['scheduled', -1], fields: { u_a: 1 } } }, true],
    [{ unlisted: 'maybe' }, false],
    [{ defaults: { tiemout: 1 } }, false],
    [{ defaults: { password: 'x' } }, false],
    [{ defaults: { 'change-controlled': false } }, false],
    [{ environments: { production: { 'on-success': 'closed' } } }, false],
    [{ environments: { production: { timeout: ['1h'] } } }, false],
    [{ environments: { production: { reuse: 'yes' } } }, false]
  ])('says of %j: %s', (content, taken) => {
    expect(accepts(content)).toBe(taken)
  })

  it('describes every key', () => {
    const { properties } = committed()
    const section = properties.environments.additionalProperties.properties
    expect(Object.keys(section)).toEqual(['change-controlled', ...Object.keys(POLICY_INPUTS)])
    for (const one of [...Object.values(properties), ...Object.values(section)] as { description?: string }[])
      expect(one.description).toMatch(/\w{3}/)
    expect(section['on-failure'].enum).toEqual(['close', 'review', 'none'])
  })
})
