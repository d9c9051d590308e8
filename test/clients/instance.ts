import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createServer } from 'node:tls'
import type { Pair } from '../../packages/servicenow-client/src/testing/certificates.ts'

const SANDBOX = join(import.meta.dirname, '../../dist/sandbox/index.js')

/** A running sandbox; most clients speak TLS only. */
export interface Instance {
  readonly http: string
  readonly https: string
  stop(): Promise<void>
}

/** Starts the bundled sandbox with the data of a new instance, and TLS in front of it. */
export async function startInstance(certificate: Pair): Promise<Instance> {
  const child = spawn(process.execPath, [SANDBOX, '--port', '0', '--seed', 'stock'], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(child, 'exit')
  const http = await readyUrl(child.stdout)
  const front = await startFront(certificate, Number(new URL(http).port))
  return {
    http,
    https: `https://127.0.0.1:${front.port}`,
    async stop() {
      front.stop()
      child.kill()
      await exited
    }
  }
}

async function readyUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    if (line.startsWith('ready ')) return line.slice('ready '.length)
  }
  throw new Error('The sandbox ended before it was ready.')
}

/** Ends TLS and passes on the bytes. */
async function startFront({ key, cert }: Pair, port: number): Promise<{ port: number; stop(): void }> {
  const open = new Set<Socket>()
  const server = createServer({ key, cert }, secure => {
    const plain = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [secure, plain],
      [plain, secure]
    ] as const) {
      open.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close()
      for (const socket of open) socket.destroy()
    }
  }
}
