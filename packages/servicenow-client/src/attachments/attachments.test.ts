import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import nock from '../../../../test/nock.ts'
import { Pipeline } from '../http/pipeline.ts'
import { json, type Seen, serve } from '../testing/loopback.ts'
import { problemOf, testOptions } from '../testing/options.ts'
import { Attachments, isSameAttachment, type Upload } from './attachments.ts'

const CHANGE = 'cc69c3bf9f1032106b4c1d8a0f0b6a11'
const open: (() => Promise<void>)[] = []

beforeAll(() => nock.restore())
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

interface Stored {
  sys_id: string
  file_name: string
  bytes: Buffer
}

const record = ({ sys_id, file_name, bytes }: Stored) => ({
  sys_id,
  file_name,
  content_type: 'text/plain',
  size_bytes: String(bytes.length),
  hash: sha256(bytes),
  table_name: 'change_request',
  table_sys_id: CHANGE,
  state: 'available'
})

/** An attachment API; `interfere` may send another response to an upload, and keep it from being stored. */
async function instance(
  stored: Stored[] = [],
  interfere?: (
    request: Seen,
    response: ServerResponse,
    uploads: number
  ) => 'responded' | 'not stored' | undefined
) {
  let uploads = 0
  const server = await serve((request, response) => {
    if (request.method === 'GET') return json(response, 200, { result: stored.map(record) })
    uploads += 1
    const one = {
      sys_id: `new-${uploads}`,
      file_name: request.query.get('file_name') ?? '',
      bytes: request.body
    }
    const done = interfere?.(request, response, uploads)
    if (done !== 'not stored') stored.push(one)
    if (done === undefined) json(response, 201, { result: record(one) })
  })
  open.push(server.close)
  const pipeline = new Pipeline(testOptions(server.origin, { maxRetries: 2 }))
  open.push(() => pipeline.close())
  return { attachments: new Attachments(pipeline), server, stored, uploads: () => uploads }
}

function upload(text: string, name = 'report.txt'): Upload {
  const bytes = Buffer.from(text)
  return {
    name,
    contentType: 'text/plain',
    sha256: async () => sha256(bytes),
    body: { size: bytes.length, open: () => Readable.from([bytes]) }
  }
}

const unavailable = (response: ServerResponse) =>
  response.writeHead(503, { 'Content-Type': 'text/html' }).end('busy')

describe('an upload', () => {
  it('is the bytes of the file, under its name and type', async () => {
    const { attachments, server } = await instance()
    const bytes = Buffer.from([0, 255, 13, 10, 26, 0x89])
    const body = { size: bytes.length, open: () => Readable.from([bytes]) }
    const sent = {
      name: 'a b&c ü.bin',
      contentType: 'application/octet-stream',
      sha256: async () => sha256(bytes),
      body
    }
    expect(await attachments.upload(CHANGE, sent, new Set())).toEqual({
      sysId: 'new-1',
      name: 'a b&c ü.bin',
      size: 6,
      sha256: sha256(bytes)
    })
    expect(server.seen[0]?.body.equals(bytes)).toBe(true)
    expect(server.seen[0]?.headers['content-type']).toBe('application/octet-stream')
    expect(Object.fromEntries(server.seen[0]?.query ?? [])).toEqual({
      table_name: 'change_request',
      table_sys_id: CHANGE,
      file_name: 'a b&c ü.bin'
    })
  })

  it('that was not stored as it was sent is a problem with both', async () => {
    const { attachments } = await instance([], (request, response) => {
      const bytes = Buffer.concat([Buffer.from('--boundary\r\n'), request.body])
      json(response, 201, { result: record({ sys_id: 'changed', file_name: 'report.txt', bytes }) })
      return 'responded'
    })
    const problem = await problemOf('attachment', attachments.upload(CHANGE, upload('hello'), new Set()))
    const file = (text: string) => ({
      name: 'report.txt',
      size: text.length,
      sha256: sha256(Buffer.from(text))
    })
    expect(problem.facts).toEqual({
      operation: 'attaching "report.txt"',
      sent: file('hello'),
      stored: { ...file('--boundary\r\nhello'), sysId: 'changed' }
    })
    expect(problem).toMatchObject({ retry: { temporary: false }, committed: 'yes' })
  })

  it('whose response was lost is found by name and hash, and not sent again', async () => {
    const { attachments, uploads, stored } = await instance([], (_, response) => {
      unavailable(response)
      return 'responded'
    })
    expect((await attachments.upload(CHANGE, upload('hello'), new Set())).sysId).toBe('new-1')
    expect(uploads()).toBe(1)
    expect(stored).toHaveLength(1)
  })

  it('is hashed while it is sent, without a second read of the file', async () => {
    const { attachments } = await instance()
    const sha = async (): Promise<string> => {
      throw new Error('the file was read for its hash')
    }
    const stored = await attachments.upload(CHANGE, { ...upload('hello'), sha256: sha }, new Set())
    expect(stored.sha256).toBe(sha256(Buffer.from('hello')))
  })

  it('that is sent again has the hash of the second time', async () => {
    const { attachments } = await instance([], (_, response, n) => {
      if (n > 1) return undefined
      unavailable(response)
      return 'not stored'
    })
    const stored = await attachments.upload(CHANGE, upload('hello'), new Set())
    expect(stored).toMatchObject({ sysId: 'new-2', sha256: sha256(Buffer.from('hello')) })
  })

  it('that may have been stored shares the check with others, and none is sent twice', async () => {
    const { attachments, server, uploads } = await instance([], (_, response) => {
      unavailable(response)
      return 'responded'
    })
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(one => `${one}.txt`)
    const all = await Promise.all(
      names.map(name => attachments.upload(CHANGE, upload(name, name), new Set()))
    )
    expect(all.map(one => one.name)).toEqual(names)
    expect(uploads()).toBe(8)
    expect(server.seen.filter(one => one.method === 'GET').length).toBeLessThan(8)
  })

  it('that was not stored is sent again', async () => {
    const { attachments, uploads, stored } = await instance([], (_, response, n) => {
      if (n > 1) return undefined
      unavailable(response)
      return 'not stored'
    })
    expect((await attachments.upload(CHANGE, upload('hello'), new Set())).sysId).toBe('new-2')
    expect(uploads()).toBe(2)
    expect(stored).toHaveLength(1)
  })

  it('is not confused with an earlier attachment or with another file of that name', async () => {
    const before = { sys_id: 'old', file_name: 'report.txt', bytes: Buffer.from('hello') }
    const other = { sys_id: 'other', file_name: 'report.txt', bytes: Buffer.from('other') }
    const { attachments, uploads } = await instance([before, other], (_, response, n) => {
      if (n > 1) return undefined
      unavailable(response)
      return 'not stored'
    })
    expect((await attachments.upload(CHANGE, upload('hello'), new Set(['old']))).sysId).toBe('new-2')
    expect(uploads()).toBe(2)
  })

  it('that is refused is checked once before that is reported', async () => {
    const { attachments, server } = await instance([], (_, response) => {
      json(response, 403, { error: { message: 'Operation Failed', detail: 'ACL Exception' } })
      return 'not stored'
    })
    const problem = await problemOf('role', attachments.upload(CHANGE, upload('hello'), new Set()))
    expect(problem.facts.message).toBe('Operation Failed: ACL Exception')
    expect(server.seen.map(one => one.method)).toEqual(['POST', 'GET'])
  })
})

