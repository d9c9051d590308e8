import { describe, expect, it } from '@jest/globals'
import * as z from 'zod/mini'
import {
  boolean,
  duration,
  inputMeta,
  integer,
  kebab,
  type Layer,
  listOf,
  oneOf,
  requiredText,
  text,
  yamlList,
  yamlMap
} from '../index.ts'
import { problemOf, problemsOf, resolved } from '../testing/inputs.ts'

const shape = {
  shortDescription: requiredText(),
  assignmentGroup: text(),
  apiKey: text({ secret: true, env: 'KIT_API_KEY' }),
  maxRetries: integer({ default: 4 }),
  ownStatus: text({ context: '${{ job.status }}' })
}
const GIVEN = { 'INPUT_SHORT-DESCRIPTION': 'Deploy' }

describe('an input', () => {
  it('is read by its name, else from its environment variable', async () => {
    const env = { 'INPUT_SHORT-DESCRIPTION': ' Deploy ', 'INPUT_API-KEY': ' ', KIT_API_KEY: ' from-env ' }
    const { values, sources } = await resolved(shape, { ...env, 'INPUT_OWN-STATUS': 'success' })
    expect(values).toEqual({
      shortDescription: 'Deploy',
      apiKey: 'from-env',
      maxRetries: 4,
      ownStatus: 'success'
    })
    expect(sources).toEqual({
      shortDescription: { kind: 'input' },
      assignmentGroup: { kind: 'built-in' },
      apiKey: { kind: 'environment', variable: 'KIT_API_KEY' },
      maxRetries: { kind: 'built-in' },
      ownStatus: { kind: 'input' }
    })
    const given = await resolved(shape, { ...env, 'INPUT_API-KEY': 'given' })
    expect([given.values.apiKey, given.sources.apiKey]).toEqual(['given', { kind: 'input' }])
  })

  it('is read in ServiceNow’s spelling too', async () => {
    const { values, sources } = await resolved(shape, {
      INPUT_SHORT_DESCRIPTION: 'a',
      INPUT_MAX_RETRIES: '7'
    })
    expect(values).toMatchObject({ shortDescription: 'a', maxRetries: 7 })
    expect(sources.maxRetries).toEqual({ kind: 'input' })
  })

  it('takes the same value in both spellings, and refuses two', async () => {
    const env = { 'INPUT_SHORT-DESCRIPTION': 'a', INPUT_SHORT_DESCRIPTION: 'a ' }
    expect((await resolved(shape, env)).values.shortDescription).toBe('a')
    const problem =
      '`short-description` is given as `short_description` too, with another value: give one of them'
    expect(await problemsOf(shape, { ...env, INPUT_SHORT_DESCRIPTION: 'b' })).toEqual([problem])
    const numbers = { ...GIVEN, 'INPUT_MAX-RETRIES': '4', INPUT_MAX_RETRIES: '7' }
    expect(await problemsOf(shape, numbers)).toEqual([expect.stringContaining('`max_retries` too')])
  })

  it('set from a context is read under its one name', async () => {
    const { values } = await resolved(shape, {
      ...GIVEN,
      'INPUT_OWN-STATUS': '',
      INPUT_OWN_STATUS: 'success'
    })
    expect(values.ownStatus).toBeUndefined()
  })

  it('is never read from a variable of the job that has no form of its name', async () => {
    const env = { ...GIVEN, INPUT_assignment_group: 'x', ASSIGNMENT_GROUP: 'x', INPUT_KIT_API_KEY: 'x' }
    expect((await resolved(shape, env)).values).toEqual({ shortDescription: 'Deploy', maxRetries: 4 })
  })
})

describe('inputs of one group', () => {
  const group = {
    user: text({ env: 'KIT_USER', group: 'login' }),
    passWord: text({ env: 'KIT_PASSWORD', group: 'login', secret: true }),
    host: text({ env: 'KIT_HOST' })
  }
  const env = { KIT_USER: 'u', KIT_PASSWORD: 'hush-0', KIT_HOST: 'h' }

  it('all come from the environment, or none does', async () => {
    expect((await resolved(group, env)).values).toEqual({ user: 'u', passWord: 'hush-0', host: 'h' })
    expect((await resolved(group, { ...env, INPUT_USER: 'me' })).values).toEqual({ user: 'me', host: 'h' })
  })

  it('count as given when one is given in two ways', async () => {
    const twice = { ...env, 'INPUT_PASS-WORD': 'hush-1', INPUT_PASS_WORD: 'hush-2' }
    const rules = ({ user }: { user?: string | undefined }) => [`user ${user}`]
    expect(await problemsOf(group, twice, { rules })).toEqual([
      expect.stringContaining('`pass_word` too'),
      'user undefined'
    ])
  })
})

