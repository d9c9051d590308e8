import { type Credentials, credentialSets, type GivenCredentials } from '@change-actions/servicenow-client'

/** The inputs that say where the instance is and how to sign in, as far as they are given and right by themselves. */
export interface ConnectionValues extends GivenCredentials {
  readonly instance?: string | undefined
  readonly apiPath?: string | undefined
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly clientKeyPassphrase?: string | undefined
  readonly caCertificate?: string | undefined
}

/** The credentials to sign in with: those of checked inputs. undefined where there are none, or several sets. */
export function readCredentials(values: ConnectionValues): { readonly credentials?: Credentials } {
  const [only, ...others] = credentialSets(values)
  return only === undefined || others.length > 0 ? {} : { credentials: only }
}
