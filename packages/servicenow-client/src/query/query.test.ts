import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isClientProblem } from '../problems/codes.ts'
import { isSafeInQuery, isSameName, Query } from './query.ts'

/** The terms of an encoded query as an instance parses it: `^` ends a term, `^OR` adds an alternative. */
function termsOf(encoded: string): string[][] {
  return encoded.split('^').reduce<string[][]>((terms, part) => {
    if (part.startsWith('OR') && !part.startsWith('ORDERBY')) terms.at(-1)?.push(part.slice(2))
    else terms.push([part])
    return terms
  }, [])
}

const field = (value: string, display = value) => ({ value, display })

/** What throws when a value is unsafe: a problem that is final and holds the value. */
const unsafe = (value: string) => ({
  code: 'unsafe-query',
  facts: { value },
  retry: { temporary: false },
  committed: 'no'
})

describe('a query', () => {
  it('is encoded for the instance', () => {
    const query = new Query()
      .anyIs(['user_name', 'email'], 'me@acme.example')
      .is('active', 'true')
      .isNot('install_status', '7')
      .in('state', ['-5', '-4'])
      .contains(['name'], 'dev')
      .orderBy('number', 'sys_id')
    expect(query.toString()).toBe(
      'user_name=me@acme.example^ORemail=me@acme.example^active=true^install_status!=7^stateIN-5,-4^nameLIKEdev^ORDERBYnumber^ORDERBYsys_id'
    )
    expect(query.fields).toEqual(['user_name', 'email', 'active', 'install_status', 'state', 'name'])
  })

  it('may filter by empty fields and by the account’s own records, with the only scripts that are sent', () => {
    const query = new Query().isEmpty('correlation_id').createdByMe().isMe('user')
    expect(query.toString()).toBe(
      'correlation_idISEMPTY^sys_created_by=javascript:gs.getUserName()^user=javascript:gs.getUserID()'
    )
    const own = { correlation_id: field(''), sys_created_by: field('gha'), user: field('u1') }
    expect(query.accepts(own)).toBe(true)
    expect(query.accepts({ ...own, correlation_id: field('gha-1') })).toBe(false)
    expect(query.accepts({ correlation_id: field(''), user: field('u1') })).toBe(false)
    expect(query.accepts({ ...own, sys_created_by: field('') })).toBe(false)
    expect(isSafeInQuery('javascript:gs.getUserID()')).toBe(false)
  })

  it('may begin with a text, and be bounded by times', () => {
    const at = Date.UTC(2026, 10, 1, 8, 30, 15)
    const query = new Query()
      .startsWith('name', 'gha')
      .notBefore('at', at)
      .notAfter('at', at + 86_400_000)
    expect(query.toString()).toBe('nameSTARTSWITHgha^at>=2026-11-01 08:30:15^at<=2026-11-02 08:30:15')
    const accepts = (time: string) => query.accepts({ name: field('gha2 x'), at: field(time) })
    expect(accepts('2026-11-01 09:00:00')).toBe(true)
    // The instance took the times for those of another zone: not a query that was ignored.
    expect(accepts('2026-10-31 20:00:00')).toBe(true)
    expect(accepts('2026-10-31 08:00:00')).toBe(false)
    expect(accepts('2026-11-03 09:00:00')).toBe(false)
    expect(accepts('')).toBe(false)
  })

  it('does not change when a term is added to it', () => {
    const base = new Query().is('active', 'true')
    base.is('name', 'x')
    expect(base.toString()).toBe('active=true')
  })
})

describe('a value', () => {
  const unsafeParts = fc.array(
    fc.constantFrom(
      '^',
      '^OR',
      '^NQ',
      '^EQ',
      'ORDERBY',
      '\n',
      '\r',
      '\0',
      '\u0085',
      'javascript:',
      'gs.x()',
      '=',
      '!=',
      ',',
      ' ',
      'a'
    ),
    { maxLength: 8 }
  )
  const value = fc.oneof(
    unsafeParts.map(parts => parts.join('')),
    fc.string({ unit: 'binary' }),
    fc.string()
  )

  it('never adds a term, whatever it is', () => {
    fc.assert(
      fc.property(value, text => {
        let query: Query
        try {
          query = new Query().is('name', text).anyIs(['user_name', 'email'], text).contains(['label'], text)
        } catch (error) {
          expect(isClientProblem(error, 'unsafe-query')).toBe(true)
          expect(error).toMatchObject(unsafe(text))
          expect(isSafeInQuery(text)).toBe(false)
          return
        }
        expect(termsOf(query.toString())).toEqual([
          [`name=${text}`],
          [`user_name=${text}`, `email=${text}`],
          [`labelLIKE${text}`]
        ])
        expect(query.toString()).not.toMatch(/javascript:|[\n\r\0]/i)
      }),
      { numRuns: 2_000 }
    )
  })

  it.each([
    ['', 'an empty value would match everything'],
    ['x^ORactive=true', 'a term of its own'],
    ['x\n^y', 'a line break'],
    ['javascript:gs.getUserID()', 'a script'],
    ['a JavaScript:alert()', 'a script in any case, anywhere'],
    [' x', 'a space that the database would drop'],
    ['x\u00a0', 'any space at the end']
  ])('is refused as %j: %s', text => {
    expect(isSafeInQuery(text)).toBe(false)
    expect(() => new Query().is('name', text)).toThrow(expect.objectContaining(unsafe(text)))
    expect(() => new Query().in('name', [text])).toThrow(expect.objectContaining(unsafe(text)))
  })

  it('is refused in a list when it has a comma, as is an empty list', () => {
    expect(() => new Query().in('state', ['-5', '-4,0'])).toThrow(expect.objectContaining(unsafe('-4,0')))
    expect(() => new Query().in('state', [])).toThrow(expect.objectContaining(unsafe('')))
  })
})

