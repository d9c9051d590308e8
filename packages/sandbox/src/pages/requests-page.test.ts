import { afterEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createSandbox, type Sandbox, startSandbox } from '../sandbox.ts'
import { API_KEYS, OAUTH_CLIENTS } from '../seed/accounts.ts'
import { as, CHANGE, newChange, request, TABLE } from '../testing/caller.ts'
import { REDACTED, redactJson, redactQuery } from './redact.ts'

let sandbox: Sandbox | undefined

afterEach(() => sandbox?.stop())

async function start(): Promise<Sandbox> {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
  return sandbox
}

const log = async ({ url }: Sandbox, query = '') => (await request(`${url}/requests${query}`)).text

describe('the log of requests', () => {
  it('has method, path, status, duration, account and body of the APIs, newest first', async () => {
    const running = await start()
    await newChange(running, { short_description: 'Deploy <b>' })
    await as(running).get(`${CHANGE}?sysparm_query=active=true`)
    await request(running.url)
    const rows = (await log(running)).split('<tr>').slice(2)
    expect(rows).toHaveLength(2)
    expect(rows[0]).toMatch(
      /<td>GET<\/td><td class="text">\/api\/sn_chg_rest\/v1\/change\?sysparm_query=active=true<\/td><td>200<\/td><td>\d+\.\d ms<\/td><td>gha\.deployer<\/td>/
    )
    expect(rows[1]).toContain('&quot;short_description&quot;:&quot;Deploy &lt;b&gt;&quot;')
  })

  it('keeps the last 500, and is filtered by text', async () => {
    const instance = createSandbox()
    const get = async (path: string) => {
      const reply = await instance.send({ method: 'GET', url: `http://127.0.0.1${path}` })
      return reply.kind === 'response' ? String(reply.response.body) : ''
    }
    for (let count = 0; count < 501; count += 1) await get(`/api/none/${count}`)
    const all = await get('/requests')
    expect(all.split('<tr>')).toHaveLength(502)
    expect(all).not.toContain('/api/none/0<')
    expect((await get('/requests?search=NONE%2F500')).split('<tr>')).toHaveLength(3)
    await instance.stop()
  })

  it('never has a credential, wherever it was sent', async () => {
    const running = await start()
    const { url } = running
    const [client] = OAUTH_CLIENTS
    const [key] = API_KEYS
    const grant = { grant_type: 'client_credentials', client_id: client?.id, client_secret: client?.secret }
    const form = new URLSearchParams(grant as Record<string, string>)
    await request(`${url}/oauth_token.do?${form}`, { method: 'POST', body: form })
    await request(`${url}/oauth_token.do`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(grant)
    })
    await request(`${url}/api/now/table/x?api_key=abcdefghij&token=klmnopqrst&x=${key?.key}`)
    await request(`${url}/api/${key?.key}`)
    const admin = as(running, 'admin')
    const user = running.rows('sys_user')[0]?.sys_id
    await admin.patch(`${TABLE}/sys_user/${user}`, { user_password: 'a new one, very long' })
    await admin.post('/api/now/batch', {
      rest_requests: [
        {
          headers: [{ name: 'Authorization', value: 'Basic YWRtaW46cGFzc3dvcmQ=' }],
          body: Buffer.from('{"password":"inner-password"}').toString('base64')
        }
      ]
    })
    await newChange(running, { description: 'as anna.approver with anna-password, Bearer abcdef123456' })
    const text = await log(running)
    for (const secret of [
      client?.secret,
      key?.key,
      'abcdefghij',
      'klmnopqrst',
      'a new one',
      'YWRtaW46',
      'inner-password',
      'anna-password',
      'abcdef123456',
      Buffer.from('{"password":"inner-password"}').toString('base64')
    ])
      expect(text).not.toContain(secret)
    expect(text).toContain('as anna.approver with')
  })
})

describe('redaction', () => {
  const name = fc.constantFrom('password', 'client_secret', 'Authorization', 'x-sn-apikey', 'access_token')
  // Hexadecimal digits, so that escaping changes nothing.
  const secret = fc.stringMatching(/^[0-9a-f]{12,40}$/)

  it('finds credentials at any depth of a JSON body', () => {
    fc.assert(
      fc.property(
        name,
        secret,
        fc.jsonValue(),
        fc.array(fc.constantFrom('a', 'b')),
        (key, value, rest, path) => {
          const body = path.reduce<unknown>((inner, step) => ({ [step]: [inner], rest }), { [key]: value })
          const text = redactJson(JSON.stringify(body), [])
          expect(text).not.toContain(value)
          expect(text).toContain(REDACTED)
        }
      )
    )
  })

  it('finds them in a query, and in text that is no JSON', () => {
    fc.assert(
      fc.property(name, secret, (key, value) => {
        expect(redactQuery(`a=b&${key}=${value}&c=d`, [])).toBe(`a=b&${key}=${REDACTED}&c=d`)
        expect(redactQuery(`a=${value}`, [value])).not.toContain(value)
        expect(redactJson(`{"${key}":"${value}"`, [])).not.toContain(value)
      })
    )
  })
})
