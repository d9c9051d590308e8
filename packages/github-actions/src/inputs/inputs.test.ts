import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import * as z from 'zod/mini'
import {
  boolean,
  dateTime,
  duration,
  formatDuration,
  type Input,
  InputError,
  inputMeta,
  integer,
  kebab,
  lines,
  listOf,
  oneOf,
  parseDuration,
  parseInputs,
  requiredText,
  resolveDate,
  type Shape,
  text,
  type Values,
  yamlList,
  yamlMap
} from '../index.ts'

type Env = Record<string, string | undefined>

function parse<S extends Shape>(shape: S, env: Env, warnings: string[] = []): Promise<Values<S>> {
  return parseInputs(shape, { env, warn: text => void warnings.push(text) })
}

/** The problems of a parse that must fail. */
async function problems(shape: Shape, env: Env): Promise<readonly string[]> {
  const error: unknown = await parse(shape, env).catch(reason => reason)
  if (!(error instanceof InputError)) throw new Error(`no input error but ${JSON.stringify(error)}`)
  expect(error.title).toBe('Input error')
  expect(error.message).toBe(error.problems.join('\n'))
  return error.problems
}

/** The value of a single input `x`. */
async function taken<T>(schema: Input<T>, given?: string): Promise<T> {
  return (await parse({ x: schema }, { INPUT_X: given })).x
}

