import { readFileSync } from 'node:fs'
import { type Credentials, parseInstance } from '@change-actions/servicenow-client'
import { boolean, integer, oneOf, text } from '../inputs/scalars.ts'
import { duration } from '../inputs/time.ts'
import type { Env } from '../step/runtime.ts'

/** The inputs every action shares: where the instance is and how to sign in. */
export const connectionInputs = {
  instance: text({ env: 'SERVICENOW_INSTANCE' }),
  clientId: text(),
  clientSecret: text({ secret: true }),
  username: text(),
  password: text({ secret: true }),
  token: text({ secret: true }),
  apiKey: text({ secret: true }),
  clientCertificate: text({ env: 'SERVICENOW_CLIENT_CERTIFICATE' }),
  clientKey: text({ env: 'SERVICENOW_CLIENT_KEY', secret: true }),
  clientKeyPassphrase: text({ env: 'SERVICENOW_CLIENT_KEY_PASSPHRASE', secret: true }),
  caCertificate: text({ env: 'SERVICENOW_CA_CERTIFICATE' }),
  api: oneOf(['change-management', 'table'], { default: 'change-management', env: 'SERVICENOW_API' }),
  requestTimeout: duration({ default: '30s', min: '1s', max: '1h' }),
  maxRetries: integer({ default: 4, min: 0, max: 20 }),
  dryRun: boolean({ default: false })
} as const

/** What the rules below look at: the values that were right by themselves. */
export interface ConnectionValues {
  readonly instance?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  readonly apiKey?: string | undefined
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly clientKeyPassphrase?: string | undefined
  readonly caCertificate?: string | undefined
}

/** Everything that is wrong with the connection inputs, found before the first request. */
export function connectionProblems(values: ConnectionValues, env: Env): string[] {
  return [
    ...instanceProblems(values),
    ...readCredentials(values, env).problems,
    ...certificateProblems(values)
  ]
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
    return [`\`instance\` ${(error as Error).message}`]
  }
}

interface Parts {
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  readonly apiKey?: string | undefined
}

const NAMES = {
  clientId: 'client-id',
  clientSecret: 'client-secret',
  username: 'username',
  password: 'password',
  token: 'token',
  apiKey: 'api-key'
} as const

/** The environment variable behind a credential input, `SERVICENOW_CLIENT_SECRET`. */
function variable(key: keyof typeof NAMES): string {
  return `SERVICENOW_${NAMES[key].toUpperCase().replaceAll('-', '_')}`
}

/**
 * The credentials to use. Those given as inputs replace those of the environment as a whole set, so that half of
 * one account is never mixed with half of another.
 */
export function readCredentials(
  values: ConnectionValues,
  env: Env
): { credentials?: Credentials; problems: string[] } {
  const keys = Object.keys(NAMES) as (keyof typeof NAMES)[]
  const asInputs = keys.some(key => values[key] !== undefined)
  const parts: Parts = asInputs
    ? values
    : Object.fromEntries(keys.map(key => [key, env[variable(key)]?.trim() || undefined]))
  const name = (key: keyof typeof NAMES) => (asInputs ? `\`${NAMES[key]}\`` : variable(key))
  const missing = halves(parts).map(([there, not]) => `${name(there)} is given without ${name(not)}`)
  if (missing.length > 0) return { problems: missing }
  const sets = completeSets(parts)
  const [only] = sets
  if (sets.length === 1 && only !== undefined) return { credentials: only, problems: [] }
  if (sets.length > 1) {
    const found = sets.map(set => LABELS[set.scheme]).join(' and ')
    return { problems: [`Several sets of credentials are given: ${found}. Give one of them`] }
  }
  return {
    problems: [
      'No credentials are given: give `client-id` and `client-secret` (recommended), `username` and `password`, `token` or `api-key`, or set SERVICENOW_CLIENT_ID, …'
    ]
  }
}

/** Every secret among the credentials of the environment: masked even when inputs replace them. */
export function environmentSecrets(env: Env): string[] {
  return (['clientSecret', 'password', 'token', 'apiKey'] as const).flatMap(
    key => env[variable(key)]?.trim() || []
  )
}

const LABELS = {
  'oauth-client-credentials': '`client-id` and `client-secret` (OAuth)',
  'oauth-password': '`client-id`, `client-secret`, `username` and `password` (OAuth password grant)',
  basic: '`username` and `password` (Basic)',
  bearer: '`token`',
  'api-key': '`api-key`'
} as const satisfies Record<Credentials['scheme'], string>

const PAIRS = [
  ['clientId', 'clientSecret'],
  ['clientSecret', 'clientId'],
  ['username', 'password'],
  ['password', 'username']
] as const

function halves(parts: Parts) {
  return PAIRS.filter(([there, not]) => parts[there] !== undefined && parts[not] === undefined)
}

function completeSets(parts: Parts): Credentials[] {
  const { clientId, clientSecret, username, password, token, apiKey } = parts
  const oauth = clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret } : undefined
  const user = username !== undefined && password !== undefined ? { username, password } : undefined
  const sets: Credentials[] = []
  if (oauth && user) sets.push({ scheme: 'oauth-password', ...oauth, ...user })
  else if (oauth) sets.push({ scheme: 'oauth-client-credentials', ...oauth })
  else if (user) sets.push({ scheme: 'basic', ...user })
  if (token !== undefined) sets.push({ scheme: 'bearer', token })
  if (apiKey !== undefined) sets.push({ scheme: 'api-key', apiKey })
  return sets
}

function certificateProblems(values: ConnectionValues): string[] {
  const problems: string[] = []
  if (values.clientCertificate !== undefined && values.clientKey === undefined)
    problems.push('`client-certificate` is given without `client-key`')
  if (values.clientKey !== undefined && values.clientCertificate === undefined)
    problems.push('`client-key` is given without `client-certificate`')
  for (const [name, value] of [
    ['client-certificate', values.clientCertificate],
    ['client-key', values.clientKey],
    ['ca-certificate', values.caCertificate]
  ] as const) {
    if (value !== undefined && readPem(value) === undefined)
      problems.push(`\`${name}\` is neither PEM text (-----BEGIN …) nor the path of a readable PEM file`)
  }
  return problems
}

/** PEM text, given as such or as the path of a file; undefined when it is neither. */
export function readPem(textOrPath: string): string | undefined {
  if (textOrPath.includes('-----BEGIN ')) return textOrPath
  try {
    const content = readFileSync(textOrPath, 'utf8')
    return content.includes('-----BEGIN ') ? content : undefined
  } catch {
    return undefined
  }
}
