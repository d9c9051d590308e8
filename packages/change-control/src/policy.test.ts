import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { controlOf, type Policy, parsePolicy, renderTitle } from './index.ts'

const INPUTS = {
  'assignment-group': 'value',
  'cmdb-ci': 'value',
  timeout: 'value',
  'proceed-states': 'values',
  attachments: 'list',
  fields: 'map'
} as const
const REFUSED = { password: 'give it as a secret', version: 'it belongs to the workflow' }

const EXAMPLE = {
  unlisted: 'error',
  title: 'Deploy "{repository}" version {version} to "{environment}"',
  defaults: { 'assignment-group': 'DevOps Team', timeout: '1h' },
  environments: {
    production: { 'change-controlled': true, timeout: '4h', 'cmdb-ci': 'prod-k8s-cluster' },
    staging: { timeout: '' },
    dev: { 'change-controlled': false }
  }
}

function policy(content: unknown): Policy {
  const result = parsePolicy(content, INPUTS, REFUSED)
  if ('policy' in result) return result.policy
  throw new Error(JSON.stringify(result.problems))
}

function problems(content: unknown): string[] {
  const result = parsePolicy(content, INPUTS, REFUSED)
  return 'policy' in result ? [] : result.problems.map(({ path, text }) => `${path.join('.')}: ${text}`)
}

describe('a policy', () => {
  it('is read with its defaults', () => {
    expect(policy(EXAMPLE)).toEqual(EXAMPLE)
    for (const empty of [null, undefined, {}, { defaults: null, environments: null }])
      expect(policy(empty)).toMatchObject({ unlisted: 'error', defaults: {}, environments: {} })
    expect(policy({}).title).toBe('Deploy "{repository}" version {version} to "{environment}"')
  })

  it('understands both spellings of an input, and leaves the names of environments alone', () => {
    const { defaults, environments } = policy({
      defaults: { cmdb_ci: 'one' },
      environments: { blue_green: { cmdb_ci: 'two', change_controlled: true }, empty: null }
    })
    expect(defaults).toEqual({ 'cmdb-ci': 'one' })
    expect(environments).toEqual({
      blue_green: { 'cmdb-ci': 'two', 'change-controlled': true },
      empty: {}
    })
  })

  it.each([
    ['no map', ['a'], /^: the file must be a YAML map$/],
    ['an unknown key', { unlist: 'free' }, /^unlist: `unlist` is not known: a policy has/],
    [
      'an unknown input',
      { defaults: { tiemout: 1 } },
      /^defaults\.tiemout: `tiemout` is not known: the keys are inputs/
    ],
    [
      'one in an environment',
      { environments: { a: { tie_mout: 1 } } },
      /^environments\.a\.tie_mout: `tie-mout`/
    ],
    [
      'one in an environment after others, in a spelling of its own',
      { environments: { a: { 'cmdb-ci': 'x' }, b: { cmdb_ci: {} } } },
      /^environments\.b\.cmdb_ci: .* must be a single value$/
    ],
    ['a credential', { defaults: { password: 'x' } }, /^defaults\.password: .*give it as a secret$/],
    ['a matter of the workflow', { environments: { a: { version: 1 } } }, /belongs to the workflow$/],
    ['a switch for all', { defaults: { 'change-controlled': false } }, /belongs to an environment$/],
    ['a wrong word', { unlisted: 'maybe' }, /^unlisted: `unlisted` must be `controlled`, `free` or `error`$/],
    ['a switch in words', { environments: { a: { 'change-controlled': 'no' } } }, /must be true or false$/],
    [
      'a list for a value',
      { defaults: { timeout: [1] } },
      /^defaults\.timeout: `timeout` must be a single value$/
    ],
    [
      'a map for a value',
      { defaults: { cmdb_ci: { a: 1 } } },
      /^defaults\.cmdb_ci: .* must be a single value$/
    ],
    ['nothing for a value', { defaults: { timeout: null } }, /must be a single value$/],
    ['a map for a list', { defaults: { attachments: {} } }, /must be a list$/],
    ['a list for a map', { defaults: { fields: [] } }, /must be a map$/],
    ['a map for values', { defaults: { 'proceed-states': {} } }, /must be a single value or a list of them$/],
    ['a value for an environment', { environments: { a: false } }, /^environments\.a: `a` must be a map$/],
    ['a list of environments', { environments: ['a'] }, /^environments: `environments` must be a map$/],
    ['a number for a title', { title: 3 }, /^title: `title` must be a text$/],
    ['an empty title', { title: ' ' }, /^title: `title` is empty$/],
    [
      'a title with something else',
      { title: '{sha}' },
      /^title: `title` has \{sha\}; it may have \{repository\}/
    ],
    [
      'one input twice',
      { defaults: { cmdb_ci: 1, 'cmdb-ci': 1 } },
      /^defaults\.cmdb-ci: .* already given as `cmdb_ci`$/
    ],
    ['one environment twice', { environments: { Prod: {}, prod: {} } }, /^environments\.prod: .*same.*`Prod`/]
  ])('with %s is refused, with the place', (_, content, text) => {
    expect(problems(content)).toEqual([expect.stringMatching(text)])
  })

  it('has all its mistakes told at once', () => {
    expect(problems({ a: 1, unlisted: 2, defaults: { b: 1, timeout: [] } })).toHaveLength(4)
  })

  it('never takes untrusted names for those of objects', () => {
    expect(problems({ defaults: { constructor: 1, toString: 'x' } })).toHaveLength(2)
    const result = controlOf(policy(EXAMPLE), 'constructor')
    expect(result.kind).toBe('error')
  })
})

describe('whether an environment is change-controlled', () => {
  const unlisted = (word: string) => policy({ ...EXAMPLE, unlisted: word })

  it('is yes without a policy and without an environment: what is forgotten opens no gate', () => {
    expect(controlOf(undefined, 'dev')).toEqual({ kind: 'controlled', section: undefined })
    for (const word of ['controlled', 'free', 'error'])
      expect(controlOf(unlisted(word), undefined)).toEqual({ kind: 'controlled', section: undefined })
  })

  it('is what its section says, whatever its case', () => {
    expect(controlOf(policy(EXAMPLE), 'dev').kind).toBe('free')
    expect(controlOf(policy(EXAMPLE), 'Dev').kind).toBe('free')
    for (const name of ['production', 'PRODUCTION'])
      expect(controlOf(unlisted('free'), name)).toEqual({ kind: 'controlled', section: 'production' })
  })

  it('is what `unlisted` says of one that is not listed', () => {
    expect(controlOf(unlisted('free'), 'qa').kind).toBe('free')
    expect(controlOf(unlisted('controlled'), 'qa')).toEqual({ kind: 'controlled', section: undefined })
    expect(controlOf(unlisted('error'), 'qa')).toMatchObject({
      kind: 'error',
      text: expect.stringMatching(/"qa" is not listed \(it lists production, staging, dev\)/)
    })
    expect(controlOf(policy({}), 'qa')).toMatchObject({
      kind: 'error',
      text: expect.stringContaining('it lists none')
    })
  })
})

describe('the title', () => {
  const facts = { repository: 'acme/shop', version: 'v2', environment: 'prod' }

  it('is filled in', () => {
    expect(renderTitle('{environment}: {repository} {version} {version}', facts)).toBe(
      'prod: acme/shop v2 v2'
    )
  })

  it('keeps what is filled in as it is', () => {
    fc.assert(
      fc.property(fc.string(), version => {
        expect(renderTitle('<{version}>', { ...facts, version })).toBe(`<${version}>`)
      })
    )
  })
})
