import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { ATTACHMENT, as, CHANGE, newChange, request, TABLE, uploadFile } from '../testing/caller.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox()
})

afterEach(() => sandbox.stop())

const INSTANCE = {
  server: 'ServiceNow',
  'x-transaction-id': expect.stringMatching(/^[0-9a-f]{12}$/),
  'x-content-type-options': 'nosniff',
  'cache-control': expect.stringContaining('no-store'),
  'server-timing': expect.stringMatching(/^wall;dur=\d/),
  'strict-transport-security': expect.stringMatching(/^max-age=/)
}

const headersOf = (response: { headers: Headers }) => Object.fromEntries(response.headers)

describe('the headers of a response', () => {
  it('are those of an instance, for what was found and what was not', async () => {
    const id = await newChange(sandbox)
    for (const path of [`${CHANGE}/${id}`, `${CHANGE}/unknown`, `${TABLE}/nonsense`, ATTACHMENT]) {
      const headers = headersOf(await as(sandbox).get(path))
      expect(headers).toMatchObject({ ...INSTANCE, 'x-is-logged-in': 'true' })
    }
  })

  it.each([
    ['no credentials', {}, 'BASIC realm="Service-now"'],
    ['an unknown token', { authorization: 'Bearer none' }, 'BEARER realm="Service-now"']
  ])('without a login name the scheme, for %s', async (_what, headers, scheme) => {
    const refused = await request(`${sandbox.url}${CHANGE}`, { headers })
    expect(headersOf(refused)).toMatchObject({
      ...INSTANCE,
      'x-is-logged-in': 'false',
      'www-authenticate': scheme
    })
  })

  it('are those of an instance at the token endpoint', async () => {
    const refused = await request(`${sandbox.url}/oauth_token.do`, { method: 'POST' })
    expect(headersOf(refused)).toMatchObject(INSTANCE)
  })

  it('carry the record of a file in ASCII', async () => {
    const id = await newChange(sandbox)
    const stored = await uploadFile(sandbox, id, '{}', { name: 'Prüfung.json' })
    const record = stored.at('result') as Record<string, string>
    const file = await as(sandbox).get(`${ATTACHMENT}/${record.sys_id}/file`)
    const metadata = file.headers.get('x-attachment-metadata') ?? ''
    expect(metadata).toMatch(/^[\x20-\x7e]+$/)
    expect(JSON.parse(metadata)).toEqual(record)
  })
})
