import { afterEach, describe, expect, it } from '@jest/globals'
import { boolean, duration, type Layers, listOf, oneOf, text, yamlMap } from '../index.ts'
import { policyInputs } from '../input-sets/index.ts'
import { problemsOf, resolved, type Variables } from '../testing/inputs.ts'
import { applied, FILE, mistakesIn, removeWorkspaces, workspaceWith } from '../testing/policy.ts'

const GROUP = 'a9e0c5f21bf45110d4e27f86624bcb24'

const inputs = {
  ...policyInputs,
  type: oneOf(['normal', 'standard', 'emergency']),
  standardChangeTemplate: text(),
  assignmentGroup: text(),
  timeout: duration({ default: '1h' }),
  requireApproval: boolean({ default: true }),
  waitStates: listOf(item => item, { default: 'new, assess' }),
  fields: yamlMap()
}

afterEach(removeWorkspaces)

const derived = ({ standardChangeTemplate }: { standardChangeTemplate?: string | undefined }) =>
  ({ type: standardChangeTemplate === undefined ? 'normal' : 'standard' }) as const

async function under(yaml: string, environment = 'production'): Promise<Layers> {
  const found = await applied(inputs, workspaceWith(yaml), { environment })
  if (found.kind === 'none') throw new Error('no policy')
  return found
}

const given = async (yaml: string, env: Variables = {}) =>
  resolved(inputs, env, { ...(await under(yaml)), derived })
const refused = async (yaml: string, env: Variables = {}) =>
  problemsOf(inputs, env, { ...(await under(yaml)), derived })

const PRODUCTION = 'unlisted: controlled\n'

describe('one value that a policy enforces', () => {
  it('counts, whatever lies under it', async () => {
    const yaml = `${PRODUCTION}enforce: { timeout: 4h, type: normal }\ndefaults: { timeout: 1m }`
    const { values, sources } = await given(yaml)
    expect(values).toMatchObject({ timeout: 14_400_000, type: 'normal' })
    expect(sources.timeout).toEqual({ kind: 'policy', file: FILE, section: 'enforce' })
  })

  it('is compared with an input after parsing; an empty one never differs', async () => {
    const yaml = `${PRODUCTION}enforce: { timeout: 4h, require-approval: true, wait-states: [new, assess], assignment-group: DevOps Team, fields: { a: 1, b: x } }
names: { assignment-group: { DevOps Team: ${GROUP} } }`
    const { values } = await given(yaml, {
      INPUT_TIMEOUT: '14400',
      'INPUT_REQUIRE-APPROVAL': 'TRUE',
      'INPUT_WAIT-STATES': 'assess, new',
      INPUT_ASSIGNMENT_GROUP: GROUP.toUpperCase(),
      INPUT_FIELDS: 'b: x\na: 1',
      INPUT_TYPE: ''
    })
    expect(values).toMatchObject({ timeout: 14_400_000, waitStates: ['new', 'assess'] })
  })

  it('refuses every other input, and names policy, commit and place', async () => {
    const yaml = `${PRODUCTION}enforce:\n  require-approval: true\n  timeout: 4h\n`
    const { sha } = workspaceWith(yaml)
    expect(await refused(yaml, { 'INPUT_REQUIRE-APPROVAL': 'false', INPUT_TIMEOUT: '0' })).toEqual([
      `\`timeout\` must be \`4h\`, not \`0\`: the policy acme/shop/${FILE} at commit ${sha.slice(0, 12)} enforces it (${FILE}:4:3)`,
      expect.stringMatching(/^`require-approval` must be `true`, not `false`: the policy/)
    ])
  })

  it('is known in ServiceNow’s spelling, and of the environment alone', async () => {
    const yaml = 'environments: { production: { enforce: { require_approval: true } }, dev: {} }'
    const env = { 'INPUT_REQUIRE-APPROVAL': 'false' }
    expect(await refused(yaml, env)).toHaveLength(1)
    const { values } = await resolved(inputs, env, await under(yaml, 'dev'))
    expect(values.requireApproval).toBe(false)
  })
})

