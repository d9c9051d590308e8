import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, newChange, uploadFile } from '../testing/caller.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ approvalDelayMs: 0 })
})

afterEach(() => sandbox.stop())

const BATCH = '/api/now/v1/batch'
const CHANGES = '/api/now/table/change_request'

interface Serviced {
  readonly id: string
  readonly status_code: number
  readonly status_text: string
  readonly body: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')
const JSON_HEADERS = [{ name: 'Content-Type', value: 'application/json' }]

async function batch(requests: readonly object[], user?: string) {
  const sent = { batch_request_id: 7, rest_requests: requests }
  const response = await as(sandbox, user).post(BATCH, sent)
  return { response, serviced: response.at('serviced_requests') as readonly Serviced[] }
}

const bodyOf = (one: Serviced | undefined) => JSON.parse(Buffer.from(one?.body ?? '', 'base64').toString())

describe('a batch', () => {
  it('runs each request in turn, and is 200 whatever they are', async () => {
    const id = await newChange(sandbox)
    const patch = { method: 'PATCH', url: `${CHANGES}/${id}`, headers: JSON_HEADERS }
    const { response, serviced } = await batch([
      { id: '1', ...patch, body: base64('{"description":"one"}') },
      { id: 2, method: 'GET', url: `${CHANGES}?sysparm_query=description=one&sysparm_fields=number` },
      { id: '3', method: 'GET', url: `${CHANGES}/unknown`, exclude_response_headers: true },
      { id: '4', method: 'POST', url: CHANGES, headers: JSON_HEADERS, body: base64('{}') }
    ])
    expect([response.status, response.at('batch_request_id')]).toEqual([200, '7'])
    expect(response.at('unserviced_requests')).toEqual([])
    expect(serviced.map(one => [one.id, one.status_code, one.status_text])).toEqual([
      ['1', 200, 'OK'],
      ['2', 200, 'OK'],
      ['3', 404, 'Not Found'],
      ['4', 201, 'Created']
    ])
    expect(bodyOf(serviced[1])).toEqual({ result: [{ number: 'CHG0030001' }] })
    expect(bodyOf(serviced[2]).error.message).toBe('No Record found')
    expect(serviced[1]?.headers).toContainEqual({ name: 'X-Total-Count', value: '1' })
    expect(serviced[2]?.headers).toEqual([])
  })

  it('acts as the account that sends it, whatever its requests say', async () => {
    const id = await newChange(sandbox)
    const remove = (requestId: string) => ({ id: requestId, method: 'DELETE', url: `${CHANGES}/${id}` })
    expect((await batch([remove('1')])).serviced[0]?.status_code).toBe(403)
    const [deleted] = (await batch([remove('1')], 'admin')).serviced
    expect([deleted?.status_code, deleted?.body]).toEqual([204, ''])
    expect(sandbox.change(id)).toBeUndefined()
  })

  it('carries files, and bodies that are gzipped', async () => {
    const id = await newChange(sandbox)
    const stored = await uploadFile(sandbox, id, 'content', { type: 'text/plain', name: 'a.txt' })
    const { serviced } = await batch([
      { id: '1', method: 'GET', url: `/api/now/attachment/${stored.at('result', 'sys_id')}/file` },
      {
        id: '2',
        method: 'PATCH',
        url: `${CHANGES}/${id}`,
        headers: [...JSON_HEADERS, { name: 'Content-Encoding', value: 'gzip' }],
        body: base64(gzipSync('{"description":"packed"}'))
      }
    ])
    expect(Buffer.from(serviced[0]?.body ?? '', 'base64').toString()).toBe('content')
    expect(serviced[1]?.status_code).toBe(200)
    expect(sandbox.change(id)?.description).toBe('packed')
  })

  it('has no other batch, token endpoint or page in it', async () => {
    const urls = [BATCH, '/oauth_token.do', '/']
    const { serviced } = await batch(urls.map((url, index) => ({ id: index + 1, method: 'POST', url })))
    expect(serviced.map(one => one.status_code)).toEqual([400, 400, 400])
  })

  it.each([
    {},
    { rest_requests: 'all' },
    { rest_requests: [null] },
    { rest_requests: [{ id: '1', method: 'GET' }] },
    { rest_requests: [{ id: '1', method: 'GET', url: 'https://other.example/api/now/table/task' }] },
    { rest_requests: [{ id: '1', method: 'GET', url: '//other.example/api/now/table/task' }] }
  ])('that is not one is refused: %j', async body => {
    const refused = await as(sandbox).post(BATCH, body)
    expect([refused.status, refused.at('error', 'message')]).toEqual([400, 'Bad Request'])
  })

  it('is sent by POST and with credentials', async () => {
    expect((await as(sandbox).get(BATCH)).status).toBe(405)
    expect((await fetch(sandbox.url + BATCH, { method: 'POST' })).status).toBe(401)
  })
})
