import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { type Answer, ATTACHMENT, as, newChange } from '../testing/caller.ts'

let sandbox: Sandbox
let change: string

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox(options)
  change = await newChange(sandbox)
}

afterEach(() => sandbox.stop())

interface Raw {
  readonly name?: string
  readonly type?: string
  readonly parent?: string
  readonly user?: string
}

function upload(
  bytes: Buffer | string,
  { name = 'report.json', type, parent, user }: Raw = {}
): Promise<Answer> {
  const query = new URLSearchParams({
    table_name: 'change_request',
    table_sys_id: parent ?? change,
    file_name: name
  })
  return as(sandbox, user).send('POST', `${ATTACHMENT}/file?${query}`, {
    headers: { 'content-type': type ?? 'application/json' },
    body: bytes
  })
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('a raw upload', () => {
  it('is stored byte for byte and described in strings', async () => {
    await start()
    const bytes = randomBytes(3000)
    const stored = await upload(bytes, { name: 'Prüfbericht 1.pdf', type: 'application/pdf' })
    expect(stored.status).toBe(201)
    const id = String(stored.at('result', 'sys_id'))
    expect(stored.headers.get('location')).toBe(`${sandbox.url}${ATTACHMENT}/${id}`)
    expect(stored.at('result')).toMatchObject({
      file_name: 'Prüfbericht 1.pdf',
      content_type: 'application/pdf',
      size_bytes: '3000',
      hash: sha256(bytes),
      table_name: 'change_request',
      table_sys_id: change,
      compressed: 'true',
      created_by_name: 'gha.deployer',
      download_link: `${sandbox.url}${ATTACHMENT}/${id}/file`
    })
    const response = await fetch(`${sandbox.url}${ATTACHMENT}/${id}/file`, {
      headers: { 'x-sn-apikey': 'sandbox-api-key' }
    })
    expect(response.headers.get('content-type')).toBe('application/pdf')
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes)
    expect(sandbox.attachments(change)[0]?.bytes).toEqual(bytes)
  })

  it('keeps a multipart envelope that was sent by mistake', async () => {
    await start()
    const envelope =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="r.json"\r\n\r\n{}\r\n--b--\r\n'
    const stored = await upload(envelope, { type: 'multipart/form-data; boundary=b' })
    expect([stored.status, stored.at('result', 'size_bytes')]).toEqual([201, String(envelope.length)])
  })

  it('of the same name makes a second attachment', async () => {
    await start()
    await upload('{}')
    await upload('{}')
    expect(sandbox.attachments(change).map(file => file.name)).toEqual(['report.json', 'report.json'])
  })

  it('needs all parameters, a type and a parent', async () => {
    await start()
    const { send } = as(sandbox)
    const missing = await send('POST', `${ATTACHMENT}/file?table_name=change_request`, { body: 'x' })
    expect(missing.status).toBe(400)
    expect(missing.at('error', 'detail')).toContain('table_sys_id, file_name')
    const query = `table_name=change_request&table_sys_id=${change}&file_name=a.txt`
    expect((await send('POST', `${ATTACHMENT}/file?${query}`, { body: Buffer.from('x') })).status).toBe(415)
    expect((await upload('x', { parent: '0'.repeat(32) })).status).toBe(404)
  })

  it('needs write access to the parent', async () => {
    await start()
    const reader = await upload('x', { user: 'gha.reader' })
    expect([reader.status, reader.at('error', 'detail')]).toEqual([
      403,
      'ACL Exception Insert Failed due to security constraints'
    ])
    expect((await upload('x', { user: 'no.roles' })).status).toBe(404)
    expect((await upload('x', { user: 'gha.narrow' })).status).toBe(201)
  })
})

describe('limits', () => {
  it.each<[string, SandboxOptions, number, Raw & { bytes?: string }]>([
    ['size', { attachmentMaxBytes: 4 }, 413, { bytes: '12345' }],
    ['emptiness', { refuseEmptyAttachments: true }, 400, { bytes: '' }],
    ['extension', { attachmentExtensions: ['pdf'] }, 403, {}],
    ['file name', { attachmentFileNameValidation: true }, 403, { name: 'results.sarif.json' }],
    ['MIME type', { attachmentMimeValidation: true }, 403, { type: 'text/plain' }]
  ])('of %s refuse an upload when they are on', async (_what, options, status, { bytes = '{}', ...raw }) => {
    await start(options)
    expect((await upload(bytes, raw)).status).toBe(status)
    expect(sandbox.attachments(change)).toEqual([])
    await sandbox.stop()
    await start()
    expect((await upload(bytes, raw)).status).toBe(201)
  })

  it('of size hold for a body of unknown length, which is answered all the same', async () => {
    await start({ attachmentMaxBytes: 100_000 })
    const chunk = Buffer.alloc(50_000, 'x')
    const body = Readable.from(Array.from({ length: 20 }, () => chunk))
    const query = `table_name=change_request&table_sys_id=${change}&file_name=a.txt`
    const refused = await as(sandbox).send('POST', `${ATTACHMENT}/file?${query}`, {
      headers: { 'content-type': 'text/plain' },
      body: body as unknown as ReadableStream,
      duplex: 'half'
    } as RequestInit)
    expect([refused.status, refused.at('error', 'detail')]).toEqual([413, 'Max allowed: 100000 bytes.'])
    expect(sandbox.attachments(change)).toEqual([])
  })

  it('let through what is allowed', async () => {
    await start({
      attachmentMaxBytes: 4,
      attachmentExtensions: ['JSON'],
      attachmentFileNameValidation: true,
      attachmentMimeValidation: true
    })
    expect((await upload('{}')).status).toBe(201)
  })
})

