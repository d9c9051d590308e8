import {
  CREDENTIAL_NAMES,
  type Credentials,
  credentialSets,
  type GivenCredentials,
  isPemCredential,
  namesOf,
  schemeNamed
} from '@change-actions/servicenow-client'
import { kebab } from '../inputs/field.ts'
import { readPem } from './pem.ts'

/** The inputs that say where the instance is and how to sign in, as far as they are given and right by themselves. */
export interface ConnectionValues extends GivenCredentials {
  readonly instance?: string | undefined
  readonly apiPath?: string | undefined
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly clientKeyPassphrase?: string | undefined
  readonly caCertificate?: string | undefined
}

/**
 * The credentials to sign in with: those of checked inputs, PEM text repaired. undefined where there are none, or several
 * sets.
 */
export function readCredentials(values: ConnectionValues): { readonly credentials?: Credentials } {
  const [only, ...others] = credentialSets(withRepairedPem(values))
  return only === undefined || others.length > 0 ? {} : { credentials: only }
}

/** The secrets among credentials that were not given like that: a private key that was repaired, or read from a file. */
export function secretsOf(credentials: Credentials): readonly string[] {
  return CREDENTIAL_NAMES.filter(isPemCredential).flatMap(
    name => (credentials as GivenCredentials)[name] ?? []
  )
}

/** How checked inputs sign in, in a few words: `OAuth JWT bearer grant`, `Basic`, `api-key`. */
export function signInName(values: ConnectionValues): string {
  const { credentials } = readCredentials(values)
  if (credentials === undefined) throw new Error('signInName() needs checked inputs')
  const scheme = schemeNamed(credentials.scheme)
  return scheme.label ?? namesOf(scheme).map(kebab).join(', ')
}

function withRepairedPem(values: GivenCredentials): GivenCredentials {
  const repaired = CREDENTIAL_NAMES.filter(isPemCredential).flatMap(name => {
    const read = values[name] === undefined ? undefined : readPem(values[name], 'private key')
    return read !== undefined && 'pem' in read ? [[name, read.pem]] : []
  })
  return { ...values, ...Object.fromEntries(repaired) }
}