describe('a list of allowed values', () => {
  const yaml = `${PRODUCTION}enforce: { type: [normal, emergency] }\n`

  it('leaves the choice to the layers below', async () => {
    expect((await given(yaml, { INPUT_TYPE: 'Emergency' })).values.type).toBe('emergency')
    expect((await given(`${yaml}defaults: { type: emergency }`)).values.type).toBe('emergency')
    // Without any, the action makes a normal change: the value stays open, as without a policy.
    expect((await given(yaml)).values.type).toBeUndefined()
  })

  it('refuses what is not in it, wherever it came from', async () => {
    expect(await refused(yaml, { INPUT_TYPE: 'standard' })).toEqual([
      expect.stringMatching(/^`type` must be one of `normal`, `emergency`, not `standard`: the policy/)
    ])
    expect(await refused(`${yaml}defaults: { type: standard }`)).toEqual([
      expect.stringMatching(/yml:3:13: `type` must be one of `normal`, `emergency`, not `standard`/)
    ])
    expect(await refused(yaml, { 'INPUT_STANDARD-CHANGE-TEMPLATE': 'shop' })).toEqual([
      expect.stringMatching(/^`type` must be one of `normal`, `emergency`, not `standard`/)
    ])
    expect(await refused(`${PRODUCTION}enforce: { timeout: [1m, 2m] }`)).toEqual([
      expect.stringMatching(/^`timeout` must be one of `1m`, `2m`, not `1h`/)
    ])
    expect(await refused(`${PRODUCTION}enforce: { assignment-group: [A, B] }`)).toEqual([
      expect.stringMatching(/^`assignment-group` must be one of `A`, `B`, and is not given/)
    ])
  })

  it('is a list of lists for an input that is a list', async () => {
    const lists = `${PRODUCTION}enforce: { wait-states: [[new], [new, assess]] }`
    expect((await given(lists, { 'INPUT_WAIT-STATES': 'assess\nnew' })).values.waitStates).toEqual([
      'assess',
      'new'
    ])
    expect((await given(lists)).values.waitStates).toEqual(['new', 'assess'])
    expect(await refused(lists, { 'INPUT_WAIT-STATES': 'assess' })).toHaveLength(1)
  })
})

describe('values enforced on both levels', () => {
  const both = (top: string, own: string) =>
    `enforce: { type: ${top} }\nenvironments:\n  production: { enforce: { type: ${own} } }\n  dev: {}\n`

  it('must be allowed by both, and may leave one', async () => {
    const left = await given(both('[normal, emergency]', '[emergency, standard]'))
    expect(left.values.type).toBe('emergency')
    expect(await refused(both('[normal, emergency]', 'normal'), { INPUT_TYPE: 'emergency' })).toEqual([
      expect.stringMatching(/must be `normal`, not `emergency`/)
    ])
  })

  it('that leave none are an error of the file, in every environment', async () => {
    for (const environment of ['production', 'dev'])
      expect(await mistakesIn(inputs, both('normal', '[standard, emergency]'), environment)).toEqual([
        expect.stringMatching(
          /yml:3:28: `type` has no value that `enforce` of the top level \(.*yml:1:12\) allows too/
        )
      ])
  })
})

describe('mistakes in enforced values', () => {
  it('are all told at once, with those of inputs', async () => {
    const yaml = [
      'enforce:', // 1
      '  type: [normal, urgent]', // 2
      '  timeout: ""', // 3
      'defaults: { require-approval: perhaps }', // 4
      'environments:', // 5
      '  production: {}', // 6
      '  dev: { timeout: soon, enforce: { on-success: closed } }' // 7
    ].join('\n')
    const problems = await mistakesIn(inputs, yaml, 'production', { 'INPUT_WAIT-STATES': ',' })
    expect([...problems].sort()).toEqual([
      expect.stringMatching(/yml:2:3: `type` must be one of .*not `urgent`/),
      expect.stringMatching(/yml:3:3: `timeout` has no value/),
      expect.stringMatching(/yml:4:13: `require-approval` must be `true` or `false`/),
      expect.stringMatching(/yml:7:10: `timeout` must be a duration/),
      expect.stringMatching(/yml:7:36: `on-success` must be one of `close`/),
      expect.stringMatching(/^`wait-states` holds no item/)
    ])
  })
})
