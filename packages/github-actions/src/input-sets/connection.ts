import { ProxyVariableError, parseApiPath, parseInstance, proxyOf } from '@change-actions/servicenow-client'
import type { ConnectionValues } from '../connection/credentials.ts'
import { identityTokenProblems } from '../connection/identity-token.ts'
import { messageOf } from '../errors.ts'
import { boolean, integer, oneOf, text } from '../inputs/scalars.ts'
import { duration } from '../inputs/time.ts'
import type { Env } from '../step/runtime.ts'
import { certificateProblems } from './certificates.ts'
import { type CredentialSources, credentialInputs, credentialProblems } from './credentials.ts'

/** The inputs of every action: where the instance is and how to sign in. */
export const connectionInputs = {
  instance: text({ env: 'SERVICENOW_INSTANCE' }),
  ...credentialInputs,
  clientCertificate: text({ env: 'SERVICENOW_CLIENT_CERTIFICATE', transient: true }),
  clientKey: text({ env: 'SERVICENOW_CLIENT_KEY', secret: true }),
  clientKeyPassphrase: text({ env: 'SERVICENOW_CLIENT_KEY_PASSPHRASE', secret: true }),
  caCertificate: text({ env: 'SERVICENOW_CA_CERTIFICATE', transient: true }),
  apiPath: text({ env: 'SERVICENOW_API_PATH' }),
  api: oneOf(['change-management', 'table'], { default: 'change-management', env: 'SERVICENOW_API' }),
  requestTimeout: duration({ default: '30s', min: '1s', max: '1h' }),
  maxRetries: integer({ default: 4, min: 0, max: 20 }),
  dryRun: boolean({ default: false })
} as const

/** What is wrong with the connection inputs, each being right by itself; found before the first request. */
export function connectionProblems(
  values: ConnectionValues,
  { sources, env }: { readonly sources: CredentialSources; readonly env: Env }
): string[] {
  return [
    ...instanceProblems(values, env),
    ...apiPathProblems(values),
    ...credentialProblems(values, sources),
    ...identityTokenProblems(values, env),
    ...certificateProblems(values),
    ...unverifiedProblems(env)
  ]
}

function instanceProblems({ instance }: ConnectionValues, env: Env): string[] {
  if (instance === undefined) {
    return [
      '`instance` is required: give it (acme, acme.service-now.com or an https origin), or set SERVICENOW_INSTANCE'
    ]
  }
  try {
    proxyOf(parseInstance(instance), env)
    return []
  } catch (error) {
    return [error instanceof ProxyVariableError ? error.message : `\`instance\` ${messageOf(error)}`]
  }
}

function apiPathProblems({ apiPath }: ConnectionValues): string[] {
  try {
    parseApiPath(apiPath ?? '')
    return []
  } catch (error) {
    return [`\`api-path\` ${messageOf(error)}`]
  }
}

/** With it Node accepts any certificate, so that anybody on the way could read the credentials. */
function unverifiedProblems({ NODE_TLS_REJECT_UNAUTHORIZED: value }: Env): string[] {
  if (value !== '0') return []
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: the certificate of the instance would not be checked. Remove the variable, and give the certificate of a private CA as `ca-certificate`'
  ]
}