describe('whether a record satisfies a query', () => {
  const row = {
    name: field('DevOps Team'),
    active: field('true'),
    state: field('-5', 'New'),
    assignment_group: field('d625dccec0a8016700a222a0f7900d06', 'CAB Approval'),
    install_status: field('1', 'Installed')
  }

  it.each<[string, Query, boolean]>([
    ['equal', new Query().is('name', 'DevOps Team'), true],
    ['equal, but in another case', new Query().is('name', 'DEVOPS TEAM'), true],
    ['equal by its display value', new Query().is('assignment_group', 'CAB Approval'), true],
    ['another name', new Query().is('name', 'DevOps'), false],
    ['a field that is missing', new Query().is('nam', 'DevOps Team'), false],
    ['one of two terms', new Query().is('name', 'DevOps Team').is('active', 'false'), false],
    ['one of two alternatives', new Query().anyIs(['user_name', 'name'], 'DevOps Team'), true],
    ['none of them', new Query().anyIs(['user_name', 'email'], 'DevOps Team'), false],
    ['not', new Query().isNot('install_status', '7'), true],
    ['not, but it has that value', new Query().isNot('install_status', '1'), false],
    ['not, but the field is missing', new Query().isNot('retired', '1'), false],
    ['in a list', new Query().in('state', ['-4', '-5']), true],
    ['in a list of values, not labels', new Query().in('state', ['New']), false],
    ['not in a list', new Query().in('state', ['-4', '5']), false],
    ['contained', new Query().contains(['name'], 'ops'), true],
    ['not contained', new Query().contains(['name'], 'sre'), false],
    ['no term', new Query(), true]
  ])('%s', (_, query, accepted) => expect(query.accepts(row)).toBe(accepted))

  it('is compared without case, accents and surrounding spaces, as some databases do', () => {
    const accepts = (stored: string, name: string) =>
      new Query().is('name', name).accepts({ name: field(stored) })
    expect(accepts('DevOps Team  ', 'DevOps Team')).toBe(true)
    expect(accepts('Déploiement', 'Deploiement')).toBe(true)
    expect(accepts('Betrieb Straße', 'Betrieb Strasse')).toBe(true)
    expect(accepts('Betrieb Straße', 'Betrieb Strase')).toBe(true)
    expect(accepts('Ærø', 'aero')).toBe(true)
    expect(accepts('Łódź Ops', 'lodz ops')).toBe(true)
    expect(accepts('ﬁrmware', 'Firmware')).toBe(true)
    expect(accepts('Dev\u200bOps', 'DevOps')).toBe(true)
    expect(accepts('U\u0308bung', 'Übung')).toBe(true)
    expect(accepts('DevOps Team 2', 'DevOps Team')).toBe(false)
  })

  it('is false for every other name', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,20}[A-Za-z0-9]$/)
    fc.assert(
      fc.property(name, name, (wanted, stored) => {
        const same = wanted.toLowerCase() === stored.toLowerCase()
        expect(new Query().is('name', wanted).accepts({ name: field(stored) })).toBe(same)
      })
    )
  })
})

describe('values that stand for others', () => {
  const standsFor = (value: string) =>
    ({
      '-5': { values: ['-6', '-5'], all: true },
      '0': { values: ['10'], all: false },
      '3': { values: [], all: true },
      '4': { values: ['4'], all: true }
    })[value] ?? { values: [value], all: true }
  const replaced = (query: Query) => query.replaceValues('state', standsFor).toString()

  it.each([
    ['equal', new Query().is('state', '-5'), 'stateIN-6,-5'],
    ['in a list', new Query().in('state', ['-5', '4']), 'stateIN-6,-5,4'],
    ['not equal', new Query().isNot('state', '-5'), 'state!=-6^state!=-5'],
    ['equal, some not known', new Query().is('a', 'b').in('state', ['0', '4']), 'a=b'],
    ['not equal, some not known', new Query().isNot('state', '0'), 'state!=10'],
    ['equal to nothing that is there', new Query().is('state', '3').is('a', 'b'), 'a=b'],
    ['not equal to nothing that is there', new Query().isNot('state', '3').is('a', 'b'), 'a=b'],
    ['of other fields', new Query().is('urgency', '3').anyIs(['state', 'x'], '3'), 'urgency=3^state=3^ORx=3'],
    ['in their order', new Query().is('state', '4').newestFirst(), 'stateIN4^ORDERBYDESCsys_created_on']
  ])('%s', (_, query, encoded) => expect(replaced(query)).toBe(encoded))

  it('are those that the field is compared with', () => {
    const query = new Query().in('state', ['-5', '4']).isNot('state', '4').is('a', '1').isEmpty('b')
    expect(query.valuesOf('state')).toEqual(['-5', '4'])
    expect(query.valuesOf('b')).toEqual([''])
    expect(query.valuesOf('c')).toEqual([])
  })
})

it('two names are the same when only case, surrounding spaces or the encoding of letters differ', () => {
  expect(isSameName('DevOps Team ', 'devops team')).toBe(true)
  expect(isSameName('U\u0308bung', 'übung')).toBe(true)
  expect(isSameName('Müller', 'Muller')).toBe(false)
  expect(isSameName('DevOps  Team', 'DevOps Team')).toBe(false)
})
