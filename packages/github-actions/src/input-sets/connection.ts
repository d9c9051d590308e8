import { type Credentials, parseInstance } from '@change-actions/servicenow-client'
import { type ConnectionValues, credentialSets, readPem } from '../connection/credentials.ts'
import { messageOf } from '../errors.ts'
import { inputMeta, kebab, type Meta } from '../inputs/field.ts'
import { boolean, integer, oneOf, text } from '../inputs/scalars.ts'
import type { Source } from '../inputs/source.ts'
import { duration } from '../inputs/time.ts'

/** Half of one account must never be mixed with half of another. */
const credential = (env: string, meta: Meta = {}) => text({ env, group: 'credentials', ...meta })

/** The inputs of every action: where the instance is and how to sign in. */
export const connectionInputs = {
  instance: text({ env: 'SERVICENOW_INSTANCE' }),
  clientId: credential('SERVICENOW_CLIENT_ID'),
  clientSecret: credential('SERVICENOW_CLIENT_SECRET', { secret: true }),
  username: credential('SERVICENOW_USERNAME'),
  password: credential('SERVICENOW_PASSWORD', { secret: true }),
  token: credential('SERVICENOW_TOKEN', { secret: true }),
  apiKey: credential('SERVICENOW_API_KEY', { secret: true }),
  clientCertificate: text({ env: 'SERVICENOW_CLIENT_CERTIFICATE', transient: true }),
  clientKey: text({ env: 'SERVICENOW_CLIENT_KEY', secret: true }),
  clientKeyPassphrase: text({ env: 'SERVICENOW_CLIENT_KEY_PASSPHRASE', secret: true }),
  caCertificate: text({ env: 'SERVICENOW_CA_CERTIFICATE', transient: true }),
  api: oneOf(['change-management', 'table'], { default: 'change-management', env: 'SERVICENOW_API' }),
  requestTimeout: duration({ default: '30s', min: '1s', max: '1h' }),
  maxRetries: integer({ default: 4, min: 0, max: 20 }),
  dryRun: boolean({ default: false })
} as const

const CREDENTIALS = ['clientId', 'clientSecret', 'username', 'password', 'token', 'apiKey'] as const

type CredentialKey = (typeof CREDENTIALS)[number]

/** Where the credentials came from. */
interface Given {
  readonly sources: { readonly [K in CredentialKey]: Source }
}

/** What is wrong with the connection inputs, each being right by itself; found before the first request. */
export function connectionProblems(values: ConnectionValues, given: Given): string[] {
  return [...instanceProblems(values), ...credentialProblems(values, given), ...certificateProblems(values)]
}

function instanceProblems({ instance }: ConnectionValues): string[] {
  if (instance === undefined) {
    return [
      '`instance` is required: give it (acme, acme.service-now.com or an https origin), or set SERVICENOW_INSTANCE'
    ]
  }
  try {
    parseInstance(instance)
    return []
  } catch (error) {
    return [`\`instance\` ${messageOf(error)}`]
  }
}

const PAIRS = [
  ['clientId', 'clientSecret'],
  ['clientSecret', 'clientId'],
  ['username', 'password'],
  ['password', 'username']
] as const

const SET_NAMES = {
  'oauth-client-credentials': '`client-id` and `client-secret` (OAuth)',
  'oauth-password': '`client-id`, `client-secret`, `username` and `password` (OAuth password grant)',
  basic: '`username` and `password` (Basic)',
  bearer: '`token`',
  'api-key': '`api-key`'
} as const satisfies Record<Credentials['scheme'], string>

function credentialProblems(values: ConnectionValues, { sources }: Given): string[] {
  // One group: all of them come from the environment, or none.
  const fromEnvironment = CREDENTIALS.some(key => sources[key].kind === 'environment')
  const name = (key: CredentialKey) =>
    fromEnvironment ? inputMeta(connectionInputs[key]).env : `\`${kebab(key)}\``
  const halves = PAIRS.filter(([there, not]) => values[there] !== undefined && values[not] === undefined)
  if (halves.length > 0) return halves.map(([there, not]) => `${name(there)} is given without ${name(not)}`)
  const sets = credentialSets(values)
  if (sets.length === 1) return []
  if (sets.length > 1) {
    const found = sets.map(set => SET_NAMES[set.scheme]).join(' and ')
    return [`Several sets of credentials are given: ${found}. Give one of them`]
  }
  return [
    'No credentials are given: give `client-id` and `client-secret` (recommended), `username` and `password`, `token` or `api-key`, or set SERVICENOW_CLIENT_ID, …'
  ]
}

function certificateProblems(values: ConnectionValues): string[] {
  const { clientCertificate, clientKey, caCertificate } = values
  const problems: string[] = []
  if (clientCertificate !== undefined && clientKey === undefined)
    problems.push('`client-certificate` is given without `client-key`')
  if (clientKey !== undefined && clientCertificate === undefined)
    problems.push('`client-key` is given without `client-certificate`')
  for (const [name, value] of [
    ['client-certificate', clientCertificate],
    ['client-key', clientKey],
    ['ca-certificate', caCertificate]
  ] as const) {
    if (value !== undefined && readPem(value) === undefined)
      problems.push(`\`${name}\` is neither PEM text (-----BEGIN …) nor the path of a readable PEM file`)
  }
  return problems
}
