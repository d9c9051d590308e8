import { type ClientOptions, createClient } from '@change-actions/servicenow-client'
import { expect } from '@jest/globals'
import { endpointOf } from '../../scripts/endpoints.ts'
import nock from '../nock.ts'

export const ORIGIN = 'https://acme.service-now.com'
export const USER_AGENT = 'change-actions-servicenow/1.0.0 (octo/shop; run 42)'

/** A request as it went out. */
export interface Sent {
  readonly method: string
  /** Path and query, percent-encoded. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A response of the instance, as a test plans it. */
export type Planned = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>]

const JSON_TYPE = { 'Content-Type': 'application/json;charset=UTF-8' }
const COOKIES = { 'Set-Cookie': 'JSESSIONID=1; Path=/; HttpOnly', 'X-Is-Logged-In': 'true' }
const everything: Sent[] = []

/** Stands in for the instance: sends the responses in order, and records the requests. */
export function wire(...responses: Planned[]): readonly Sent[] {
  const sent: Sent[] = []
  const scope = nock(ORIGIN).persist()
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    scope.intercept(/.*/, method).reply(async (request: Request) => {
      const { pathname, search } = new URL(request.url)
      const one = {
        method: request.method,
        url: `${pathname}${search}`,
        headers: Object.fromEntries(request.headers),
        body: await request.text()
      }
      const [status, body, headers = {}] = responses[sent.length] ?? [
        599,
        { error: { message: 'one request too many' } }
      ]
      sent.push(one)
      everything.push(one)
      const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
      return [status, text, { ...JSON_TYPE, ...COOKIES, ...headers }]
    })
  }
  return sent
}

/** A client as the actions make it, with a clock that stands still. */
export function client(more: Partial<ClientOptions> = {}) {
  return createClient({
    instance: ORIGIN,
    api: 'change-management',
    credentials: { scheme: 'bearer', token: 'existing-token' },
    userAgent: USER_AGENT,
    requestTimeoutMs: 30_000,
    maxRetries: 4,
    now: () => Date.UTC(2026, 10, 21, 12),
    sleep: async () => undefined,
    random: () => 0,
    ...more
  })
}

/** `PATCH /api/… {"state":"-1"}`: method, decoded path and query, and the body if there is one. */
export function lines(sent: readonly Sent[]): string[] {
  return sent.map(
    ({ method, url, body }) => `${method} ${decodeURIComponent(url)}${body === '' ? '' : ` ${body}`}`
  )
}

/** Checks what holds for every request of the client; call it after each test. */
export function expectHarmless(): void {
  for (const { method, url, headers, body } of everything.splice(0)) {
    expect(['GET', 'POST', 'PATCH']).toContain(method)
    expect(decodeURIComponent(url)).not.toMatch(/\/approvals\b/)
    // docs/security.md lists every request.
    const { pathname } = new URL(url, ORIGIN)
    expect([method, pathname, endpointOf(method, pathname)]).toEqual([method, pathname, expect.anything()])
    expect(headers).toMatchObject({
      accept: 'application/json',
      'user-agent': USER_AGENT,
      host: 'acme.service-now.com'
    })
    expect(headers.cookie).toBeUndefined()
    expect(headers['content-type'] === undefined).toBe(method === 'GET')
    if (headers['content-type'] !== 'application/json') continue
    for (const value of Object.values(JSON.parse(body) as object)) {
      expect(['string', 'number', 'boolean']).toContain(typeof value)
    }
  }
}
