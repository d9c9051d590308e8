import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

export interface ConnectProxy {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  /** What was asked of it: the target of each CONNECT, with its `proxy-authorization`. */
  readonly tunnels: readonly { readonly target: string; readonly authorization: string | undefined }[]
  close(): void
}

/**
 * A proxy on loopback that opens tunnels to one port of this machine, whatever host they are for, so that a test can
 * use a name that is not of this machine.
 *
 * @param status what it responds to CONNECT
 */
export async function connectProxy(port: number, status = 200): Promise<ConnectProxy> {
  const tunnels: { target: string; authorization: string | undefined }[] = []
  const server = createServer((_, response) => response.writeHead(500).end())
  server.on('connect', (request, socket, head) => {
    tunnels.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] })
    socket.on('error', () => undefined)
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) target.write(head)
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('close', () => target.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { origin, tunnels, close }
}
