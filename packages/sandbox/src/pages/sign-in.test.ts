import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { pendingChange, request, stateAndApproval } from '../testing/caller.ts'
import { logIn, visitorOf } from '../testing/visitor.ts'

let sandbox: Sandbox

afterEach(() => sandbox.stop())

async function pending(): Promise<{ id: string; path: string }> {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
  const id = await pendingChange(sandbox)
  return { id, path: `/change_request.do?sys_id=${id}` }
}

describe('signing in', () => {
  it('gives a cookie that scripts and other sites cannot use', async () => {
    const { path } = await pending()
    const response = await logIn(sandbox, 'anna.approver')
    expect(response.status).toBe(303)
    const port = new URL(sandbox.url).port
    expect(response.headers.get('set-cookie')).toMatch(
      new RegExp(`^sandbox_session_${port}=[0-9a-f]{48}; Path=/; HttpOnly; SameSite=Strict$`)
    )
    const anna = await visitorOf(sandbox, 'anna.approver')
    expect((await anna.get(path)).text).toContain('Log out')
    expect((await request(sandbox.url + path)).text).not.toContain('>Approve<')
  })

  it.each([
    ['a wrong password', 'anna.approver', 'wrong'],
    ['an unknown account', 'nobody', 'x'],
    ['an inactive account', 'lea.leaver', 'lea-password']
  ])('is refused for %s, and the password is not shown', async (_, userName, password) => {
    await pending()
    const { status, text, headers } = await logIn(sandbox, userName, password)
    expect([status, headers.get('set-cookie')]).toEqual([401, null])
    expect(text).toContain('User name or password invalid')
    expect(text).not.toContain(password === 'x' ? 'value="x"' : password)
  })

  it('ends with the session, and when the account is locked', async () => {
    const { id, path } = await pending()
    const anna = await visitorOf(sandbox, 'anna.approver')
    const ben = await visitorOf(sandbox, 'ben.approver')
    expect((await anna.post('/logout.do')).status).toBe(303)
    const user = sandbox.rows('sys_user').find(row => row.user_name === 'ben.approver')
    sandbox.set('sys_user', user?.sys_id ?? '', { locked_out: 'true' })
    for (const person of [anna, ben]) {
      const { status, headers } = await person.post(path, { action: 'approve' })
      expect([status, headers.get('location')]).toEqual([303, expect.stringMatching(/^\/login\.do\?to=/)])
    }
    expect(stateAndApproval(sandbox, id)).toEqual(['-3', 'requested'])
  })

  it.each([
    ['https://attacker.example/', '/'],
    ['//attacker.example/x', '/'],
    ['/\\attacker.example', '/'],
    ['/requests?search=PATCH', '/requests?search=PATCH']
  ])('leads on to pages of this instance alone: %s', async (to, location) => {
    await pending()
    const { headers } = await request(`${sandbox.url}/login.do?to=${encodeURIComponent(to)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'user_name=anna.approver&user_password=anna-password'
    })
    expect(headers.get('location')).toBe(location)
  })
})

describe('a form', () => {
  it.each([
    ['without the token', { sysparm_ck: '' }, {}, 403],
    ['with the token of another session', { sysparm_ck: 'a'.repeat(48) }, {}, 403],
    ['from another site', {}, { origin: 'https://attacker.example' }, 403],
    ['from another port of this machine', {}, { origin: 'http://127.0.0.1:1' }, 403],
    ['from a page without an origin', {}, { origin: 'null' }, 403],
    ['that a browser says is from another site', {}, { 'sec-fetch-site': 'cross-site' }, 403],
    ['that a browser says is from another port', {}, { 'sec-fetch-site': 'same-site' }, 403],
    ['of a type that other sites may send', {}, { 'content-type': 'text/plain' }, 415]
  ])('%s is refused, and changes nothing', async (_, fields, headers, expected) => {
    const { id, path } = await pending()
    const anna = await visitorOf(sandbox, 'anna.approver')
    const { status } = await anna.post(path, { action: 'approve', ...fields }, headers)
    expect(status).toBe(expected)
    expect(stateAndApproval(sandbox, id)).toEqual(['-3', 'requested'])
    expect((await anna.post(path, { action: 'approve' })).status).toBe(303)
    expect(stateAndApproval(sandbox, id)).toEqual(['-2', 'approved'])
  })

  it('does not sign anybody in from another site', async () => {
    await pending()
    const { status, headers } = await request(`${sandbox.url}/login.do`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://attacker.example' },
      body: 'user_name=anna.approver&user_password=anna-password'
    })
    expect([status, headers.get('set-cookie')]).toEqual([403, null])
  })
})

describe('every page', () => {
  it('allows own scripts and styles alone, and no frame', async () => {
    const { path } = await pending()
    for (const page of ['/', path, '/login.do', '/requests', '/control', '/nowhere.do', '/sandbox.js']) {
      const { headers, text } = await request(sandbox.url + page)
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'$/
      )
      expect(text).not.toMatch(/\son\w+=|<style|style="|<script(?! src="\/sandbox\.js" defer>)/)
    }
  })

  it.each(['/', '/events', '/requests', '/control', '/sandbox.js'])(
    '%s is refused under another host name',
    async path => {
      await pending()
      const call = httpRequest(sandbox.url + path, { headers: { host: 'attacker.example' } }).end()
      const [response] = await once(call, 'response')
      response.resume()
      expect(response.statusCode).toBe(403)
    }
  )
})
