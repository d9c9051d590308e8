import { ProxyVariableError, parseApiPath, parseInstance, proxyOf } from '@change-actions/servicenow-client'
import type { ConnectionValues } from '../connection/credentials.ts'
import { identityTokenProblems } from '../connection/identity-token.ts'
import { messageOf } from '../errors.ts'
import { inputMeta, kebab } from '../inputs/field.ts'
import { boolean, integer, oneOf, text } from '../inputs/scalars.ts'
import type { Source } from '../inputs/source.ts'
import { duration } from '../inputs/time.ts'
import type { Env } from '../step/runtime.ts'
import { unsafeSettings } from '../step/unsafe-settings.ts'
import { certificateProblems } from './certificates.ts'
import { CONNECTION, type CredentialSources, credentialInputs, credentialProblems } from './credentials.ts'
import { secretHint } from './secret-hint.ts'

/** The inputs of every action: where the instance is and how to sign in. */
export const connectionInputs = {
  instance: text({ env: 'SERVICENOW_INSTANCE', group: CONNECTION }),
  ...credentialInputs,
  clientCertificate: text({ env: 'SERVICENOW_CLIENT_CERTIFICATE', group: CONNECTION, transient: true }),
  clientKey: text({ env: 'SERVICENOW_CLIENT_KEY', group: CONNECTION, secret: true }),
  clientKeyPassphrase: text({ env: 'SERVICENOW_CLIENT_KEY_PASSPHRASE', group: CONNECTION, secret: true }),
  caCertificate: text({ env: 'SERVICENOW_CA_CERTIFICATE', group: CONNECTION, transient: true }),
  apiPath: text({ env: 'SERVICENOW_API_PATH', group: CONNECTION }),
  api: oneOf(['change-management', 'table'], { default: 'change-management', env: 'SERVICENOW_API' }),
  requestTimeout: duration({ default: '30s', min: '1s', max: '1h' }),
  maxRetries: integer({ default: 4, min: 0, max: 20 }),
  dryRun: boolean({ default: false })
} as const

/** The inputs that come from one place. */
const ONE_PLACE = Object.keys(connectionInputs).filter(
  key => inputMeta(connectionInputs[key as keyof typeof connectionInputs]).group === CONNECTION
)

type Sources = CredentialSources & { readonly [key: string]: Source }

/** What is wrong with the connection inputs, each being right by itself; found before the first request. */
export function connectionProblems(
  values: ConnectionValues,
  { sources, env }: { readonly sources: Sources; readonly env: Env }
): string[] {
  const given = ONE_PLACE.filter(key => sources[key]?.kind === 'input')
  return [
    ...instanceProblems(values, env, given),
    ...apiPathProblems(values),
    ...credentialProblems(values, { sources, env, fromInputs: given.length > 0 }),
    ...identityTokenProblems(values, env),
    ...certificateProblems(values),
    ...unsafeSettings(env),
    ...secretHint(values)
  ]
}

/** @param given the keys of the connection's inputs that the workflow gives */
function instanceProblems({ instance }: ConnectionValues, env: Env, given: readonly string[]): string[] {
  if (instance === undefined && given.length > 0) {
    const names = given.map(key => `\`${kebab(key)}\``).join(', ')
    return [
      `\`instance\` is required beside ${names}: give it under \`with:\` too. Where a secret is sent comes from the same place as the secret: SERVICENOW_INSTANCE of the environment is not used with inputs`
    ]
  }
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
