/** What the environment says of the connection, and what goes into queries. */
import { generateKeyPairSync } from 'node:crypto'
import {
  Problem,
  ProxyVariableError,
  parseApiPath,
  parseInstance,
  proxyOf,
  Query
} from '@change-actions/servicenow-client'
import { keyFault, readPem } from '../../../packages/github-actions/src/connection/pem.ts'
import { mutated, pick } from '../mutate.ts'
import type { Target } from '../target.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' }
})
const PEMS = [
  privateKey,
  privateKey.replaceAll('\n', '\\n'),
  `${publicKey}\r\n${privateKey}`,
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----'
]
const PROXIES = ['http://user:p%40ss@proxy.example:8080', 'proxy:1', 'https://[::1]:3128/', 'socks5://x']
const NO_PROXIES = ['*.acme.example, .x, 10.0.0.0/8 [::1]:443', '*', 'a*b*c*.example:443', 'fe80::/10']
const INSTANCES = ['acme', 'acme.service-now.com', 'https://change.acme.example', 'http://[::1]:8080']
const VALUES = ['DevOps Team', 'gha-0123', 'a,b', 'javascript:gs.getUserName()', 'x^ORy=z', ' x']

const plainError = (error: unknown): boolean => error instanceof Error && error.constructor === Error

export const connectionTargets: readonly Target[] = [
  {
    name: 'connection: PEM',
    run(random) {
      const read = readPem(mutated(PEMS, random), pick(random, ['certificate', 'private key'] as const))
      if ('pem' in read)
        keyFault(read.pem, pick(random, [undefined, 'x']), pick(random, [undefined, read.pem]))
    }
  },
  {
    name: 'connection: proxy variables',
    run: random =>
      proxyOf('https://acme.service-now.com', {
        https_proxy: mutated(PROXIES, random),
        no_proxy: mutated(NO_PROXIES, random)
      }),
    declared: error => error instanceof ProxyVariableError
  },
  {
    name: 'connection: instance',
    run: random => parseInstance(mutated(INSTANCES, random)),
    declared: plainError
  },
  {
    name: 'connection: api-path',
    run: random => parseApiPath(mutated(['itsm/prod', '/', 'a//b/..'], random)),
    declared: plainError
  },
  {
    name: 'connection: encoded query',
    run(random) {
      const value = mutated(VALUES, random)
      const query = new Query().is('name', value).in('state', [value]).contains(['short_description'], value)
      if (query.toString().split('^').length !== 3)
        throw new Error(`another term came of ${JSON.stringify(value)}`)
      query.accepts({ name: { value: mutated(VALUES, random), display: value } })
    },
    declared: error => error instanceof Problem
  }
]
