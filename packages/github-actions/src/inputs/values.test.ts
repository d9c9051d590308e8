import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  boolean,
  dateTime,
  duration,
  formatDuration,
  type Input,
  integer,
  lines,
  listOf,
  oneOf,
  parseDuration,
  requiredText,
  resolveDate,
  text
} from '../index.ts'
import { parsed, problemOf } from '../testing/inputs.ts'

describe('text', () => {
  it('is trimmed, and an empty one is not given', async () => {
    expect(await parsed(text(), '  a b \n')).toBe('a b')
    expect(await parsed(text(), '  ')).toBeUndefined()
    expect(await parsed(text())).toBeUndefined()
    expect(await parsed(text({ default: 'd' }), '')).toBe('d')
    expect(await parsed(text({ defaultText: 'the commit' }), '')).toBeUndefined()
  })

  it('that is required says where it may come from', async () => {
    expect(await parsed(requiredText(), 'a')).toBe('a')
    expect(await problemOf(requiredText(), ' ')).toBe('`x` is required')
    expect(await problemOf(requiredText({ env: 'KIT_X' }))).toBe('`x` is required: give it, or set KIT_X')
  })
})

describe('boolean, integer and oneOf', () => {
  it('take what they say, in any case', async () => {
    expect(await parsed(boolean({ default: false }), 'TRUE')).toBe(true)
    expect(await parsed(boolean({ default: true }), 'False')).toBe(false)
    expect(await parsed(boolean({ default: true }), '')).toBe(true)
    expect(await parsed(integer({ default: 4 }), '0')).toBe(0)
    expect(await parsed(integer({ default: 4 }))).toBe(4)
    expect(await parsed(oneOf(['Warn', 'ignore']), 'wARN')).toBe('Warn')
    expect(await parsed(oneOf(['warn', 'ignore']))).toBeUndefined()
    expect(await parsed(oneOf(['warn', 'ignore'], { default: 'ignore' }))).toBe('ignore')
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
  ])('%j is %i ms', async (given, ms) => expect(await parsed(any, given)).toBe(ms))

  it.each(['1.5h', '-5', '1h30', '30m1h', 'h', '5 minutes', '1e3', '9999999999999', '99999999999d'])(
    '%j is none',
    async given => {
      const forms = '`90` (seconds), `15m`, `1h30m` or `2d`'
      expect(await problemOf(any, given)).toBe(`\`x\` must be a duration such as ${forms}, not \`${given}\``)
    }
  )

  it('keeps to its bounds, given as milliseconds or as durations', async () => {
    const bounded = duration({ default: '30s', min: '1s', max: 60_000 })
    expect(await parsed(bounded, '1')).toBe(1000)
    expect(await parsed(bounded, '1m')).toBe(60_000)
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
    const date = await parsed(dateTime(), given)
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

  it('is undefined when not given', async () => expect(await parsed(dateTime(), '')).toBeUndefined())

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
    expect(await parsed(digit, ' 3,4\n5,\n\n ')).toEqual([3, 4, 5])
    expect(await parsed(digit)).toEqual([1, 2])
    expect(await parsed(listOf(item => item))).toEqual([])
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
    expect(await parsed(lines(), ' a,b \r\n\n  c d\n')).toEqual(['a,b', 'c d'])
    expect(await parsed(lines())).toEqual([])
  })
})
