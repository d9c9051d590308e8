import { Readable } from 'node:stream'
import { createSandbox, type FaultSpec, type InProcessSandbox } from '@change-actions/sandbox'
import { AttemptTimeout, CutShort, type WireRequest } from '@change-actions/servicenow-client'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type SandboxTransport, transportTo } from './transport.ts'

let sandbox: InProcessSandbox
let transport: SandboxTransport

beforeEach(() => {
  sandbox = createSandbox()
  transport = transportTo(sandbox)
})

afterEach(() => sandbox.stop())

const REQUEST: WireRequest = {
  method: 'GET',
  url: 'https://acme.service-now.com/api/now/table/change_request',
  headers: { 'X-sn-apikey': 'sandbox-api-key', Accept: 'application/json' },
  timeoutMs: 1_000
}
const rejection = (fault: FaultSpec) => {
  sandbox.fault(fault)
  return transport.send(REQUEST).catch((error: unknown) => error)
}

describe('the transport to a sandbox', () => {
  it('brings a response with header names in lower case', async () => {
    const response = await transport.send(REQUEST)
    expect(response).toMatchObject({ status: 200, text: '{"result":[]}' })
    expect(response.headers).toMatchObject({ 'x-total-count': '0', date: expect.stringContaining('GMT') })
  })

  it('reads a body that is streamed', async () => {
    const sysId = sandbox.insert('change_request', {})
    const query = `table_name=change_request&table_sys_id=${sysId}&file_name=a.txt`
    await transport.send({
      ...REQUEST,
      method: 'POST',
      url: `https://acme.service-now.com/api/now/attachment/file?${query}`,
      headers: { ...REQUEST.headers, 'Content-Type': 'text/plain' },
      body: { size: 4, open: () => Readable.from([Buffer.from('ab'), Buffer.from('cd')]) }
    })
    expect(sandbox.attachments(sysId).map(one => String(one.bytes))).toEqual(['abcd'])
  })

  it('fails as a connection does', async () => {
    expect(await rejection({ kind: 'reset' })).toMatchObject({ code: 'ECONNRESET' })
    expect(await rejection({ kind: 'no-answer' })).toBeInstanceOf(AttemptTimeout)
    expect(await rejection({ kind: 'truncated' })).toBeInstanceOf(CutShort)
    expect(await rejection({ kind: 'slow-drip', everyMs: 100 })).toBeInstanceOf(AttemptTimeout)
    expect(await rejection({ kind: 'slow-drip', everyMs: 10 })).toMatchObject({ status: 200 })
  })

  it('fails before a request reaches the instance, once for each error', async () => {
    transport.cut(new Error('first'), new Error('second'))
    await expect(transport.send(REQUEST)).rejects.toThrow('first')
    await expect(transport.send(REQUEST)).rejects.toThrow('second')
    expect((await transport.send(REQUEST)).status).toBe(200)
    expect(sandbox.requests).toHaveLength(1)
  })
})
