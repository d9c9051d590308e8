import { apiKey } from './api-key.ts'
import { basic } from './basic.ts'
import { bearer } from './bearer.ts'
import { oauthClientCredentials } from './oauth-client-credentials.ts'
import { oauthJwtBearer } from './oauth-jwt-bearer.ts'
import { oauthPassword } from './oauth-password.ts'
import { oidc } from './oidc.ts'
import type { CredentialField, Scheme, Signer, SignerTools } from './scheme.ts'

/** Every way to sign in, the recommended one first. */
export const SCHEMES = [
  oauthClientCredentials,
  oauthPassword,
  oauthJwtBearer,
  oidc,
  basic,
  bearer,
  apiKey
] as const

/** One of the schemes. */
export type KnownScheme = (typeof SCHEMES)[number]

type CredentialsOf<S extends KnownScheme> = S extends KnownScheme
  ? { readonly scheme: S['name'] } & { readonly [F in keyof S['fields']]: string } & {
      readonly [F in keyof S['optional']]?: string
    }
  : never

/** A complete set: the name of a scheme, each of its fields, and those of its optional ones that are given. */
export type Credentials = CredentialsOf<KnownScheme>

type FieldOf<S extends KnownScheme> = S extends KnownScheme ? keyof S['fields'] | keyof S['optional'] : never

/** The name of a field: `clientId`, `username`, … */
export type CredentialName = FieldOf<KnownScheme>

/** What is given of them. */
export type GivenCredentials = { readonly [F in CredentialName]?: string | undefined }

/** Every field of any scheme, in the order of the schemes. */
export const CREDENTIAL_NAMES = [
  ...new Set(SCHEMES.flatMap(scheme => allNamesOf(scheme)))
] as readonly CredentialName[]

/** Whether a field is never to be shown. */
export function isSecretCredential(name: CredentialName): boolean {
  return fieldsNamed(name).some(field => field.secret === true)
}

/** Whether a field is PEM text, which has several lines. */
export function isPemCredential(name: CredentialName): boolean {
  return fieldsNamed(name).some(field => field.pem === true)
}

function fieldsNamed(name: string): readonly CredentialField[] {
  return SCHEMES.flatMap((scheme: Scheme) => scheme.fields[name] ?? scheme.optional[name] ?? [])
}

/** The fields that a scheme needs, in its order. */
export function namesOf(scheme: KnownScheme): readonly CredentialName[] {
  return Object.keys(scheme.fields) as CredentialName[]
}

/** The fields that a scheme takes: those it needs, then those it also uses. */
export function allNamesOf(scheme: KnownScheme): readonly CredentialName[] {
  return [...namesOf(scheme), ...(Object.keys(scheme.optional) as CredentialName[])]
}

/** The scheme of a set of credentials. */
export function schemeNamed(name: KnownScheme['name']): KnownScheme {
  const found = SCHEMES.find(scheme => scheme.name === name)
  if (found === undefined) throw new Error(`there is no sign-in scheme ${name}`)
  return found
}

/** What signs with the credentials. Nothing is sent before the first request. */
export function signerOf(credentials: Credentials, tools: SignerTools): Signer {
  const scheme: Scheme = schemeNamed(credentials.scheme)
  return scheme.signer({ ...credentials }, tools)
}
