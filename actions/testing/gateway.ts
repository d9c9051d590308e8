/** A gateway in front of an instance: it serves the APIs below a path, in its own way. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'

export interface Gateway {
  readonly url: string
  /** Method and path of each request, as it came. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/**
 * Hands on what comes below the path, without it, and compresses the responses. It knows the Change Management API
 * without a version alone; for everything else it has a page.
 */
export async function startGateway(instance: string, path: string): Promise<Gateway> {
  const requests: string[] = []
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    requests.push(`${method} ${url.replace(/\?.*/, '')}`)
    const body = await buffer(incoming)
    if (!url.startsWith(`${path}/`) || url.includes('/sn_chg_rest/v1/')) {
      outgoing.writeHead(404, { 'Content-Type': 'text/html' }).end('<title>No such route</title>')
      return
    }
    const onward = request(`${instance}${url.slice(path.length)}`, { method, headers })
    onward.on('response', async response => {
      const packed = gzipSync(await buffer(response))
      const { 'transfer-encoding': _, ...rest } = response.headers
      outgoing.writeHead(response.statusCode ?? 0, {
        ...rest,
        'content-encoding': 'gzip',
        'content-length': String(packed.length)
      })
      outgoing.end(packed)
    })
    onward.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
