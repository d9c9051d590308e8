import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { World } from '../scenario.ts'

export interface Webhook {
  readonly url: string
  readonly received: { readonly path: string; readonly type: string; readonly body: string }[]
}

/** A server like Slack's, which records the messages. */
export async function startWebhook({ atEnd }: World, status = 200): Promise<Webhook> {
  const received: Webhook['received'] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    received.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', body })
    response.writeHead(status).end('ok')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/hook-secret`,
    received
  }
}