const layer = (section: string, values: Layer['values']): Layer => ({
  source: { kind: 'policy', file: 'policy.yml', section },
  values,
  places: Object.fromEntries(Object.keys(values).map((name, n) => [name, `policy.yml:${n + 1}:3`]))
})

describe('layers', () => {
  const inputs = {
    timeout: duration({ default: '1h' }),
    proceedStates: listOf(item => item, { default: 'a' }),
    fields: yamlMap(),
    attachments: yamlList(),
    reuse: boolean({ default: true }),
    api: oneOf(['x', 'y'], { default: 'x', env: 'KIT_API' }),
    title: text()
  }

  it('lie under the input, the first over the others, and over environment and default', async () => {
    const layers = [
      layer('environments.prod', { timeout: '4h', api: 'y', title: '' }),
      layer('defaults', { timeout: 90, title: 'low', reuse: false })
    ]
    const { values, sources } = await resolved(inputs, { KIT_API: 'x' }, { layers })
    expect(values).toMatchObject({ timeout: 14_400_000, api: 'y', title: 'low', reuse: false })
    expect(sources).toMatchObject({
      timeout: { kind: 'policy', file: 'policy.yml', section: 'environments.prod' },
      api: { kind: 'policy', section: 'environments.prod' },
      title: { kind: 'policy', section: 'defaults' },
      fields: { kind: 'built-in' }
    })
    const given = await resolved(inputs, { INPUT_TIMEOUT: '1', INPUT_REUSE: '' }, { layers })
    expect([given.values.timeout, given.values.reuse, given.sources.timeout]).toEqual([
      1000,
      false,
      { kind: 'input' }
    ])
  })

  it('have values as YAML has them', async () => {
    const values = {
      'proceed-states': ['scheduled', -1],
      fields: { u_a: 1, u_b: 'x, y' },
      attachments: ['a.xml', { name: 'b', file: 'c' }]
    }
    expect((await resolved(inputs, {}, { layers: [layer('defaults', values)] })).values).toMatchObject({
      proceedStates: ['scheduled', '-1'],
      fields: values.fields,
      attachments: values.attachments
    })
    const texts = { 'proceed-states': 'a, b', fields: 'u_a: 1', attachments: '- x' }
    expect((await resolved(inputs, {}, { layers: [layer('defaults', texts)] })).values).toMatchObject({
      proceedStates: ['a', 'b'],
      fields: { u_a: 1 },
      attachments: ['x']
    })
  })

  it('have their mistakes told in their place, also where another value covers them', async () => {
    const layers = [
      layer('environments.prod', { timeout: 'soon' }),
      layer('defaults', { timeout: 'later', reuse: 'perhaps' })
    ]
    expect(await problemsOf(inputs, { INPUT_TIMEOUT: '-1' }, { layers })).toEqual([
      expect.stringMatching(/^`timeout` must be a duration .*`-1`$/),
      expect.stringMatching(/^policy\.yml:1:3: `timeout` must be a duration .*`soon`$/),
      expect.stringMatching(/^policy\.yml:1:3: `timeout` must be a duration .*`later`$/),
      expect.stringMatching(/^policy\.yml:2:3: `reuse` must be `true` or `false`/)
    ])
  })

  it('parse each text once', async () => {
    const seen: string[] = []
    const note = (item: string) => {
      seen.push(item)
      return item
    }
    const one = { reuse: listOf(note) }
    await resolved(one, { INPUT_REUSE: 'a' }, { layers: [layer('defaults', { reuse: 'b' })] })
    expect(seen).toEqual(['a', 'b'])
  })

  it('bring in no names from an object', async () => {
    const inherited = { constructor: text(), toString: text() }
    const { values } = await resolved(inherited, {}, { layers: [layer('defaults', {})] })
    expect([values.constructor, values.toString]).toEqual([undefined, undefined])
  })
})