async function problemOf<T>(schema: Input<T>, given?: string): Promise<string> {
  const found = await problems({ x: schema }, { INPUT_X: given })
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

describe('text', () => {
  it('is trimmed, and an empty one is not given', async () => {
    expect(await taken(text(), '  a b \n')).toBe('a b')
    expect(await taken(text(), '  ')).toBeUndefined()
    expect(await taken(text())).toBeUndefined()
    expect(await taken(text({ default: 'd' }), '')).toBe('d')
    expect(await taken(text({ defaultText: 'the commit' }), '')).toBeUndefined()
  })

  it('that is required says where it may come from', async () => {
    expect(await taken(requiredText(), 'a')).toBe('a')
    expect(await problemOf(requiredText(), ' ')).toBe('`x` is required')
    expect(await problemOf(requiredText({ env: 'KIT_X' }))).toBe('`x` is required: give it, or set KIT_X')
  })
})

describe('boolean, integer and oneOf', () => {
  it('take what they say, in any case', async () => {
    expect(await taken(boolean({ default: false }), 'TRUE')).toBe(true)
    expect(await taken(boolean({ default: true }), 'False')).toBe(false)
    expect(await taken(boolean({ default: true }), '')).toBe(true)
    expect(await taken(integer({ default: 4 }), '0')).toBe(0)
    expect(await taken(integer({ default: 4 }))).toBe(4)
    expect(await taken(oneOf(['Warn', 'ignore']), 'wARN')).toBe('Warn')
    expect(await taken(oneOf(['warn', 'ignore']))).toBeUndefined()
    expect(await taken(oneOf(['warn', 'ignore'], { default: 'ignore' }))).toBe('ignore')
  })

  it.each<[Input<unknown>, string, string]>([
    [boolean({ default: true }), 'yes', '`x` must be `true` or `false`, not `yes`'],
    [integer({ default: 1, min: 0, max: 20 }), '21', '`x` must be a whole number from 0 to 20, not `21`'],
    [integer({ default: 1, min: 1 }), '0', '`x` must be a whole number of at least 1, not `0`'],
    [integer({ default: 1 }), '1.5', '`x` must be a whole number, not `1.5`'],
    [integer({ default: 1 }), '9'.repeat(17), `\`x\` must be a whole number, not \`${'9'.repeat(17)}\``],
    [integer({ default: 1 }), '0x10', '`x` must be a whole number, not `0x10`'],
    [oneOf(['warn', 'ignore']), 'fail', '`x` must be one of `warn`, `ignore`, not `fail`']
  ])('%#: refuse %2$j', async (schema, given, expected) => {
    expect(await problemOf(schema, given)).toBe(expected)
  })
})

describe('duration', () => {
  const any = duration({ default: '1h' })

  it.each([
    ['90', 90_000],
    ['0', 0],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['1H 30M', 5_400_000],
    ['2d', 172_800_000],
    ['1d2h3m4s', 93_784_000],
    ['', 3_600_000]
  ])('%j is %i ms', async (given, ms) => expect(await taken(any, given)).toBe(ms))

  it.each(['1.5h', '-5', '1h30', '30m1h', 'h', '5 minutes', '1e3', '9999999999999', '99999999999d'])(
    '%j is none',
    async given => {
      const forms = '`90` (seconds), `15m`, `1h30m` or `2d`'
      expect(await problemOf(any, given)).toBe(`\`x\` must be a duration such as ${forms}, not \`${given}\``)
    }
  )

  it('keeps to its bounds, given as milliseconds or as durations', async () => {
    const bounded = duration({ default: '30s', min: '1s', max: 60_000 })
    expect(await taken(bounded, '1')).toBe(1000)
    expect(await taken(bounded, '1m')).toBe(60_000)
    expect(await problemOf(bounded, '0')).toBe('`x` must be at least 1s, not `0`')
    expect(await problemOf(bounded, '61')).toBe('`x` must be at most 1m, not `61`')
  })

  it('means the sum of its parts, and survives being written and read again', () => {
    const part = fc.nat({ max: 999 })
    fc.assert(
      fc.property(part, part, part, part, (d, h, m, s) => {
        const ms = (((d * 24 + h) * 60 + m) * 60 + s) * 1000
        expect(parseDuration(`${d}d${h}h${m}m${s}s`)).toBe(ms)
        expect(parseDuration(formatDuration(ms))).toBe(ms)
      })
    )
  })

  it('never takes what is not digits and units in order', () => {
    fc.assert(
      fc.property(fc.string(), given => {
        if (/^\d+$|^(?=.*\d)(\d+d)?\s*(\d+h)?\s*(\d+m)?\s*(\d+s)?$/i.test(given)) return
        expect(parseDuration(given)).toBeUndefined()
      })
    )
  })
})

describe('dateTime', () => {
  const now = Date.UTC(2026, 0, 1)
  const resolved = async (given: string): Promise<string> => {
    const date = await taken(dateTime(), given)
    return date === undefined ? 'none' : new Date(resolveDate(date, now)).toISOString()
  }

  it.each([
    ['2026-12-01T22:00:00Z', '2026-12-01T22:00:00.000Z'],
    ['2026-12-01t22:00z', '2026-12-01T22:00:00.000Z'],
    ['2026-12-01 22:00:30.5 +02:00', '2026-12-01T20:00:30.000Z'],
    ['2026-12-01T22:00-0330', '2026-12-02T01:30:00.000Z'],
    ['2026-12-01T22:00+02', '2026-12-01T20:00:00.000Z'],
    ['2028-02-29T00:00Z', '2028-02-29T00:00:00.000Z'],
    ['+2h', '2026-01-01T02:00:00.000Z'],
    ['+90', '2026-01-01T00:01:30.000Z']
  ])('%s is %s', async (given, expected) => expect(await resolved(given)).toBe(expected))

  it('is undefined when not given', async () => expect(await taken(dateTime(), '')).toBeUndefined())

  it.each([
    ['2026-12-01T22:00:00', 'needs a zone (`Z` or `+02:00` at the end), not'],
    ['2026-12-01', 'needs a time and a zone, as in'],
    ['2026-02-30T10:00Z', 'must be a date that exists, not'],
    ['2027-02-29T10:00Z', 'must be a date that exists, not'],
    ['2026-13-01T10:00Z', 'must be a date that exists, not'],
    ['2026-12-00T10:00Z', 'must be a date that exists, not'],
    ['2026-12-01T24:00Z', 'must be a date that exists, not'],
    ['2026-12-01T10:60Z', 'must be a date that exists, not'],
    ['2026-12-01T10:00+15:00', 'must be a date that exists, not'],
    ['-2h', 'must be a date such as'],
    ['+2x', 'must be a date such as'],
    ['tomorrow', 'must be a date such as'],
    ['01.12.2026 22:00Z', 'must be a date such as']
  ])('%s %s', async (given, expected) => {
    const problem = await problemOf(dateTime(), given)
    expect(problem).toContain(`\`x\` ${expected}`)
    expect(problem).toContain(`, not \`${given}\``)
  })
})

describe('lists', () => {
  const digit = listOf(item => (/^\d$/.test(item) ? Number(item) : undefined), {
    rule: 'digits',
    default: '1, 2'
  })

  it('listOf takes commas and newlines', async () => {
    expect(await taken(digit, ' 3,4\n5,\n\n ')).toEqual([3, 4, 5])
    expect(await taken(digit)).toEqual([1, 2])
    expect(await taken(listOf(item => item))).toEqual([])
  })

  it('listOf names the item that is wrong', async () => {
    expect(await problemOf(digit, '1, x')).toBe('`x` holds an item it cannot take, not `x`; it takes digits')
    expect(await problemOf(digit, ' , ')).toBe('`x` holds no item; it takes digits')
    const strict = listOf<string>(item => {
      throw new Error(`has no use for ${item}`)
    })
    expect(await problemOf(strict, 'a')).toBe('`x` has no use for a')
  })

  it('lines keeps commas', async () => {
    expect(await taken(lines(), ' a,b \r\n\n  c d\n')).toEqual(['a,b', 'c d'])
    expect(await taken(lines())).toEqual([])
  })
})

describe('YAML', () => {
  it('takes maps and lists, and JSON', async () => {
    expect(await taken(yamlMap(), 'a: x\nb: [1, true]\nc: yes')).toEqual({ a: 'x', b: [1, true], c: 'yes' })
    expect(await taken(yamlMap(), '{"a": {"b": null}}')).toEqual({ a: { b: null } })
    expect(await taken(yamlList(), '- a\n- name: n\n  file: f')).toEqual(['a', { name: 'n', file: 'f' }])
    expect(await taken(yamlMap(), '# nothing')).toBeUndefined()
    expect(await taken(yamlList())).toBeUndefined()
  })

  it('keeps as text what would change as a number', async () => {
    const given = 'code: 007\nversion: 1.10\nbig: 12345678901234567890\nn: 5\nquoted: "1"'
    const expected = { code: '007', version: '1.10', big: '12345678901234567890', n: 5, quoted: '1' }
    expect(await taken(yamlMap(), given)).toEqual(expected)
  })

  it.each([
    ['a: 1\nb: x\na: 2', 'Map keys must be unique at line 3, column 1'],
    ['a: [1, 2', 'at line 1, column 9'],
    ['a: 1\n b: 2', 'at line 1, column 4'],
    ['a: !secret x', 'Unresolved tag: !secret at line 1, column 4'],
    ['? [a]\n: b', 'a key must be a single word or text'],
    ['a: *x', 'x'],
    ['a: 1\n---\nb: 2', 'multiple documents']
  ])('%j is refused', async (given, expected) => {
    const problem = await problemOf(yamlMap(), given)
    expect(problem).toContain('`x` is not valid YAML: ')
    expect(problem).toContain(expected)
    expect(problem).not.toContain('\n')
  })

  it('says what it is instead', async () => {
    expect(await problemOf(yamlMap(), '- a')).toBe('`x` must be a YAML map (`key: value` lines), not a list')
    expect(await problemOf(yamlMap(), 'word')).toContain('not a single text')
    expect(await problemOf(yamlList(), 'a: b')).toContain('not a map')
  })

  it('cannot be made to grow without end, nor to reach the prototype', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'].map(pair => [...pair])) {
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(',')}]`)
    }
    expect(await problemOf(yamlMap(), bomb.join('\n'))).toContain('is not valid YAML')
    await taken(yamlMap(), '{"__proto__": {"polluted": true}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('of a secret is not quoted', async () => {
    expect(await problemOf(yamlMap({ secret: true }), 'hush: [')).toBe('`x` is not valid YAML')
  })
})

describe('parseInputs', () => {
  const shape = {
    shortDescription: requiredText(),
    assignmentGroup: text(),
    apiKey: text({ secret: true, env: 'KIT_API_KEY' }),
    maxRetries: integer({ default: 4 }),
    ownStatus: text({ hidden: true }),
    odd: text({ name: 'own_name' })
  }

  it('reads every input by its name or with underscores, then its environment variable', async () => {
    const env = {
      'INPUT_SHORT-DESCRIPTION': ' Deploy ',
      INPUT_ASSIGNMENT_GROUP: 'DevOps',
      'INPUT_API-KEY': '',
      KIT_API_KEY: ' from-env ',
      INPUT_OWN_NAME: 'o'
    }
    expect(await parse(shape, env)).toEqual({
      shortDescription: 'Deploy',
      assignmentGroup: 'DevOps',
      apiKey: 'from-env',
      maxRetries: 4,
      odd: 'o'
    })
    expect((await parse(shape, { ...env, 'INPUT_API-KEY': 'given' })).apiKey).toBe('given')
  })

  it('takes the same value in both spellings, and refuses two', async () => {
    const env = { 'INPUT_SHORT-DESCRIPTION': 'a', INPUT_SHORT_DESCRIPTION: 'a ' }
    expect((await parse(shape, env)).shortDescription).toBe('a')
    const problem = '`short-description` is given as `short_description` too, with another value'
    expect(await problems(shape, { ...env, INPUT_SHORT_DESCRIPTION: 'b' })).toEqual([problem])
  })

  it('knows that the runner fills in the default of the declared spelling', async () => {
    const env = { 'INPUT_SHORT-DESCRIPTION': 'a', 'INPUT_MAX-RETRIES': '4', INPUT_MAX_RETRIES: '7' }
    expect((await parse(shape, env)).maxRetries).toBe(7)
  })

  it('reports everything at once: inputs, unknown names, rules', async () => {
    const env = {
      'INPUT_MAX-RETRIES': 'many',
      'INPUT_ASIGNMENT-GROUP': 'DevOps',
      INPUT_SHORTDESCRIPTION: 'x',
      KIT_RULE: '1'
    }
    const seen: unknown[] = []
    const parsing = parseInputs(shape, {
      env,
      rules: (values, ruleEnv) => {
        seen.push({ ...values }, ruleEnv.KIT_RULE)
        return ['A rule is broken']
      },
      warn: () => {}
    })
    await expect(parsing).rejects.toMatchObject({
      title: 'Input error',
      problems: [
        '`short-description` is required',
        '`max-retries` must be a whole number, not `many`',
        '`asignment-group` is not an input; did you mean `assignment-group`?',
        '`shortdescription` is not an input; did you mean `short-description`?',
        'A rule is broken'
      ]
    })
    expect(seen).toEqual([
      { assignmentGroup: undefined, apiKey: undefined, ownStatus: undefined, odd: undefined },
      '1'
    ])
  })

  it('warns of an unknown input that resembles none, and overlooks an empty one', async () => {
    const warnings: string[] = []
    const env = { 'INPUT_SHORT-DESCRIPTION': 'a', INPUT_COLOUR: 'red', 'INPUT_SHORT-DESCRIPTON': '' }
    await parse(shape, env, warnings)
    expect(warnings).toEqual(['`colour` is not an input and is ignored'])
  })

  it('names the inputs near a single word, which may be another’s business', async () => {
    const warnings: string[] = []
    await parse(shape, { 'INPUT_SHORT-DESCRIPTION': 'a', INPUT_GROUP: 'DevOps' }, warnings)
    expect(warnings).toEqual(['`group` is not an input and is ignored; near it: `assignment-group`'])
  })

  it.each([
    ['standard-template', 'standard-change-template'],
    ['CHANGE_TEMPLATE', 'standard-change-template']
  ])('takes %s, words of one input alone, for that input', async (name, meant) => {
    const wide = { standardChangeTemplate: text(), standardRate: text() }
    expect(await problems(wide, { [`INPUT_${name}`]: 'x' })).toEqual([
      `\`${name.toLowerCase()}\` is not an input; did you mean \`${meant}\`?`
    ])
  })

  it('suggests no hidden input', async () => {
    const warnings: string[] = []
    await parse(shape, { 'INPUT_SHORT-DESCRIPTION': 'a', INPUT_OWNSTATU: 'x' }, warnings)
    expect(warnings).toEqual(['`ownstatu` is not an input and is ignored'])
  })

  it('never tells a secret, also where it was put by mistake', async () => {
    const secret = 'hush-hush-1'
    const env = { 'INPUT_SHORT-DESCRIPTION': 'a', 'INPUT_API-KEY': secret, 'INPUT_MAX-RETRIES': secret }
    const [problem, ...more] = await problems(shape, env)
    expect(more).toEqual([])
    expect(problem).toBe('`max-retries` must be a whole number, not `***`')
    const strict = { level: oneOf(['a', 'b'], { secret: true }) }
    expect(await problems(strict, { INPUT_LEVEL: 'hush' })).toEqual(['`level` must be one of `a`, `b`'])
  })

  it('names the environment variable a wrong value came from', async () => {
    const fromEnv = { api: oneOf(['a', 'b'], { env: 'KIT_API' }) }
    expect(await problems(fromEnv, { KIT_API: 'c' })).toEqual([
      '`api` (from KIT_API) must be one of `a`, `b`, not `c`'
    ])
  })

  it('keeps a foreign value in its line', async () => {
    const given = `x\n::error::y ${'z'.repeat(200)}`
    const problem = await problemOf(oneOf(['a']), given)
    expect(problem).toMatch(/^`x` must be one of `a`, not `x :\u200b:error:\u200b:y z+…`$/)
  })

  it('lets an action add its own checks', async () => {
    const own = text().check(z.refine(value => value !== 'bad', 'must not be bad'))
    expect(await problemOf(own, 'bad')).toBe('`x` must not be bad')
  })
})

describe('metadata', () => {
  it('tells defaults as a user would write them, and survives further checks', () => {
    expect(inputMeta(boolean({ default: true }))).toMatchObject({ defaultText: 'true', required: false })
    expect(inputMeta(integer({ default: 4, max: 9 }))).toMatchObject({ defaultText: '4' })
    expect(inputMeta(duration({ default: '30s' }))).toMatchObject({ defaultText: '30s' })
    expect(inputMeta(text({ defaultText: 'the commit' }))).toMatchObject({ defaultText: 'the commit' })
    expect(inputMeta(requiredText({ secret: true, env: 'E' }))).toEqual({
      secret: true,
      env: 'E',
      required: true
    })
    expect(inputMeta(text({ hidden: true }).check(z.refine(() => true)))).toMatchObject({ hidden: true })
  })

  it('kebab follows the names of fields', () => {
    expect(kebab('shortDescription')).toBe('short-description')
    expect(kebab('cmdbCi')).toBe('cmdb-ci')
    expect(kebab('api')).toBe('api')
  })
})
