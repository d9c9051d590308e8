import { describe, expect, it } from '@jest/globals'
import { CLIENT_CODES, type ClientCode, clientProblem, flagsOf, isClientProblem } from './codes.ts'
import { Problem } from './problem.ts'

const FINAL = { temporary: false, committed: 'no' }
const REFUSED = { temporary: false, committed: 'maybe' }
const TEMPORARY = { temporary: true, committed: 'no' }
const LOST = { temporary: true, committed: 'maybe' }

/** As release 1.0 had them. Codes that came later have the flags of the code that they were part of. */
const FLAGS: Readonly<Record<ClientCode, object>> = {
  'sign-in': FINAL,
  // Was part of `sign-in`.
  'sign-in-missing': FINAL,
  // GitHub's token service, not the instance: nothing is known to be wrong with what was given.
  'identity-token': TEMPORARY,
  credentials: FINAL,
  role: REFUSED,
  'business-rule': REFUSED,
  'data-policy': REFUSED,
  'read-only': REFUSED,
  'ip-list': FINAL,
  'oauth-scope': FINAL,
  forbidden: REFUSED,
  'not-found': FINAL,
  // Was part of `unexpected`.
  'not-servicenow': FINAL,
  'api-missing': FINAL,
  'bad-request': FINAL,
  'rate-limit': TEMPORARY,
  // Was `cancelled`.
  'transaction-canceled': LOST,
  'server-error': LOST,
  unavailable: LOST,
  hibernating: FINAL,
  'login-page': FINAL,
  'not-json': LOST,
  partial: LOST,
  truncated: LOST,
  // A response was read for as long as it went on.
  'response-too-long': REFUSED,
  redirect: FINAL,
  dns: FINAL,
  'dns-down': TEMPORARY,
  refused: TEMPORARY,
  connection: LOST,
  tls: FINAL,
  'client-certificate': FINAL,
  // Was `timeout`.
  'request-timeout': LOST,
  proxy: FINAL,
  'proxy-down': TEMPORARY,
  file: FINAL,
  unexpected: FINAL,
  // A response was not compared with the record that was asked for.
  'other-record': REFUSED,
  // Both were part of `unexpected`.
  unreadable: FINAL,
  'query-ignored': FINAL,
  // A list was read up to its first hundred records, and nothing said so.
  'list-cut': FINAL,
  'lookup-none': FINAL,
  'lookup-many': FINAL,
  // Was an error class of its own.
  'unsafe-query': FINAL,
  attachment: FINAL
}

describe('codes', () => {
  it('are each in the table of flags', () => {
    expect(CLIENT_CODES).toEqual(Object.keys(FLAGS))
  })

  it.each(CLIENT_CODES)('%s has the flags of release 1.0', code => {
    expect(flagsOf(code)).toEqual(FLAGS[code])
  })
})

describe('clientProblem', () => {
  const facts = { operation: 'creating the change request', status: 503 }

  it.each(CLIENT_CODES)('takes the flags of %s', code => {
    const { retry, committed } = clientProblem(code, facts)
    expect({ temporary: retry.temporary, committed }).toEqual(FLAGS[code])
  })

  it('has code and facts, and no subject', () => {
    const problem = clientProblem('unavailable', { ...facts, resetsAt: 1 })
    expect(problem).toMatchObject({ code: 'unavailable', facts: { ...facts, resetsAt: 1 } })
    expect(problem.retry.afterMs).toBeUndefined()
    expect(problem.cause).toBeUndefined()
    expect(problem.subject).toBeUndefined()
    expect(problem.outcome).toBeUndefined()
  })

  it('takes the pause that was asked for, the cause, and whether it was written', () => {
    const cause = new Error('x')
    const problem = clientProblem('role', facts, { afterMs: 7_000, cause, committed: 'yes' })
    expect(problem.retry).toEqual({ temporary: false, afterMs: 7_000 })
    expect(problem.cause).toBe(cause)
    expect(problem.committed).toBe('yes')
  })
})

describe('isClientProblem', () => {
  const problem = clientProblem('role', { operation: 'reading' })

  it('accepts a problem of the client, of any code or of the codes named', () => {
    expect(isClientProblem(problem)).toBe(true)
    expect(isClientProblem(problem, 'role')).toBe(true)
    expect(isClientProblem(problem, 'forbidden', 'role')).toBe(true)
    expect(isClientProblem(problem.with({ more: 1 }), 'role')).toBe(true)
  })

  it('rejects another code', () => {
    expect(isClientProblem(problem, 'forbidden', 'not-found')).toBe(false)
  })

  it.each<[string, unknown]>([
    ['a problem of another package', new Problem({ code: 'in-use', facts: {} })],
    ['a problem with a code that objects inherit', new Problem({ code: 'toString', facts: {} })],
    ['an error', new Error('role')],
    ['an object of the same shape', { code: 'role', facts: {}, retry: { temporary: false } }],
    ['nothing', undefined]
  ])('rejects %s', (_, error) => {
    expect(isClientProblem(error)).toBe(false)
    expect(isClientProblem(error, 'role')).toBe(false)
  })
})
