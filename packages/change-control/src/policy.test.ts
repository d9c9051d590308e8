import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  controlOf,
  DEFAULT_TITLE,
  enforcedBy,
  layersOf,
  type Policy,
  parsePolicy,
  renderTitle
} from './index.ts'

const INPUTS = {
  'assignment-group': 'value',
  'cmdb-ci': 'value',
  timeout: 'value',
  'proceed-states': 'values',
  attachments: 'list',
  fields: 'map'
} as const
const KEYS = {
  allowed: INPUTS,
  refused: { password: 'give it as a secret', 'dry-run': 'it belongs to the workflow' },
  named: ['assignment-group', 'cmdb-ci']
}

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
  const result = parsePolicy(content, KEYS)
  if ('policy' in result) return result.policy
  throw new Error(JSON.stringify(result.problems))
}

function problems(content: unknown): string[] {
  const result = parsePolicy(content, KEYS)
  return 'policy' in result ? [] : result.problems.map(({ path, text }) => `${path.join('.')}: ${text}`)
}

describe('a policy', () => {
  it('is read with its defaults', () => {
    expect(policy(EXAMPLE)).toEqual({
      controlled: true,
      unlisted: 'error',
      title: EXAMPLE.title,
      names: {},
      defaults: EXAMPLE.defaults,
      enforce: {},
      environments: {
        production: {
          controlled: true,
          values: { timeout: '4h', 'cmdb-ci': 'prod-k8s-cluster' },
          enforce: {}
        },
        staging: { controlled: true, values: { timeout: '' }, enforce: {} },
        dev: { controlled: false, values: {}, enforce: {} }
      }
    })
    for (const empty of [null, undefined, {}, { defaults: null, environments: null }])
      expect(policy(empty)).toMatchObject({ unlisted: 'error', defaults: {}, environments: {} })
    expect(policy({}).title).toBe('Deploy "{repository}" version {version} to "{environment}"')
  })

  it('understands both spellings of an input, and leaves the names of environments alone', () => {
    const sysId = 'a'.repeat(32)
    const { defaults, names, enforce, environments } = policy({
      defaults: { cmdb_ci: 'one' },
      enforce: { cmdb_ci: ['one', 'two'] },
      names: { cmdb_ci: { 'one_two three': sysId } },
      environments: {
        blue_green: { cmdb_ci: 'two', change_controlled: false, enforce: { cmdb_ci: 'two' } },
        empty: null
      }
    })
    expect(defaults).toEqual({ 'cmdb-ci': 'one' })
    expect(enforce).toEqual({ 'cmdb-ci': ['one', 'two'] })
    expect(names).toEqual({ 'cmdb-ci': { 'one_two three': sysId } })
    expect(environments).toEqual({
      blue_green: { controlled: false, values: { 'cmdb-ci': 'two' }, enforce: { 'cmdb-ci': 'two' } },
      empty: { controlled: true, values: {}, enforce: {} }
    })
  })

  it('holds values in layers, and values that bind on two levels', () => {
    const both = policy({
      defaults: { timeout: 1 },
      enforce: { timeout: 2 },
      environments: { production: { timeout: 3, enforce: { timeout: [4, 5] } } }
    })
    expect(layersOf(both, 'production')).toEqual([
      { path: ['environments', 'production'], values: { timeout: 3 } },
      { path: ['defaults'], values: { timeout: 1 } }
    ])
    expect(layersOf(both, undefined)).toEqual([{ path: ['defaults'], values: { timeout: 1 } }])
    expect(enforcedBy(both, 'production')).toEqual([
      { path: ['enforce'], values: { timeout: 2 } },
      { path: ['environments', 'production', 'enforce'], values: { timeout: [4, 5] } }
    ])
    expect(enforcedBy(both, undefined)).toEqual([{ path: ['enforce'], values: { timeout: 2 } }])
  })

  it.each([
    ['no map', ['a'], /^: the file must be a YAML map$/],
    ['an unknown key', { unlist: 'free' }, /^unlist: `unlist` is not known: the keys of a policy are/],
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
    ['a matter of the workflow', { environments: { a: { dry_run: 1 } } }, /belongs to the workflow$/],
    [
      'a switch among the defaults',
      { defaults: { 'change-controlled': false } },
      /belongs to the top level of the file or to an environment$/
    ],
    [
      'enforced values among the defaults',
      { defaults: { enforce: {} } },
      /`enforce` belongs to the top level/
    ],
    ['a switch for all in words', { 'change-controlled': 'no' }, /^change-controlled: .* true or false$/],
    ['a list of enforced inputs', { enforce: ['timeout'] }, /^enforce: `enforce` must be a map$/],
    [
      'no enforced value',
      { enforce: { timeout: null } },
      /^enforce\.timeout: .* must be a single value, or a list/
    ],
    [
      'an empty list of allowed values',
      { enforce: { cmdb_ci: [] } },
      /^enforce\.cmdb_ci: .* must be a single value/
    ],
    [
      'an unknown input that is enforced',
      { environments: { a: { enforce: { tie_mout: 1 } } } },
      /^environments\.a\.enforce\.tie_mout: `tie-mout` is not known: the keys are inputs/
    ],
    [
      'an enforced input of the wrong kind, in a spelling of its own',
      { environments: { a: { enforce: { cmdb_ci: {} } } } },
      /^environments\.a\.enforce\.cmdb_ci: .* must be a single value/
    ],
    ['an enforced credential', { enforce: { password: 'x' } }, /^enforce\.password: .*give it as a secret$/],
    [
      'names of what is not looked up',
      { names: { timeout: {} } },
      /^names\.timeout: .*`names` has `assignment-group`/
    ],
    [
      'a name for no sys_id',
      { names: { cmdb_ci: { shop: 'CI0001' } } },
      /^names\.cmdb_ci\.shop: `shop` must be a sys_id of 32 hex digits$/
    ],
    ['names without input', { names: { cmdb_ci: 'x' } }, /^names\.cmdb_ci: `cmdb-ci` must be a map$/],
    [
      'the same environment with blanks around it',
      { environments: { qa: {}, ' QA ': {} } },
      /^environments\. QA : .*same.*`qa`/
    ],
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
    const named = JSON.parse('{"__proto__": {"a": 1}}')
    for (const content of [
      named,
      { defaults: named },
      { enforce: named },
      { names: named },
      { environments: named },
      { environments: { a: { enforce: named } } }
    ])
      expect(problems(content)).toEqual([expect.stringMatching(/__proto__: `__proto__` cannot be a key$/)])
    for (const name of ['__proto__', 'constructor'])
      expect(controlOf(policy({ ...EXAMPLE, unlisted: 'free' }), name).kind).toBe('free')
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

  it('does not depend on blanks around a name', () => {
    expect(controlOf(unlisted('free'), ' Production ')).toEqual({ kind: 'controlled', section: 'production' })
    const spaced = policy({ unlisted: 'free', environments: { ' Production ': {} } })
    expect(controlOf(spaced, 'production')).toEqual({ kind: 'controlled', section: ' Production ' })
  })

  it('is no for all of a repository that is not change-controlled', () => {
    const free = policy({ ...EXAMPLE, 'change-controlled': false })
    expect(controlOf(free, 'production')).toEqual({ kind: 'free', section: 'production', by: 'top' })
    for (const name of ['qa', undefined])
      expect(controlOf(free, name)).toEqual({ kind: 'free', section: undefined, by: 'top' })
    expect(controlOf(policy(EXAMPLE), 'dev')).toEqual({ kind: 'free', section: 'dev', by: 'environment' })
  })

  it('is what `unlisted` says of one that is not listed', () => {
    expect(controlOf(unlisted('free'), 'qa')).toEqual({ kind: 'free', section: undefined, by: 'unlisted' })
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

  it('keeps what is filled in as it is, but for quotation marks', () => {
    fc.assert(
      fc.property(fc.string(), version => {
        expect(renderTitle('<{version}>', { ...facts, version })).toBe(`<${version.replaceAll('"', "'")}>`)
      })
    )
  })

  it.each([
    ['v1.4.0+build.7', 'prod', 'Deploy "acme/shop" version v1.4.0+build.7 to "prod"'],
    ['1 to staging', 'prod', 'Deploy "acme/shop" version "1 to staging" to "prod"'],
    ['1" to "test', 'x" of “y', `Deploy "acme/shop" version "1' to 'test" to "x' of 'y"`],
    ['', 'prod', 'Deploy "acme/shop" version "" to "prod"']
  ])('has version %j and environment %j end where they end', (version, environment, title) => {
    expect(renderTitle(DEFAULT_TITLE, { ...facts, version, environment })).toBe(title)
  })
})
