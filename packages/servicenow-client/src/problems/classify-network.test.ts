import { describe, expect, it } from '@jest/globals'
import { NoTunnel } from '../http/tunnel-agent.ts'
import { problemOfNetwork } from './classify-network.ts'
import type { ClientCode, ClientProblem, RefusedFacts } from './codes.ts'

const OPERATION = 'updating the change CHG0030001'
const HOST = 'acme.service-now.com'

function broken(message: string, code?: string, name = 'Error'): ClientProblem {
  const error = Object.assign(new Error(message), { name, ...(code && { code }) })
  return problemOfNetwork(error, OPERATION, HOST)
}

function noTunnel(message: string, temporary: boolean): ClientProblem {
  return problemOfNetwork(new NoTunnel(message, temporary), OPERATION, HOST)
}

const factsOf = (problem: ClientProblem) => problem.facts as RefusedFacts

describe('a network error', () => {
  it.each<[string, ClientProblem, ClientCode, string]>([
    ['wrong name', broken('getaddrinfo ENOTFOUND acme.service-now.com', 'ENOTFOUND'), 'dns', 'DNS'],
    ['name server busy', broken('getaddrinfo EAI_AGAIN acme', 'EAI_AGAIN'), 'dns-down', 'DNS'],
    ['no such name', broken('getaddrinfo EAI_NONAME acme', 'EAI_NONAME'), 'dns', 'DNS'],
    ['no address', broken('getaddrinfo EAI_NODATA acme', 'EAI_NODATA'), 'dns', 'DNS'],
    ['nothing listens', broken('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'), 'refused', 'connection'],
    ['reset', broken('read ECONNRESET', 'ECONNRESET'), 'connection', 'connection'],
    ['hung up', broken('socket hang up', 'ECONNRESET'), 'connection', 'connection'],
    ['cut', broken('aborted', 'ECONNRESET', 'CutShort'), 'truncated', 'connection'],
    ['self-signed', broken('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', 'TLS'],
    ['expired', broken('certificate has expired', 'CERT_HAS_EXPIRED'), 'tls', 'TLS'],
    [
      'a host name with "proxy" in it',
      broken("Host: proxy.acme. is not in the cert's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID'),
      'tls',
      'TLS'
    ],
    [
      'unknown name with "proxy" in it',
      broken('getaddrinfo ENOTFOUND sn-proxy.acme', 'ENOTFOUND'),
      'dns',
      'DNS'
    ],
    [
      'client certificate required',
      broken(
        'SSL alert number 116: tlsv13 alert certificate required',
        'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'
      ),
      'client-certificate',
      'TLS'
    ],
    ['wrong passphrase', broken('bad decrypt', 'ERR_OSSL_BAD_DECRYPT'), 'client-certificate', 'TLS'],
    [
      'proxy requires credentials',
      noTunnel('the proxy 10.0.0.1:3128 responded to CONNECT with 407', false),
      'proxy',
      'proxy'
    ],
    [
      'proxy unknown',
      noTunnel('the proxy proxy:3128 cannot be reached: getaddrinfo ENOTFOUND proxy', false),
      'proxy',
      'proxy'
    ],
    [
      'proxy busy',
      noTunnel('the proxy 10.0.0.1:3128 responded to CONNECT with 503', true),
      'proxy-down',
      'proxy'
    ],
    [
      'proxy down',
      noTunnel('the proxy 10.0.0.1:3128 cannot be reached: connect ECONNREFUSED 10.0.0.1:3128', true),
      'proxy-down',
      'proxy'
    ]
  ])('%s', (_, problem, code, layer) => {
    const { message } = problem.cause as Error
    expect(problem).toMatchObject({
      code,
      facts: { operation: OPERATION, status: layer, message: `${HOST}: ${message}` }
    })
    expect(problem.retry.afterMs).toBeUndefined()
  })

  it('of a file that changed names the file, not the instance', () => {
    const message = '10 bytes were announced, and 5 were there'
    const problem = broken(message, undefined, 'BodyFault')
    expect(problem).toMatchObject({ code: 'file', retry: { temporary: false }, committed: 'no' })
    expect(problem.facts).toEqual({ operation: OPERATION, message })
  })

  it.each([
    ['localhost:3000', true],
    ['127.0.0.1:3000', true],
    ['127.255.0.9', true],
    ['[::1]:3000', true],
    ['acme.service-now.com', false],
    ['10.0.0.1:3000', false],
    ['[2001:db8::1]', false]
  ])('of a refused connection says whether %s is this machine: %s', (host, loopback) => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const problem = problemOfNetwork(error, OPERATION, host)
    expect(problem).toMatchObject({ code: 'refused', facts: { loopback } })
  })

  it('may be anything that was thrown', () => {
    const text = problemOfNetwork('what?', OPERATION, 'acme')
    expect(text.code).toBe('connection')
    expect(factsOf(text).message).toBe('acme: what?')
    expect(problemOfNetwork(undefined, OPERATION, 'acme').code).toBe('connection')
  })
})
