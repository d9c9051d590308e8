import { describe, expect, it } from '@jest/globals'
import { NoTunnel } from '../http/proxy-agent.ts'
import { CATALOGUE, type ErrorCode } from './codes.ts'
import { type Answer, errorOfAnswer, errorOfNetwork } from './classify.ts'
import type { ServiceNowError } from './problem.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const DOING = 'updating the change CHG0030001'
const RULE =
  "Operation against file 'change_request' was aborted by Business Rule 'Change Model: Check State Transition^4d1e'. Business Rule Stack:Change Model: Check State Transition"

function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, text, headers: { 'content-type': 'application/json;charset=UTF-8', ...headers } }
}

function said(status: number, message: string, detail: string | null = null, headers = {}): Answer {
  return jsonAnswer(status, { error: { message, detail }, status: 'failure' }, headers)
}

function page(status: number, html: string, headers: Record<string, string> = {}): Answer {
  return { status, text: html, headers: { 'content-type': 'text/html;charset=UTF-8', ...headers } }
}

function errorFor(answer: Answer): ServiceNowError {
  const error = errorOfAnswer(answer, DOING, NOW)
  if (error === undefined) throw new Error('taken for a success')
  return error
}

describe('what the instance says', () => {
  // Section numbers are those of the API reference.
  it.each<[string, Answer, ErrorCode]>([
    [
      '2.5 bad credentials',
      said(401, 'User Not Authenticated', 'Required to provide Auth information'),
      'credentials'
    ],
    [
      '2.5 unknown record or read ACL',
      said(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval"),
      'not-found'
    ],
    ['2.5 unknown table', said(400, 'Invalid table foo'), 'api-missing'],
    ['2.5 plugin missing', said(400, 'Requested URI does not represent any resource'), 'api-missing'],
    [
      '2.5 insert ACL',
      said(403, 'Operation Failed', 'ACL Exception Insert Failed due to security constraints'),
      'role'
    ],
    [
      '2.5 update ACL',
      said(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints'),
      'role'
    ],
    ['2.5 business rule, text in detail', said(403, 'Operation Failed', RULE), 'business-rule'],
    [
      '1.7 business rule, text in message',
      said(400, `Change Request record could not be updated. ${RULE}`, ''),
      'business-rule'
    ],
    [
      '1.7 the same as a 403',
      said(403, `Change Request record could not be updated. ${RULE}`, ''),
      'business-rule'
    ],
    [
      '2.5 data policy',
      said(
        403,
        'Operation Failed',
        'Data Policy Exception: The following fields are mandatory: Close code, Close notes'
      ),
      'data-policy'
    ],
    [
      'a data policy that makes a field read-only',
      said(403, 'Operation Failed', 'Data Policy Exception: The following fields are read only: Risk'),
      'read-only'
    ],
    ['2.5 REST API ACL', said(403, 'Failed API level ACL Validation'), 'role'],
    [
      '2.5 securely scoped OAuth client',
      said(403, 'User Not Authorized', 'Access to unscoped api is not allowed'),
      'oauth-scope'
    ],
    ['2.5 IP list', said(403, 'Access restricted', 'Your IP address 203.0.113.9 is not allowed'), 'ip-list'],
    ['2.5 IP list as a page', page(403, '<title>IP address not allowed</title>'), 'ip-list'],
    ['an address in a value', said(400, 'Bad value', 'not an IP address: x'), 'bad-request'],
    ['any other 403', said(403, 'Nope'), 'forbidden'],
    ['2.5 bad JSON', said(400, 'Exception while reading request', 'Unexpected character'), 'bad-request'],
    ['2.5 wrong method', said(405, 'Method not supported'), 'unexpected'],
    [
      '2.5 rate limit',
      said(429, 'Rate limit exceeded', 'Rate limit of 100 requests per hour for Table API exceeded'),
      'rate-limit'
    ],
    ['7.1 semaphores used up', page(429, 'Too many requests'), 'rate-limit'],
    [
      '2.5 transaction cancelled',
      said(500, 'Transaction cancelled: maximum execution time exceeded'),
      'cancelled'
    ],
    ['any other 500', said(500, 'java.lang.NullPointerException'), 'server-error'],
    ['a 500 whose words are those of a refusal', said(500, 'ACL Exception', RULE), 'server-error'],
    ['2.5 restart', page(502, '<html><title>502 Bad Gateway</title>'), 'unavailable'],
    ['2.5 maintenance', page(503, '<html><title>Maintenance</title>'), 'unavailable'],
    ['2.5 load balancer', page(504, ''), 'unavailable'],
    ['a gateway that knows no such page', page(404, '<title>404 Not Found</title>'), 'unexpected'],
    ['a proxy on the way', page(407, '<title>Proxy Authentication Required</title>'), 'proxy'],
    ['7.2 hibernating', page(200, '<html><title>Instance Hibernating page</title>'), 'hibernating'],
    [
      '7.2 hibernating with a 4xx',
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
      'a maintenance page that answers 200',
      page(200, '<title>Maintenance</title><p>You can log in again at 14:00.</p>'),
      'not-json'
    ],
    ['7.2 wrong instance name', page(200, '<title>Instance not found</title>'), 'not-json'],
    ['no content type at all', { status: 200, text: '{"result":[]}', headers: {} }, 'not-json'],
    ['2.5 an error inside a success', jsonAnswer(200, { result: [{}], error: { message: 'x' } }), 'partial'],
    ['2.5 the same, broken off', jsonAnswer(200, '{"result":[{"a":1},'), 'truncated'],
    ['a success without a body', jsonAnswer(200, ''), 'truncated']
  ])('%s', (_, answer, code) => {
    const error = errorFor(answer)
    expect(error.code).toBe(code)
    expect(error.status).toBe(answer.status)
  })

  it.each<[string, Answer]>([
    ['a record', jsonAnswer(200, { result: {} })],
    ['an empty list', jsonAnswer(200, { result: [] })],
    ['something created', jsonAnswer(201, { result: {} })],
    ['work accepted', jsonAnswer(202, { result: {} })],
    ['no content', { status: 204, text: '', headers: {} }],
    ['a null error', jsonAnswer(200, { result: {}, error: null })]
  ])('%s is a success', (_, answer) => expect(errorOfAnswer(answer, DOING, NOW)).toBeUndefined())

  it('is shown with message and detail, what was being done, cause and fix', () => {
    const error = errorFor(said(403, 'Operation Failed', RULE))
    expect(error.title).toBe('ServiceNow 403: a business rule refused')
    expect(error.message).toBe(
      `Failed while updating the change CHG0030001. The answer: Operation Failed: ${RULE}.\n` +
        `Likely cause: ${CATALOGUE['business-rule'].cause}.\nFix: ${CATALOGUE['business-rule'].fix}.`
    )
  })

  it('is shown once when message and detail are the same', () => {
    expect(errorFor(said(400, 'Twice', 'Twice')).answer).toBe('Twice')
  })

  it('is the OAuth error at the token endpoint', () => {
    const answer = jsonAnswer(401, { error_description: 'access_denied', error: 'server_error' })
    expect(errorFor(answer).answer).toBe('server_error: access_denied')
  })

  it('is the title of a page, never its text', () => {
    expect(errorFor(page(503, '<title>Upgrade</title><p>token=abc</p>')).answer).toBe(
      'a web page titled "Upgrade"'
    )
  })

  it('names where a redirect leads, without what may be a token', () => {
    const to = (location: string) => errorFor(page(302, '', { location })).answer
    expect(to('https://user:pw@idp.example/login?token=abc#x')).toBe(
      'redirected to https://idp.example/login'
    )
    expect(to('/login_with_sso.do?secret=1')).toBe('redirected to /login_with_sso.do')
    expect(to('//evil.example/x?y')).toBe('redirected to https://evil.example/x')
    expect(errorFor(page(307, '')).answer).toBe('redirected to nowhere')
  })
})

describe('when to come back', () => {
  const after = (status: number, headers: Record<string, string>) =>
    errorFor(said(status, 'x', null, headers)).retryAfterMs
  const inTenMinutes = String(NOW / 1000 + 600)

  it.each<[string, number, Record<string, string>, number | undefined]>([
    ['seconds', 429, { 'retry-after': '90' }, 90_000],
    ['no seconds', 503, { 'retry-after': '0' }, 0],
    ['a date', 503, { 'retry-after': new Date(NOW + 5_000).toUTCString() }, 5_000],
    ['a date gone by', 503, { 'retry-after': new Date(NOW - 5_000).toUTCString() }, 0],
    ['nonsense', 429, { 'retry-after': 'soon' }, undefined],
    ['nothing', 429, {}, undefined],
    ["the limit's own reset", 429, { 'x-ratelimit-reset': inTenMinutes }, 600_000],
    [
      'both, of which the first counts',
      429,
      { 'retry-after': '5', 'x-ratelimit-reset': inTenMinutes },
      5_000
    ],
    // Every answer under a rate limit rule names its reset: it says nothing about an outage.
    ['a reset beside an outage', 503, { 'x-ratelimit-reset': inTenMinutes }, undefined]
  ])('%s', (_, status, headers, ms) => expect(after(status, headers)).toBe(ms))

  it('is counted on the instance’s clock, which need not be ours', () => {
    const theirs = new Date(NOW + 300_000).toUTCString()
    expect(after(429, { date: theirs, 'x-ratelimit-reset': inTenMinutes })).toBe(300_000)
    expect(after(503, { date: theirs, 'retry-after': new Date(NOW + 310_000).toUTCString() })).toBe(10_000)
  })

  it('is said to the user', () => {
    expect(errorFor(said(429, 'x', null, { 'retry-after': '3600' })).fix).toContain(
      'resets at 2026-11-21T13:00:00Z'
    )
    expect(errorFor(page(503, '', { 'retry-after': '60' })).fix).toContain('wait until 2026-11-21T12:01:00Z')
  })
})

describe('what the network says', () => {
  const broken = (message: string, code?: string, name = 'Error') =>
    errorOfNetwork(
      Object.assign(new Error(message), { name, ...(code && { code }) }),
      DOING,
      'acme.service-now.com'
    )
  const noTunnel = (message: string, passing: boolean) =>
    errorOfNetwork(new NoTunnel(message, passing), DOING, 'acme.service-now.com')

  it.each<[string, ServiceNowError, ErrorCode, string]>([
    ['wrong name', broken('getaddrinfo ENOTFOUND acme.service-now.com', 'ENOTFOUND'), 'dns', 'DNS'],
    ['name server busy', broken('getaddrinfo EAI_AGAIN acme', 'EAI_AGAIN'), 'dns-down', 'DNS'],
    ['nobody there', broken('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'), 'refused', 'connection'],
    ['reset', broken('read ECONNRESET', 'ECONNRESET'), 'connection', 'connection'],
    ['hung up', broken('socket hang up', 'ECONNRESET'), 'connection', 'connection'],
    ['cut', broken('aborted', 'ECONNRESET', 'CutShort'), 'truncated', 'connection'],
    ['self-signed', broken('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', 'TLS'],
    ['expired', broken('certificate has expired', 'CERT_HAS_EXPIRED'), 'tls', 'TLS'],
    [
      'a host name with "proxy" in it',
      broken("Host: proxy.acme. is not in the cert's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID'),
      'tls',
      'TLS'
    ],
    [
      'unknown name with "proxy" in it',
      broken('getaddrinfo ENOTFOUND sn-proxy.acme', 'ENOTFOUND'),
      'dns',
      'DNS'
    ],
    [
      'client certificate wanted',
      broken(
        'SSL alert number 116: tlsv13 alert certificate required',
        'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'
      ),
      'client-certificate',
      'TLS'
    ],
    ['wrong passphrase', broken('bad decrypt', 'ERR_OSSL_BAD_DECRYPT'), 'client-certificate', 'TLS'],
    [
      'proxy wants credentials',
      noTunnel('the proxy 10.0.0.1:3128 answered CONNECT with 407', false),
      'proxy',
      'proxy'
    ],
    [
      'proxy unknown',
      noTunnel('the proxy proxy:3128 cannot be reached: getaddrinfo ENOTFOUND proxy', false),
      'proxy',
      'proxy'
    ],
    [
      'proxy busy',
      noTunnel('the proxy 10.0.0.1:3128 answered CONNECT with 503', true),
      'proxy-down',
      'proxy'
    ],
    [
      'proxy gone',
      noTunnel('the proxy 10.0.0.1:3128 cannot be reached: connect ECONNREFUSED 10.0.0.1:3128', true),
      'proxy-down',
      'proxy'
    ]
  ])('%s', (_, error, code, layer) => {
    expect(error).toMatchObject({
      code,
      status: layer,
      title: `ServiceNow ${layer}: ${CATALOGUE[code].what}`
    })
    expect(error.message).toContain('acme.service-now.com')
    expect(error.cause).toMatchObject({ message: expect.any(String) })
  })

  it('names a file that changed, not the instance', () => {
    const error = broken('10 bytes were announced, and 5 were there', undefined, 'BodyFault')
    expect(error).toMatchObject({
      code: 'file',
      title: 'ServiceNow: the file cannot be sent',
      transient: false
    })
    expect(error.message).not.toContain('acme')
  })

  it('copes with whatever was thrown', () => {
    expect(errorOfNetwork('what?', DOING, 'acme').answer).toBe('acme: what?')
    expect(errorOfNetwork(undefined, DOING, 'acme').code).toBe('connection')
  })
})

describe('the catalogue', () => {
  it('lets a wait go on through exactly the faults that pass by themselves', () => {
    const passing = Object.entries(CATALOGUE).flatMap(([code, { transient }]) => (transient ? [code] : []))
    expect(passing.sort()).toEqual([
      'cancelled',
      'connection',
      'dns-down',
      'not-json',
      'partial',
      'proxy-down',
      'rate-limit',
      'refused',
      'server-error',
      'timeout',
      'truncated',
      'unavailable'
    ])
  })

  it('has cause and fix as parts of a sentence, without a full stop of their own', () => {
    for (const { what, cause, fix } of Object.values(CATALOGUE)) {
      for (const text of [what, cause, fix]) expect(text).toMatch(/^\S.*[^.\s]$/)
    }
  })
})
