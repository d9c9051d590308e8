import { describe, expect, it } from '@jest/globals'
import { parsed, type Response } from '../http/message.ts'
import { problemOfResponse } from './classify-response.ts'
import type { ClientCode, ClientProblem, LimitFacts } from './codes.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const OPERATION = 'updating the change CHG0030001'
const RULE =
  "Operation against file 'change_request' was aborted by Business Rule 'Change Model: Check State Transition^4d1e'. Business Rule Stack:Change Model: Check State Transition"

function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return parsed({ status, text, headers: { 'content-type': 'application/json;charset=UTF-8', ...headers } })
}

function errorResponse(
  status: number,
  message: string,
  detail: string | null = null,
  headers = {}
): Response {
  return jsonResponse(status, { error: { message, detail }, status: 'failure' }, headers)
}

function page(status: number, html: string, headers: Record<string, string> = {}): Response {
  return parsed({ status, text: html, headers: { 'content-type': 'text/html;charset=UTF-8', ...headers } })
}

function problemFor(response: Response): ClientProblem {
  const problem = problemOfResponse(response, OPERATION, NOW)
  if (problem === undefined) throw new Error('taken for a success')
  return problem
}

const factsFor = (response: Response) => problemFor(response).facts as LimitFacts

describe('the code of a response', () => {
  // Section numbers are those of the API reference.
  it.each<[string, Response, ClientCode]>([
    [
      '2.5 bad credentials',
      errorResponse(401, 'User Not Authenticated', 'Required to provide Auth information'),
      'credentials'
    ],
    [
      '2.5 unknown record or read ACL',
      errorResponse(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval"),
      'not-found'
    ],
    ['2.5 unknown table', errorResponse(400, 'Invalid table foo'), 'api-missing'],
    [
      '2.5 plugin missing',
      errorResponse(400, 'Requested URI does not represent any resource'),
      'api-missing'
    ],
    [
      '2.5 insert ACL',
      errorResponse(403, 'Operation Failed', 'ACL Exception Insert Failed due to security constraints'),
      'role'
    ],
    [
      '2.5 update ACL',
      errorResponse(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints'),
      'role'
    ],
    ['2.5 business rule, text in detail', errorResponse(403, 'Operation Failed', RULE), 'business-rule'],
    [
      '1.7 business rule, text in message',
      errorResponse(400, `Change Request record could not be updated. ${RULE}`, ''),
      'business-rule'
    ],
    [
      '1.7 the same as a 403',
      errorResponse(403, `Change Request record could not be updated. ${RULE}`, ''),
      'business-rule'
    ],
    [
      '2.5 data policy',
      errorResponse(
        403,
        'Operation Failed',
        'Data Policy Exception: The following fields are mandatory: Close code, Close notes'
      ),
      'data-policy'
    ],
    [
      'a data policy that makes a field read-only',
      errorResponse(
        403,
        'Operation Failed',
        'Data Policy Exception: The following fields are read only: Risk'
      ),
      'read-only'
    ],
    ['2.5 REST API ACL', errorResponse(403, 'Failed API level ACL Validation'), 'role'],
    [
      '2.5 securely scoped OAuth client',
      errorResponse(403, 'User Not Authorized', 'Access to unscoped api is not allowed'),
      'oauth-scope'
    ],
    [
      '2.5 IP list',
      errorResponse(403, 'Access restricted', 'Your IP address 203.0.113.9 is not allowed'),
      'ip-list'
    ],
    ['2.5 IP list as a page', page(403, '<title>IP address not allowed</title>'), 'ip-list'],
    ['an address in a value', errorResponse(400, 'Bad value', 'not an IP address: x'), 'bad-request'],
    ['any other 403', errorResponse(403, 'Nope'), 'forbidden'],
    [
      '2.5 bad JSON',
      errorResponse(400, 'Exception while reading request', 'Unexpected character'),
      'bad-request'
    ],
    ['2.5 wrong method', errorResponse(405, 'Method not supported'), 'unexpected'],
    [
      '2.5 rate limit',
      errorResponse(429, 'Rate limit exceeded', 'Rate limit of 100 requests per hour for Table API exceeded'),
      'rate-limit'
    ],
    ['7.1 semaphores used up', page(429, 'Too many requests'), 'rate-limit'],
    [
      '2.5 transaction canceled',
      errorResponse(500, 'Transaction cancelled: maximum execution time exceeded'),
      'transaction-canceled'
    ],
    ['any other 500', errorResponse(500, 'java.lang.NullPointerException'), 'server-error'],
    ['a 500 with the words of a refusal', errorResponse(500, 'ACL Exception', RULE), 'server-error'],
    ['2.5 restart', page(502, '<html><title>502 Bad Gateway</title>'), 'unavailable'],
    ['2.5 maintenance', page(503, '<html><title>Maintenance</title>'), 'unavailable'],
    ['2.5 load balancer', page(504, ''), 'unavailable'],
    ['a page with status 404', page(404, '<title>404 Not Found</title>'), 'not-servicenow'],
    ['a proxy on the way', page(407, '<title>Proxy Authentication Required</title>'), 'proxy'],
    ['7.2 hibernating', page(200, '<html><title>Instance Hibernating page</title>'), 'hibernating'],
    [
      '7.2 hibernating, with a 4xx',
      page(404, '<html><title>Instance Hibernating page</title>'),
      'hibernating'
    ],
    ['7.2 waking', page(200, '<p>Your instance is currently offline</p>'), 'hibernating'],
    [
      '7.2 sent to the developer site',
      page(302, '', { location: 'https://developer.servicenow.com/dev.do#!/home?wu=true' }),
      'hibernating'
    ],
    ['7.2 single sign-on', page(302, '', { location: 'https://idp.example/saml?SAMLRequest=x' }), 'redirect'],
    ['7.2 login page', page(200, '<form><input type="password" name="user_password"></form>'), 'login-page'],
    ['7.2 a page that signs in by itself', page(200, '<input name="SAMLRequest" value="x">'), 'login-page'],
    ['7.2 login page by its title', page(200, '<title>Sign in to your account</title>'), 'login-page'],
    [
      'a maintenance page with status 200',
      page(200, '<title>Maintenance</title><p>You can log in again at 14:00.</p>'),
      'not-json'
    ],
    ['7.2 wrong instance name', page(200, '<title>Instance not found</title>'), 'not-json'],
    ['no content type at all', parsed({ status: 200, text: '{"result":[]}', headers: {} }), 'not-json'],
    [
      '2.5 an error inside a success',
      jsonResponse(200, { result: [{}], error: { message: 'x' } }),
      'partial'
    ],
    ['2.5 the same, cut short', jsonResponse(200, '{"result":[{"a":1},'), 'truncated'],
    ['a success without a body', jsonResponse(200, ''), 'truncated']
  ])('%s', (_, response, code) => {
    expect(problemFor(response)).toMatchObject({
      code,
      facts: { operation: OPERATION, status: response.status }
    })
  })

  it.each<[string, Response]>([
    ['a record', jsonResponse(200, { result: {} })],
    ['an empty list', jsonResponse(200, { result: [] })],
    ['a created record', jsonResponse(201, { result: {} })],
    ['accepted work', jsonResponse(202, { result: {} })],
    ['no content', parsed({ status: 204, text: '', headers: {} })],
    ['a null error', jsonResponse(200, { result: {}, error: null })]
  ])('%s is a success', (_, response) => {
    expect(problemOfResponse(response, OPERATION, NOW)).toBeUndefined()
  })
})

describe('the facts of a response', () => {
  it('are the operation, the status and the message with its detail', () => {
    const problem = problemFor(errorResponse(403, 'Operation Failed', RULE))
    expect(problem.facts).toEqual({
      operation: OPERATION,
      status: 403,
      message: `Operation Failed: ${RULE}`
    })
    expect(problem).toMatchObject({ retry: { temporary: false }, committed: 'maybe' })
  })

  it('have the message once when the detail is the same', () => {
    expect(factsFor(errorResponse(400, 'Twice', 'Twice')).message).toBe('Twice')
  })

  it('have the OAuth error of the token endpoint', () => {
    const response = jsonResponse(401, { error_description: 'access_denied', error: 'server_error' })
    expect(factsFor(response).message).toBe('server_error: access_denied')
    const unexplained = jsonResponse(401, { error_description: '', error: 'server_error' })
    expect(factsFor(unexplained).message).toBe('server_error')
  })

  it('have the title of a page, never its text', () => {
    const response = page(503, '<title>Upgrade</title><p>token=abc</p>')
    expect(factsFor(response).message).toBe('a web page titled "Upgrade"')
  })

  it('have plain text as a text, and no body as none', () => {
    const message = (text: string) => factsFor(page(404, text)).message
    expect(message('404 page\n not found')).toBe('the text "404 page not found"')
    expect(message('x'.repeat(1_000))).toHaveLength(211)
    expect(message(' ')).toBe('an empty body')
    // Whose words they are is not known: they do not decide the code.
    expect(problemFor(page(403, 'Access denied by ACL')).code).toBe('forbidden')
    expect(message('<!DOCTYPE html><p>x')).toBe('a web page without a title')
  })

  it('have the conditions of a change model that are not met, by name', () => {
    const condition = (name: string, passed: boolean) => ({ passed, condition: { name, sys_id: '3c1d' } })
    const transition = {
      sys_id: '7a0d',
      conditions: [
        condition('Assignment group is not empty', false),
        condition('Not On hold', true),
        condition('Risk is set', false)
      ]
    }
    const text = 'Change Request cannot move to state: assess'
    const said = `${text}: conditions not met: "Assignment group is not empty", "Risk is set"`
    for (const detail of [transition, [transition], { transition }, { ways: [transition, transition] }])
      expect(factsFor(errorResponse(400, text, JSON.stringify(detail))).message).toBe(said)
  })

  it.each(['{"conditions":[]}', '{"a":1}', '{not JSON', '[]', '{"conditions":[{"passed":true}]}'])(
    'have any other detail as it is: %s',
    detail => {
      expect(factsFor(errorResponse(400, 'x', detail)).message).toBe(`x: ${detail}`)
    }
  )

  it('have the target of a redirect, without parts that may be a token', () => {
    const to = (location: string) => factsFor(page(302, '', { location })).message
    expect(to('https://user:pw@idp.example/login?token=abc#x')).toBe(
      'redirected to https://idp.example/login'
    )
    expect(to('/login_with_sso.do?secret=1')).toBe('redirected to /login_with_sso.do')
    expect(to('//evil.example/x?y')).toBe('redirected to https://evil.example/x')
    expect(factsFor(page(307, '')).message).toBe('redirected to nowhere')
  })
})

describe('a success without a body', () => {
  const empty = parsed({ status: 200, text: '', headers: { 'content-type': 'application/json' } })
  const untyped = parsed({ status: 201, text: ' ', headers: {} })

  it('is one for a write', () => {
    expect(problemOfResponse(empty, OPERATION, NOW, { write: true })).toBeUndefined()
    expect(problemOfResponse(untyped, OPERATION, NOW, { write: true })).toBeUndefined()
  })

  it('is none for a read', () => {
    expect(problemOfResponse(empty, OPERATION, NOW)?.code).toBe('truncated')
    expect(problemOfResponse(untyped, OPERATION, NOW)?.code).toBe('not-json')
  })

  it('is none with a body that is not JSON', () => {
    expect(problemOfResponse(page(200, 'ok'), OPERATION, NOW, { write: true })?.code).toBe('not-json')
  })
})

describe('the pause that a response asks for', () => {
  const after = (status: number, headers: Record<string, string>) =>
    problemFor(errorResponse(status, 'x', null, headers)).retry.afterMs
  const inTenMinutes = String(NOW / 1000 + 600)

  it.each<[string, number, Record<string, string>, number | undefined]>([
    ['seconds', 429, { 'retry-after': '90' }, 90_000],
    ['no seconds', 503, { 'retry-after': '0' }, 0],
    ['a date', 503, { 'retry-after': new Date(NOW + 5_000).toUTCString() }, 5_000],
    ['a date in the past', 503, { 'retry-after': new Date(NOW - 5_000).toUTCString() }, 0],
    ['text that is neither', 429, { 'retry-after': 'soon' }, undefined],
    ['no header', 429, {}, undefined],
    ['a reset of nothing', 429, { 'x-ratelimit-reset': '0' }, undefined],
    ['a reset without a number', 429, { 'x-ratelimit-reset': 'soon' }, undefined],
    ["the rate limit's own reset", 429, { 'x-ratelimit-reset': inTenMinutes }, 600_000],
    [
      'both, of which the first counts',
      429,
      { 'retry-after': '5', 'x-ratelimit-reset': inTenMinutes },
      5_000
    ],
    // Every response under a rate limit rule has its reset: it says nothing about an outage.
    ['the reset of a rate limit during an outage', 503, { 'x-ratelimit-reset': inTenMinutes }, undefined]
  ])('%s', (_, status, headers, ms) => expect(after(status, headers)).toBe(ms))

  it('is counted on the clock of the instance, which may differ from the runner’s', () => {
    const instanceDate = new Date(NOW + 300_000).toUTCString()
    expect(after(429, { date: instanceDate, 'x-ratelimit-reset': inTenMinutes })).toBe(300_000)
    expect(after(503, { date: instanceDate, 'retry-after': new Date(NOW + 310_000).toUTCString() })).toBe(
      10_000
    )
  })

  it('is a fact of a rate limit and of an outage, as the moment when it ends', () => {
    const limited = errorResponse(429, 'x', null, { 'retry-after': '3600' })
    expect(factsFor(limited).resetsAt).toBe(Date.UTC(2026, 10, 21, 13))
    expect(factsFor(page(503, '', { 'retry-after': '60' })).resetsAt).toBe(Date.UTC(2026, 10, 21, 12, 1))
  })

  it('is no fact of other problems, nor where nothing was asked for', () => {
    const failed = problemFor(errorResponse(500, 'x', null, { 'retry-after': '60' }))
    expect(failed.retry.afterMs).toBe(60_000)
    expect(failed.facts).not.toHaveProperty('resetsAt')
    expect(factsFor(errorResponse(429, 'x'))).not.toHaveProperty('resetsAt')
  })
})

describe('what a response says', () => {
  const SECRET = 'hunter2-hunter2-hunter2'
  const redact = (text: string) => text.replaceAll(SECRET, '***')
  const messageOf = (response: Response) =>
    (problemOfResponse(response, OPERATION, NOW, { redact }) as ClientProblem<'forbidden'>).facts.message ??
    ''
  const filled = (length: number) => 'x'.repeat(length - 10)

  it.each([
    ['a page', page(403, `${filled(200)}${SECRET}`)],
    ['a title', page(403, `<title>${filled(200)}${SECRET}</title>`)],
    ['a success that is no JSON', page(200, `${filled(200)}${SECRET}`)],
    ['JSON that is cut', jsonResponse(403, `["${filled(300)}${SECRET}"`)],
    ['a long message', errorResponse(403, `${filled(5_000)}${SECRET}`)],
    ['a redirect', jsonResponse(302, '', { location: `https://a.example/${SECRET}` })]
  ])('has no part of a secret in it where it is cut: %s', (_, response) => {
    expect(messageOf(response)).not.toContain('hunter')
    expect(messageOf(response).length).toBeLessThanOrEqual(5_000)
  })

  it('is searched for a title in no time, however long it is', () => {
    const started = performance.now()
    messageOf(page(403, '<title'.repeat(200_000)))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('a Retry-After that is out of range', () => {
  const DAY = 24 * 60 * 60 * 1000

  it.each([
    ['99999999999999', 30 * DAY],
    ['9'.repeat(400), 30 * DAY],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 30 * DAY],
    ['-5', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    [' 7 ', 7_000]
  ])('is understood: %s', (value, afterMs) => {
    const problem = problemFor(errorResponse(429, 'slow down', null, { 'retry-after': value }))
    expect(problem.retry.afterMs).toBe(afterMs)
    const { resetsAt = Number.NaN } = problem.facts as LimitFacts
    expect(new Date(resetsAt).toISOString()).toMatch(/^20/)
  })

  it.each(['', 'soon', '1.5.2x', 'NaN'])('is left out where it says nothing: %j', value => {
    expect(problemFor(errorResponse(503, 'x', null, { 'retry-after': value })).retry.afterMs).toBeUndefined()
  })
})
