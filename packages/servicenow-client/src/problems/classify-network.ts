import type { NoTunnel } from '../http/tunnel-agent.ts'
import { type ClientProblem, clientProblem } from './codes.ts'

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA'])
const TLS = /^(?:CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/
const LOOPBACK = /^(?:localhost|127\.|\[::1\])/
const CLIENT_CERTIFICATE =
  /alert (?:bad certificate|certificate required|unknown ca|handshake failure|certificate unknown)/i

/**
 * The problem of an attempt that got no response: name resolution, connection, TLS, proxy, a response that
 * was cut, or a file that changed.
 *
 * @param host of the instance, with its port where it has one
 */
export function problemOfNetwork(cause: unknown, operation: string, host: string): ClientProblem {
  const error = errorOf(cause)
  const code = String(error.code ?? '')
  const facts = { operation, message: `${host}: ${error.message}` }
  if (error.name === 'CutShort')
    return clientProblem('truncated', { ...facts, status: 'connection' }, { cause: error })
  if (error.name === 'BodyFault')
    return clientProblem('file', { operation, message: error.message }, { cause: error })
  if (error.name === 'NoTunnel') {
    const { temporary } = error as unknown as NoTunnel
    return clientProblem(temporary ? 'proxy-down' : 'proxy', { ...facts, status: 'proxy' }, { cause: error })
  }
  if (code === 'EAI_AGAIN') return clientProblem('dns-down', { ...facts, status: 'DNS' }, { cause: error })
  if (DNS.has(code)) return clientProblem('dns', { ...facts, status: 'DNS' }, { cause: error })
  if (code === 'ECONNREFUSED') {
    const loopback = LOOPBACK.test(host)
    return clientProblem('refused', { ...facts, loopback, status: 'connection' }, { cause: error })
  }
  // OpenSSL could not use what was given: a wrong passphrase, a key that does not match, text that is not PEM.
  if (CLIENT_CERTIFICATE.test(error.message) || code.startsWith('ERR_OSSL'))
    return clientProblem('client-certificate', { ...facts, status: 'TLS' }, { cause: error })
  if (TLS.test(code) || /certificate|self.signed/i.test(error.message))
    return clientProblem('tls', { ...facts, status: 'TLS' }, { cause: error })
  return clientProblem('connection', { ...facts, status: 'connection' }, { cause: error })
}

/** By shape, because an error of another realm is not an instance of this Error. */
function errorOf(cause: unknown): NodeJS.ErrnoException {
  const shaped = typeof cause === 'object' && cause !== null && 'message' in cause
  return shaped ? (cause as NodeJS.ErrnoException) : new Error(String(cause))
}
