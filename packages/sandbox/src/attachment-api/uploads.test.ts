import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import {
  ATTACHMENT,
  as,
  type FileOptions,
  newChange,
  type TestResponse,
  uploadFile,
  uploadPath
} from '../testing/caller.ts'

let sandbox: Sandbox
let change: string

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox(options)
  change = await newChange(sandbox)
}

afterEach(() => sandbox.stop())

const upload = (bytes: Buffer | string, options: FileOptions = {}) =>
  uploadFile(sandbox, change, bytes, options)

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('a raw upload', () => {
  it('stores the bytes and returns the metadata as strings', async () => {
    await start()
    const bytes = randomBytes(3000)
    const stored = await upload(bytes, { name: 'Prüfbericht 1.pdf', type: 'application/pdf' })
    expect(stored.status).toBe(201)
    const id = String(stored.at('result', 'sys_id'))
    expect(stored.headers.get('location')).toBe(`${sandbox.url}${ATTACHMENT}/${id}/file`)
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

  it('stores a multipart body as it is', async () => {
    await start()
    const body =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="r.json"\r\n\r\n{}\r\n--b--\r\n'
    const stored = await upload(body, { type: 'multipart/form-data; boundary=b' })
    expect([stored.status, stored.at('result', 'size_bytes')]).toEqual([201, String(body.length)])
  })

  it('with the same file name makes a second attachment', async () => {
    await start()
    await upload('{}')
    await upload('{}')
    expect(sandbox.attachments(change).map(file => file.name)).toEqual(['report.json', 'report.json'])
  })

  it('requires all parameters, a media type and an existing record', async () => {
    await start()
    const { send } = as(sandbox)
    const missing = await send('POST', `${ATTACHMENT}/file?table_name=change_request`, { body: 'x' })
    expect(missing.status).toBe(400)
    expect(missing.at('error', 'detail')).toContain('table_sys_id, file_name')
    expect((await send('POST', uploadPath(change, 'a.txt'), { body: Buffer.from('x') })).status).toBe(415)
    expect((await uploadFile(sandbox, '0'.repeat(32), 'x')).status).toBe(404)
  })

  it('requires write access to the record', async () => {
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

describe('a form upload', () => {
  function sendForm(parts: readonly [string, string | Blob][]): Promise<TestResponse> {
    const body = new FormData()
    for (const [name, value] of parts) {
      if (typeof value === 'string') body.append(name, value)
      else body.append(name, value, 'say "hi".bin')
    }
    return as(sandbox).send('POST', `${ATTACHMENT}/upload`, { body })
  }
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255])
  const file = new Blob([bytes], { type: 'application/x-thing' })

  it('stores the last part', async () => {
    await start()
    const stored = await sendForm([
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

  it('is refused with parts in another order, without parameters, or with another media type', async () => {
    await start()
    const fileFirst = await sendForm([
      ['uploadFile', file],
      ['table_name', 'change_request'],
      ['table_sys_id', change]
    ])
    expect(fileFirst.status).toBe(400)
    const fileOnly = await sendForm([['uploadFile', file]])
    expect(fileOnly.at('error', 'detail')).toContain('table_name, table_sys_id')
    expect((await as(sandbox).post(`${ATTACHMENT}/upload`, {})).status).toBe(415)
    const withoutBoundary = { 'content-type': 'multipart/form-data' }
    expect((await as(sandbox).post(`${ATTACHMENT}/upload`, 'x', withoutBoundary)).status).toBe(400)
  })
})

describe('limits', () => {
  it.each<[string, SandboxOptions, number, FileOptions & { bytes?: string }]>([
    ['size', { attachmentMaxBytes: 4 }, 413, { bytes: '12345' }],
    ['empty files', { refuseEmptyAttachments: true }, 400, { bytes: '' }],
    ['extension', { attachmentExtensions: ['pdf'] }, 403, {}],
    ['file name', { attachmentFileNameValidation: true }, 403, { name: 'results.sarif.json' }],
    ['media type', { attachmentMimeValidation: true }, 403, { type: 'text/plain' }]
  ])(
    'of %s refuse an upload when they are enabled',
    async (_what, options, status, { bytes = '{}', ...file }) => {
      await start(options)
      expect((await upload(bytes, file)).status).toBe(status)
      expect(sandbox.attachments(change)).toEqual([])
      await sandbox.stop()
      await start()
      expect((await upload(bytes, file)).status).toBe(201)
    }
  )

  it('of size apply to a body without Content-Length, and a response is sent', async () => {
    await start({ attachmentMaxBytes: 100_000 })
    const chunk = Buffer.alloc(50_000, 'x')
    const body = Readable.from(Array.from({ length: 20 }, () => chunk))
    const refused = await as(sandbox).send('POST', uploadPath(change, 'a.txt'), {
      headers: { 'content-type': 'text/plain' },
      body: body as unknown as ReadableStream,
      duplex: 'half'
    } as RequestInit)
    expect([refused.status, refused.at('error', 'detail')]).toEqual([413, 'Max allowed: 100000 bytes.'])
    expect(sandbox.attachments(change)).toEqual([])
  })

  it('cut a name that is too long, without an error', async () => {
    await start({ attachmentNameMaxLength: 8 })
    const stored = await upload('{}', { name: 'evidence.json' })
    expect([stored.status, stored.at('result', 'file_name')]).toEqual([201, 'evidence'])
  })

  it('accept an upload within all of them', async () => {
    await start({
      attachmentMaxBytes: 4,
      attachmentExtensions: ['JSON'],
      attachmentFileNameValidation: true,
      attachmentMimeValidation: true
    })
    expect((await upload('{}')).status).toBe(201)
  })
})
