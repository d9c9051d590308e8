import { readFile } from 'node:fs/promises'
import { nodeTransport, type Transport } from '@change-actions/servicenow-client'
import type { Post } from '@change-actions/telemetry'
import { VERSION } from '../product.ts'

/** Sends through the client's transport: the same proxies, certificates and time-outs, and no redirect is followed. */
export function createPost(): { readonly post: Post; close(): void } {
  const transports: Transport[] = []
  return {
    async post({ url, timeoutMs, ca, cert, key }, headers, body) {
      const pem = (path: string | undefined) => (path === undefined ? undefined : readFile(path, 'utf8'))
      const tls = { ca: await pem(ca), cert: await pem(cert), key: await pem(key) }
      const transport = nodeTransport(new URL(url).origin, tls, timeoutMs)
      transports.push(transport)
      const sent = { ...headers, 'user-agent': `change-actions-servicenow/${VERSION}` }
      return transport.send({ method: 'POST', url, headers: sent, body, timeoutMs })
    },
    close() {
      for (const transport of transports) void transport.close()
    }
  }
}