describe('problems', () => {
  it('are told all at once: inputs, unknown names, rules', async () => {
    const env = { 'INPUT_MAX-RETRIES': 'many', INPUT_SHORTDESCRIPTION: 'x', KIT_RULE: '1' }
    const seen: unknown[] = []
    const problems = await problemsOf(shape, env, {
      rules: (values, given) => {
        seen.push({ ...values }, given.env.KIT_RULE, given.sources.maxRetries)
        return ['A rule is broken']
      }
    })
    expect(problems).toEqual([
      '`short-description` is required',
      '`max-retries` must be a whole number, not `many`',
      expect.stringContaining('did you mean `short-description`?'),
      'A rule is broken'
    ])
    expect(seen).toEqual([{}, '1', { kind: 'input' }])
  })

  it('of what the layers come from are told with those of the inputs, and nothing is called missing', async () => {
    const options = { problems: ['policy.yml:1:1: no'], rules: () => ['A rule is broken'] }
    expect(await problemsOf(shape, { 'INPUT_MAX-RETRIES': 'many' }, options)).toEqual([
      '`max-retries` must be a whole number, not `many`',
      'policy.yml:1:1: no'
    ])
  })

  it('never tell a secret, also where it was put by mistake', async () => {
    const secret = 'hush-hush-1'
    const env = { ...GIVEN, INPUT_API_KEY: secret, 'INPUT_MAX-RETRIES': secret }
    expect(await problemsOf(shape, env)).toEqual(['`max-retries` must be a whole number, not `***`'])
    const strict = { level: oneOf(['a', 'b'], { secret: true }) }
    expect(await problemsOf(strict, { INPUT_LEVEL: 'hush' })).toEqual(['`level` must be one of `a`, `b`'])
  })

  it('name the environment variable a wrong value came from', async () => {
    const api = { api: oneOf(['a', 'b'], { env: 'KIT_API' }) }
    expect(await problemsOf(api, { KIT_API: 'c' })).toEqual([
      '`api` (from KIT_API) must be one of `a`, `b`, not `c`'
    ])
  })

  it('keep an untrusted value in its line', async () => {
    const given = `x\n::error::y ${'z'.repeat(200)}`
    const problem = await problemOf(oneOf(['a']), given)
    expect(problem).toMatch(/^`x` must be one of `a`, not `x :\u200b:error:\u200b:y z+…`$/)
  })

  it('may come from a check of the action’s own', async () => {
    const own = text().check(z.refine(value => value !== 'bad', 'must not be bad'))
    expect(await problemOf(own, 'bad')).toBe('`x` must not be bad')
  })
})

it('the debug log tells where each value came from, and no secret', async () => {
  const lines: string[] = []
  const env = { ...GIVEN, KIT_API_KEY: 'hush', INPUT_ASSIGNMENT_GROUP: `a\n${'b'.repeat(99)}` }
  const layers = [layer('defaults', { 'max-retries': 7 })]
  await resolved(shape, env, { layers, debug: text => lines.push(text) })
  expect(lines).toEqual([
    'short-description (from the input)',
    'assignment-group (from the input)',
    'api-key (from the environment variable KIT_API_KEY)',
    'max-retries: 7 (from the policy policy.yml, defaults)'
  ])
})

describe('metadata', () => {
  it('tells defaults as a user would write them, and survives further checks', () => {
    expect(inputMeta(boolean({ default: true }))).toMatchObject({ defaultText: 'true', kind: 'boolean' })
    expect(inputMeta(integer({ default: 4, max: 9 }))).toMatchObject({ defaultText: '4', kind: 'integer' })
    expect(inputMeta(duration({ default: '30s' }))).toMatchObject({ defaultText: '30s', kind: 'duration' })
    expect(inputMeta(oneOf(['a', 'b']))).toMatchObject({ kind: 'word', words: ['a', 'b'] })
    expect(inputMeta(text({ defaultText: 'the commit' }))).toMatchObject({ defaultText: 'the commit' })
    expect(inputMeta(requiredText({ secret: true, env: 'E' }))).toEqual({
      secret: true,
      env: 'E',
      required: true,
      kind: 'text'
    })
    const checked = text({ context: '${{ job.status }}' }).check(z.refine(() => true))
    expect(inputMeta(checked)).toMatchObject({ context: '${{ job.status }}' })
  })

  it('kebab follows the names of fields', () => {
    expect(kebab('shortDescription')).toBe('short-description')
    expect(kebab('cmdbCi')).toBe('cmdb-ci')
    expect(kebab('api')).toBe('api')
  })
})
