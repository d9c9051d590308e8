import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { ATTACHMENT, as, type FileOptions, newChange, uploadFile, uploadPath } from '../testing/caller.ts'

let sandbox: Sandbox
let change: string

async function start(): Promise<void> {
  sandbox = await startSandbox()
  change = await newChange(sandbox)
}

afterEach(() => sandbox.stop())

const upload = (bytes: Buffer | string, options: FileOptions = {}) =>
  uploadFile(sandbox, change, bytes, options)

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe('attachments', () => {
  it('are listed by query, with a total, for accounts that may read the record', async () => {
    await start()
    await upload('1', { name: 'a.txt', type: 'text/plain' })
    await upload('2', { name: 'b.txt', type: 'text/plain' })
    const other = await newChange(sandbox)
    await uploadFile(sandbox, other, '3', { name: 'a.txt', type: 'text/plain' })
    const query = `sysparm_query=table_sys_id=${change}^file_name=a.txt`
    const found = await as(sandbox).get(`${ATTACHMENT}?${query}`)
    expect([found.at('result', 'length'), found.headers.get('x-total-count')]).toEqual([1, '1'])
    expect(found.at('result', 0, 'file_name')).toBe('a.txt')
    const byName = await as(sandbox).get(`${ATTACHMENT}?table_name=change_request&table_sys_id=${change}`)
    expect(byName.at('result', 'length')).toBe(2)
    const hidden = await as(sandbox, 'no.roles').get(`${ATTACHMENT}?${query}`)
    expect(hidden.at('result')).toEqual([])
  })

  it('are read and deleted by sys_id', async () => {
    await start()
    const id = (await upload('{}')).at('result', 'sys_id')
    expect((await as(sandbox).get(`${ATTACHMENT}/${id}`)).at('result', 'size_bytes')).toBe('2')
    expect((await as(sandbox, 'gha.reader').send('DELETE', `${ATTACHMENT}/${id}`)).status).toBe(403)
    const deleted = await as(sandbox).send('DELETE', `${ATTACHMENT}/${id}`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await as(sandbox).get(`${ATTACHMENT}/${id}`)).status).toBe(404)
  })
})

describe('a large file', () => {
  const bytes = randomBytes(5_000_000)
  const file = (id: unknown) => `${sandbox.url}${ATTACHMENT}/${id}/file`
  const headers = { 'x-sn-apikey': 'sandbox-api-key' }

  it('is downloaded as it was uploaded', async () => {
    await start()
    const stored = await upload(bytes, { name: 'a.bin', type: 'application/octet-stream' })
    expect(stored.at('result')).toMatchObject({ size_bytes: '5000000', hash: sha256(bytes) })
    const response = await fetch(file(stored.at('result', 'sys_id')), { headers })
    expect(response.headers.get('content-length')).toBe('5000000')
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(bytes))
  })

  it('is affected by faults', async () => {
    await start()
    const id = (await upload(bytes)).at('result', 'sys_id')
    sandbox.fault({ kind: 'truncated', path: '/file' })
    await expect(fetch(file(id), { headers }).then(response => response.arrayBuffer())).rejects.toThrow()
    sandbox.fault({ kind: 'malformed-json', path: '/file' })
    const shortened = await (await fetch(file(id), { headers })).arrayBuffer()
    expect(shortened.byteLength).toBe(3_333_333)
  })

  it('is not stored when the connection ends during the upload', async () => {
    await start()
    const sending = httpRequest(`${sandbox.url}${uploadPath(change, 'a.bin')}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/octet-stream', 'content-length': 5_000_000 }
    })
    // Node emits an error on the side that destroys the connection.
    sending.on('error', () => {})
    const ended = new Promise(resolve => sending.on('close', resolve))
    sending.write(bytes.subarray(0, 2_000_000), () => sending.destroy())
    await ended
    await upload('{}', { name: 'next.json' })
    expect(sandbox.attachments(change).map(one => one.name)).toEqual(['next.json'])
  })
})
