import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { requestIdentityToken } from './identity-token.ts'
import { expectNoToken, problemOf, TOKEN } from './testing/github.ts'

const ORIGIN = 'https://run-actions.githubusercontent.test'
const PATH = '/42//idtoken/8d/3e'
const request = () =>
  requestIdentityToken({ url: `${ORIGIN}${PATH}?api-version=2.0`, token: TOKEN, audience: 'servicenow & co' })

const answer = () => nock(ORIGIN).get(PATH).query({ 'api-version': '2.0', audience: 'servicenow & co' })

describe('the identity token of a job', () => {
  it('is requested for an audience, with the token of the job', async () => {
    const headers: Record<string, string> = {}
    answer().reply(async (sent: Request) => {
      Object.assign(headers, Object.fromEntries(sent.headers))
      return [200, { count: 1, value: 'a.b.c' }]
    })
    expect(await request()).toBe('a.b.c')
    expect(headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, accept: 'application/json' })
  })

  it.each([
    [401, 'not allowed', { code: 'credentials', retry: { temporary: false } }],
    [403, { message: 'no permission' }, { code: 'no-permission', retry: { temporary: false } }],
    [503, '', { code: 'server', retry: { temporary: true } }],
    [302, '', { code: 'redirect', retry: { temporary: false } }],
    [200, '<html>', { code: 'not-github' }],
    [200, { count: 1 }, { code: 'not-github' }]
  ])(
    'that is refused with %s %j is a problem, and the token is not in it',
    async (status, body, expected) => {
      answer().reply(status, body)
      const problem = await problemOf(request())
      expect(problem).toMatchObject({
        ...expected,
        facts: { operation: "requesting GitHub's identity token" },
        committed: 'no'
      })
      expectNoToken(problem)
    }
  )

  it('that cannot be reached is a problem that may pass', async () => {
    answer().replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    expect(await problemOf(request())).toMatchObject({
      code: 'network',
      facts: { operation: "requesting GitHub's identity token" },
      retry: { temporary: true }
    })
  })
})
