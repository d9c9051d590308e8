/** The sandbox responds as instances did: the same statuses, headers, members, types and texts of errors. */
import { type IncomingMessage, request as send } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { ACCOUNTS, type Sandbox, startSandbox } from '@change-actions/sandbox'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import nock from '../../nock.ts'
import { type Caller, EXCHANGES, type Exchange, type ExchangeName } from './exchanges.ts'

let sandbox: Sandbox
let names: Record<'CHANGE' | 'ATTACHMENT' | 'VERSION', string>

beforeAll(() => nock.restore())
beforeEach(async () => {
  sandbox = await startSandbox()
  const change = sandbox.insert('change_request', { short_description: 'The release of November' })
  const [version] = sandbox.rows('std_change_producer_version')
  const file = await received({
    method: 'POST',
    path: `/api/now/attachment/file?table_name=change_request&table_sys_id=${change}&file_name=log.txt`,
    headers: { 'content-type': 'text/plain' },
    body: 'deployed\n'
  })
  names = {
    CHANGE: change,
    VERSION: version?.sys_id ?? '',
    ATTACHMENT: JSON.parse(file.text).result.sys_id
  }
})
afterEach(() => sandbox.stop())

const USERS: Readonly<Record<Exclude<Caller, 'nobody'>, string>> = {
  deployer: 'gha.deployer',
  approver: 'anna.approver',
  admin: 'admin'
}

function headersOf({ as = 'deployer', headers = {}, body }: Exchange['request']): Record<string, string> {
  const account = ACCOUNTS.find(one => as !== 'nobody' && one.userName === USERS[as])
  const basic = Buffer.from(`${account?.userName}:${account?.password}`).toString('base64')
  return {
    ...(account && { authorization: `Basic ${basic}` }),
    ...(typeof body === 'object' && { 'content-type': 'application/json' }),
    ...headers
  }
}

/** Sends the request as it stands: `fetch` would add headers. */
async function received(wanted: Exchange['request']) {
  const { body, method, path } = wanted
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    send(`${sandbox.url}${path}`, { method, headers: headersOf(wanted) }, resolve)
      .on('error', reject)
      .end(text)
  })
  const bytes = await buffer(message)
  const plain = message.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
  return { status: message.statusCode, headers: message.headers, text: plain.toString('utf8') }
}

/** The request with the records of this sandbox. */
function filledIn(wanted: Exchange['request']): Exchange['request'] {
  const text = JSON.stringify(wanted)
  return JSON.parse(text.replace(/CHANGE\b|ATTACHMENT\b|VERSION\b/g, name => names[name as 'CHANGE']))
}

/** Members whose texts are the instance's own words. */
const WORDS = ['message', 'detail', 'error', 'error_description', 'name', 'token_type']

/**
 * What is compared of a response: members and types, and the words of errors. A text that is JSON has the form of its
 * content. Members that were not recorded are left out.
 */
function formOf(value: unknown, recorded: unknown, name = ''): unknown {
  if (typeof value === 'string' && typeof recorded === 'string') {
    const content = parsed(recorded)
    if (content !== undefined) return formOf(parsed(value), content)
    if (WORDS.includes(name)) return value
    return value === '' ? 'an empty text' : 'a text'
  }
  if (Array.isArray(value) && Array.isArray(recorded))
    return value.map((one, index) => formOf(one, recorded[index]))
  if (isObject(value) && isObject(recorded))
    return Object.fromEntries(
      Object.entries(recorded).map(([member, one]) => [member, formOf(value[member], one, member)])
    )
  return typeof value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string): unknown {
  try {
    return text.startsWith('{') ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

describe.each(Object.keys(EXCHANGES) as ExchangeName[])('%s', name => {
  const { request, response }: Exchange = EXCHANGES[name]

  it('is answered by the sandbox as it was recorded', async () => {
    const got = await received(filledIn(request))
    expect([got.status, got.text.slice(0, got.status === response.status ? 0 : 300)]).toEqual([
      response.status,
      ''
    ])
    for (const [header, value] of Object.entries(response.headers ?? {}))
      expect([header, got.headers[header]]).toEqual([
        header,
        typeof value === 'string' ? value : expect.stringMatching(value)
      ])
    const { body } = response
    if (typeof body === 'string') expect(got.text.trim().slice(0, 6)).toBe(body.trim().slice(0, 6))
    else if (body !== undefined) expect(formOf(JSON.parse(got.text), body)).toEqual(formOf(body, body))
  })
})
