import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, CHANGE, newChange, request, TABLE, uploadPath } from '../testing/caller.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox()
})

afterEach(() => sandbox.stop())

const GZIPPED = { 'content-type': 'application/json', 'content-encoding': 'gzip' }

describe('a request body', () => {
  it('may be gzipped, for every API and the token endpoint; the log has its text', async () => {
    const body = gzipSync('{"short_description":"packed","assignment_group":"DevOps Team"}')
    for (const path of [`${TABLE}/change_request`, `${CHANGE}/normal`]) {
      const created = await as(sandbox).send('POST', path, { headers: GZIPPED, body })
      expect([200, 201]).toContain(created.status)
    }
    expect(sandbox.rows('change_request').map(row => row.short_description)).toEqual(['packed', 'packed'])
    expect(sandbox.requests[0]).toMatchObject({
      bodyBytes: body.length,
      json: expect.stringContaining('packed')
    })
    const token = await request(`${sandbox.url}/oauth_token.do`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
      body: gzipSync(
        'grant_type=client_credentials&client_id=github-actions&client_secret=sandbox-client-secret'
      )
    })
    expect(token.status).toBe(200)
  })

  it('that cannot be decompressed is refused', async () => {
    const send = (encoding: string, body: Buffer | string) =>
      as(sandbox).send('POST', `${TABLE}/change_request`, {
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        body
      })
    expect((await send('gzip', '{}')).status).toBe(400)
    expect((await send('gzip', gzipSync('{}').subarray(0, 10))).status).toBe(400)
    expect((await send('br', '{}')).status).toBe(415)
    expect((await send('identity', '{}')).status).toBe(201)
  })

  it('that is a file is stored as it is, and refused where it is compressed on the way', async () => {
    const id = await newChange(sandbox)
    const refused = await as(sandbox).send('POST', uploadPath(id, 'a.json'), {
      headers: GZIPPED,
      body: gzipSync('{}')
    })
    expect(refused.status).toBe(415)
    expect(sandbox.attachments(id)).toEqual([])
  })
})

describe('the accepted types', () => {
  it.each([
    ['*/*', 200],
    ['application/json', 200],
    ['text/html, application/*;q=0.5', 200],
    ['application/vnd.api+json', 200],
    ['application/xml', 406],
    ['text/xml, text/html', 406]
  ])('%s', async (accept, status) => {
    const response = await as(sandbox).get(`${TABLE}/sys_user_group`, { accept })
    expect(response.status).toBe(status)
    if (status === 406) expect(response.at('error', 'message')).toBe('Not acceptable')
  })

  it('are checked before a write', async () => {
    const refused = await as(sandbox).post(`${CHANGE}/normal`, {}, { accept: 'application/xml' })
    expect(refused.status).toBe(406)
    expect(sandbox.rows('change_request')).toEqual([])
  })
})
