import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isSafeInQuery, isSameName, Query, UnsafeQueryValueError } from './query.ts'

/** The terms of an encoded query as an instance takes it apart: `^` ends a term, `^OR` adds an alternative. */
function termsOf(encoded: string): string[][] {
  return encoded.split('^').reduce<string[][]>((terms, part) => {
    if (part.startsWith('OR') && !part.startsWith('ORDERBY')) terms.at(-1)?.push(part.slice(2))
    else terms.push([part])
    return terms
  }, [])
}

const field = (value: string, display = value) => ({ value, display })

describe('a query', () => {
  it('is encoded as the instance reads it', () => {
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

  it('may ask for what is empty, or for what is the account’s own, in the instance’s words and nobody else’s', () => {
    const query = new Query().isEmpty('correlation_id').createdByMe().isMe('user')
    expect(query.toString()).toBe(
      'correlation_idISEMPTY^sys_created_by=javascript:gs.getUserName()^user=javascript:gs.getUserID()'
    )
    const own = { correlation_id: field(''), sys_created_by: field('gha'), user: field('u1') }
    expect(query.accepts(own)).toBe(true)
    expect(query.accepts({ ...own, correlation_id: field('gha-1') })).toBe(false)
    expect(query.accepts({ correlation_id: field(''), user: field('u1') })).toBe(false)
    expect(isSafeInQuery('javascript:gs.getUserID()')).toBe(false)
  })

  it('is never changed by what is built on it', () => {
    const base = new Query().is('active', 'true')
    base.is('name', 'x')
    expect(base.toString()).toBe('active=true')
  })
})

describe('no value can add a term', () => {
  const hostile = fc.array(
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
    hostile.map(parts => parts.join('')),
    fc.string({ unit: 'binary' }),
    fc.string()
  )

  it('whatever it is', () => {
    fc.assert(
      fc.property(value, text => {
        let query: Query
        try {
          query = new Query().is('name', text).anyIs(['user_name', 'email'], text).contains(['label'], text)
        } catch (error) {
          expect(error).toBeInstanceOf(UnsafeQueryValueError)
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
    ['', 'nothing would match everything'],
    ['x^ORactive=true', 'a term of its own'],
    ['x\n^y', 'a line break'],
    ['javascript:gs.getUserID()', 'a script'],
    ['a JavaScript:alert()', 'a script in any case, anywhere'],
    [' x', 'a space that the database would drop'],
    ['x\u00a0', 'any space at the end']
  ])('%j is refused: %s', text => {
    expect(isSafeInQuery(text)).toBe(false)
    expect(() => new Query().is('name', text)).toThrow(UnsafeQueryValueError)
    expect(() => new Query().in('name', [text])).toThrow(UnsafeQueryValueError)
  })

  it('nor one of a list become two', () => {
    expect(() => new Query().in('state', ['-5', '-4,0'])).toThrow('has a comma')
    expect(() => new Query().in('state', [])).toThrow(UnsafeQueryValueError)
  })
})

describe('a term that the instance dropped is noticed', () => {
  const row = {
    name: field('DevOps Team'),
    active: field('true'),
    state: field('-5', 'New'),
    assignment_group: field('d625dccec0a8016700a222a0f7900d06', 'CAB Approval'),
    install_status: field('1', 'Installed')
  }

  it.each<[string, Query, boolean]>([
    ['equal', new Query().is('name', 'DevOps Team'), true],
    ['equal but for case', new Query().is('name', 'DEVOPS TEAM'), true],
    ['equal by what is shown', new Query().is('assignment_group', 'CAB Approval'), true],
    ['another name', new Query().is('name', 'DevOps'), false],
    ['a field that is not there', new Query().is('nam', 'DevOps Team'), false],
    ['one of two terms', new Query().is('name', 'DevOps Team').is('active', 'false'), false],
    ['one of two alternatives', new Query().anyIs(['user_name', 'name'], 'DevOps Team'), true],
    ['none of them', new Query().anyIs(['user_name', 'email'], 'DevOps Team'), false],
    ['not', new Query().isNot('install_status', '7'), true],
    ['not, but it is', new Query().isNot('install_status', '1'), false],
    ['not, unknown', new Query().isNot('retired', '1'), false],
    ['in a list', new Query().in('state', ['-4', '-5']), true],
    ['in a list of values, not labels', new Query().in('state', ['New']), false],
    ['not in a list', new Query().in('state', ['-4', '5']), false],
    ['contained', new Query().contains(['name'], 'ops'), true],
    ['not contained', new Query().contains(['name'], 'sre'), false],
    ['nothing asked', new Query(), true]
  ])('%s', (_, query, accepted) => expect(query.accepts(row)).toBe(accepted))

  it('but not what the database merely compares more loosely', () => {
    const accepts = (stored: string, asked: string) =>
      new Query().is('name', asked).accepts({ name: field(stored) })
    expect(accepts('DevOps Team  ', 'DevOps Team')).toBe(true)
    expect(accepts('Déploiement', 'Deploiement')).toBe(true)
    expect(accepts('U\u0308bung', 'Übung')).toBe(true)
    expect(accepts('DevOps Team 2', 'DevOps Team')).toBe(false)
  })

  it('for every row that is really another', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,20}[A-Za-z0-9]$/)
    fc.assert(
      fc.property(name, name, (asked, stored) => {
        const same = asked.toLowerCase() === stored.toLowerCase()
        expect(new Query().is('name', asked).accepts({ name: field(stored) })).toBe(same)
      })
    )
  })
})

it('two names are the same but for case, spaces around them and how letters are composed', () => {
  expect(isSameName('DevOps Team ', 'devops team')).toBe(true)
  expect(isSameName('U\u0308bung', 'übung')).toBe(true)
  expect(isSameName('Müller', 'Muller')).toBe(false)
  expect(isSameName('DevOps  Team', 'DevOps Team')).toBe(false)
})
