import { readFileSync } from 'node:fs'
import type { Credentials } from '@change-actions/servicenow-client'

/** The inputs that say where the instance is and how to sign in, as far as they are given and right by themselves. */
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

/**
 * Every complete set of credentials among the values; a step needs exactly one. With all four of them, client and user
 * are one set: the password grant.
 */
export function credentialSets(values: ConnectionValues): readonly Credentials[] {
  const { clientId, clientSecret, username, password, token, apiKey } = values
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

/** The credentials to sign in with: those of checked inputs. undefined where there are none, or several sets. */
export function readCredentials(values: ConnectionValues): { readonly credentials?: Credentials } {
  const [only, ...others] = credentialSets(values)
  return only === undefined || others.length > 0 ? {} : { credentials: only }
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
