/** No test reaches another host: a mistake must not become a request to somebody's instance. */
import { Socket } from 'node:net'
import { afterAll, beforeAll } from '@jest/globals'

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const { connect } = Socket.prototype

function guarded(this: Socket, ...args: unknown[]): Socket {
  const [first] = (Array.isArray(args[0]) ? args[0] : args) as unknown[]
  const { host, path } = (typeof first === 'object' && first !== null ? first : { host: args[1] }) as {
    host?: unknown
    path?: unknown
  }
  if (typeof path === 'string' || host === undefined || LOOPBACK.test(String(host)))
    return Reflect.apply(connect, this, args)
  throw new Error(`a test tried to reach ${String(host)}`)
}

beforeAll(() => {
  Socket.prototype.connect = guarded as typeof connect
})
afterAll(() => {
  Socket.prototype.connect = connect
})