describe('the list', () => {
  it('holds all attachments of the change', async () => {
    const { attachments, server } = await instance([
      { sys_id: 'a', file_name: 'x.txt', bytes: Buffer.from('x') },
      { sys_id: 'b', file_name: 'x.txt', bytes: Buffer.from('y') }
    ])
    expect((await attachments.list(CHANGE)).map(one => one.sysId)).toEqual(['a', 'b'])
    expect(server.seen[0]?.query.get('sysparm_query')).toBe(
      `table_name=change_request^table_sys_id=${CHANGE}^ORDERBYsys_id`
    )
  })

  it('holds those after the first thousand', async () => {
    const bytes = Buffer.from('x')
    const many = Array.from({ length: 1_001 }, (_, n) =>
      record({ sys_id: `a${n}`, file_name: `${n}.txt`, bytes })
    )
    const server = await serve((request, response) => {
      const offset = Number(request.query.get('sysparm_offset') ?? 0)
      const page = many.slice(offset, offset + Number(request.query.get('sysparm_limit')))
      json(response, 200, { result: page }, { 'X-Total-Count': String(many.length) })
    })
    const pipeline = new Pipeline(testOptions(server.origin))
    open.push(() => pipeline.close(), server.close)
    const all = await new Attachments(pipeline).list(CHANGE)
    expect(all.at(-1)?.name).toBe('1000.txt')
    expect(server.seen).toHaveLength(2)
  })

  it('is refused when it holds attachments of another record', async () => {
    const { attachments } = await instance([{ sys_id: 'a', file_name: 'x.txt', bytes: Buffer.from('x') }])
    const problem = await problemOf('query-ignored', attachments.list('another'))
    expect(problem.facts).toEqual({
      operation: 'listing the attachments',
      fields: ['table_name', 'table_sys_id'],
      unreadable: []
    })
  })
})

it('attachments are the same when name, size and hash are; without a hash, name and size', () => {
  const stored = { sysId: 'a', name: 'report.txt', size: 5, sha256: sha256(Buffer.from('hello')) }
  const file = (text: string, name = 'report.txt') => {
    const bytes = Buffer.from(text)
    return { name, size: bytes.length, sha256: sha256(bytes) }
  }
  expect(isSameAttachment(stored, file('hello'))).toBe(true)
  expect(isSameAttachment(stored, { ...file('hello'), sha256: file('hello').sha256.toUpperCase() })).toBe(
    true
  )
  expect(isSameAttachment({ ...stored, sha256: '' }, file('HELLO'))).toBe(true)
  expect(isSameAttachment(stored, file('HELLO'))).toBe(false)
  expect(isSameAttachment(stored, file('hello', 'other.txt'))).toBe(false)
  expect(isSameAttachment({ ...stored, sha256: '' }, file('hello!'))).toBe(false)
})
