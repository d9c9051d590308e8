/** The process of a server that sends the same JSON for every request: `node bare-server.ts JSON`. It ends with its parent. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResultMessage } from './messages.ts'

const body = Buffer.from(process.argv[2] ?? '')
const server = createServer((_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  const ready = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  process.send?.({ ready } satisfies ResultMessage)
})
process.once('disconnect', () => process.exit())
