import { parseInstance } from '@change-actions/servicenow-client'
import { type ConnectionValues, readPem } from '../connection/credentials.ts'
import { messageOf } from '../errors.ts'
import { boolean, integer, oneOf, text } from '../inputs/scalars.ts'
import { duration } from '../inputs/time.ts'
import { type CredentialSources, credentialInputs, credentialProblems } from './credentials.ts'

/** The inputs of every action: where the instance is and how to sign in. */
export const connectionInputs = {
  instance: text({ env: 'SERVICENOW_INSTANCE' }),
  ...credentialInputs,
  clientCertificate: text({ env: 'SERVICENOW_CLIENT_CERTIFICATE', transient: true }),
  clientKey: text({ env: 'SERVICENOW_CLIENT_KEY', secret: true }),
  clientKeyPassphrase: text({ env: 'SERVICENOW_CLIENT_KEY_PASSPHRASE', secret: true }),
  caCertificate: text({ env: 'SERVICENOW_CA_CERTIFICATE', transient: true }),
  api: oneOf(['change-management', 'table'], { default: 'change-management', env: 'SERVICENOW_API' }),
  requestTimeout: duration({ default: '30s', min: '1s', max: '1h' }),
  maxRetries: integer({ default: 4, min: 0, max: 20 }),
  dryRun: boolean({ default: false })
} as const

/** What is wrong with the connection inputs, each being right by itself; found before the first request. */
export function connectionProblems(
  values: ConnectionValues,
  { sources }: { readonly sources: CredentialSources }
): string[] {
  return [...instanceProblems(values), ...credentialProblems(values, sources), ...certificateProblems(values)]
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