describe('a form upload', () => {
  function form(parts: readonly [string, string | Blob][]): Promise<Answer> {
    const body = new FormData()
    for (const [name, value] of parts) {
      if (typeof value === 'string') body.append(name, value)
      else body.append(name, value, 'say "hi".bin')
    }
    return as(sandbox).send('POST', `${ATTACHMENT}/upload`, { body })
  }
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255])
  const file = new Blob([bytes], { type: 'application/x-thing' })

  it('takes the file from the last part', async () => {
    await start()
    const stored = await form([
      ['table_name', 'change_request'],
      ['table_sys_id', change],
      ['uploadFile', file]
    ])
    expect(stored.status).toBe(201)
    expect(stored.at('result')).toMatchObject({
      file_name: 'say "hi".bin',
      content_type: 'application/x-thing'
    })
    expect(sandbox.attachments(change)[0]?.bytes).toEqual(bytes)
  })

  it('in another order, or without its parameters, is refused', async () => {
    await start()
    const early = await form([
      ['uploadFile', file],
      ['table_name', 'change_request'],
      ['table_sys_id', change]
    ])
    expect(early.status).toBe(400)
    const bare = await form([['uploadFile', file]])
    expect(bare.at('error', 'detail')).toContain('table_name, table_sys_id')
    expect((await as(sandbox).post(`${ATTACHMENT}/upload`, {})).status).toBe(415)
    const broken = { 'content-type': 'multipart/form-data' }
    expect((await as(sandbox).post(`${ATTACHMENT}/upload`, 'x', broken)).status).toBe(400)
  })
})

describe('a large file', () => {
  const bytes = randomBytes(5_000_000)
  const file = (id: unknown) => `${sandbox.url}${ATTACHMENT}/${id}/file`
  const headers = { 'x-sn-apikey': 'sandbox-api-key' }

  it('comes back as it was sent', async () => {
    await start()
    const stored = await upload(bytes, { name: 'a.bin', type: 'application/octet-stream' })
    expect(stored.at('result')).toMatchObject({ size_bytes: '5000000', hash: sha256(bytes) })
    const response = await fetch(file(stored.at('result', 'sys_id')), { headers })
    expect(response.headers.get('content-length')).toBe('5000000')
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(bytes))
  })

  it('suffers from faults like any answer', async () => {
    await start()
    const id = (await upload(bytes)).at('result', 'sys_id')
    sandbox.fault({ kind: 'truncated', path: '/file' })
    await expect(fetch(file(id), { headers }).then(answer => answer.arrayBuffer())).rejects.toThrow()
    sandbox.fault({ kind: 'malformed-json', path: '/file' })
    const shortened = await (await fetch(file(id), { headers })).arrayBuffer()
    expect(shortened.byteLength).toBe(3_333_333)
  })

  it('cut off on its way up is not stored', async () => {
    await start()
    const query = `table_name=change_request&table_sys_id=${change}&file_name=a.bin`
    const sending = httpRequest(`${sandbox.url}${ATTACHMENT}/file?${query}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': 5_000_000 }
    })
    // A connection ended on purpose is an error to the one who ended it.
    sending.on('error', () => {})
    const ended = new Promise(resolve => sending.on('close', resolve))
    sending.write(bytes.subarray(0, 2_000_000), () => sending.destroy())
    await ended
    await upload('{}', { name: 'next.json' })
    expect(sandbox.attachments(change).map(one => one.name)).toEqual(['next.json'])
  })
})

describe('attachments', () => {
  it('are listed by query, with a total, for those who may read the parent', async () => {
    await start()
    await upload('1', { name: 'a.txt', type: 'text/plain' })
    await upload('2', { name: 'b.txt', type: 'text/plain' })
    const other = await newChange(sandbox)
    await upload('3', { name: 'a.txt', type: 'text/plain', parent: other })
    const query = `sysparm_query=table_sys_id=${change}^file_name=a.txt`
    const found = await as(sandbox).get(`${ATTACHMENT}?${query}`)
    expect([found.at('result', 'length'), found.headers.get('x-total-count')]).toEqual([1, '1'])
    expect(found.at('result', 0, 'file_name')).toBe('a.txt')
    const hidden = await as(sandbox, 'no.roles').get(`${ATTACHMENT}?${query}`)
    expect(hidden.at('result')).toEqual([])
  })

  it('are read and deleted one by one', async () => {
    await start()
    const id = (await upload('{}')).at('result', 'sys_id')
    expect((await as(sandbox).get(`${ATTACHMENT}/${id}`)).at('result', 'size_bytes')).toBe('2')
    expect((await as(sandbox, 'gha.reader').send('DELETE', `${ATTACHMENT}/${id}`)).status).toBe(403)
    const deleted = await as(sandbox).send('DELETE', `${ATTACHMENT}/${id}`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await as(sandbox).get(`${ATTACHMENT}/${id}`)).status).toBe(404)
  })
})
