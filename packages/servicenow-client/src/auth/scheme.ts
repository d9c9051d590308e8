/** Signs requests as one account. */
export interface Signer {
  /** The headers of the next request. May sign in first. @throws Problem when the sign-in fails */
  headers(): Promise<Readonly<Record<string, string>>>
  /** After a 401 for these headers: drops the token they used. False when there is nothing to renew. */
  renew(headers: Readonly<Record<string, string>>): boolean
}

/** What the token endpoint responded. */
export interface TokenResponse {
  readonly token: string
  readonly expiresInMs: number
}

/** The `grant_type` of RFC 7523. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export interface SignerTools {
  /** Posts a form to the instance's token endpoint. @throws Problem */
  fetchToken(form: Readonly<Record<string, string>>): Promise<TokenResponse>
  /** A fresh identity token of a third party, for this audience. @throws Problem `identity-token` */
  identityToken(audience: string): Promise<string>
  /** To be told every secret that is made, before its first use. */
  onSecret(secret: string): void
  /** Epoch milliseconds on this machine. */
  now(): number
  /** Epoch milliseconds on the instance's clock, as far as it is known: this machine's until its first response. */
  instanceNow(): number
}

/** One part of credentials, as a front asks for it. */
export interface CredentialField {
  /** Never to be shown. */
  readonly secret?: boolean
  /** A private key as PEM text: the only field that may have several lines. */
  readonly pem?: boolean
}

/** A way to sign in: what it needs, and how it signs. Each has a file, and a line in `schemes.ts`. */
export interface Scheme<
  Name extends string = string,
  Field extends string = string,
  Optional extends string = string
> {
  readonly name: Name
  /** What people call it, where the names of its fields do not say it. */
  readonly label?: string
  /** It is complete when all of them are given. */
  readonly fields: Readonly<Record<Field, CredentialField>>
  /** Used as well where they are given. */
  readonly optional: Readonly<Record<Optional, CredentialField>>
  signer(
    values: { readonly [F in Field]: string } & { readonly [F in Optional]?: string },
    tools: SignerTools
  ): Signer
}

/** A scheme, with its name and its fields as types. */
export function defineScheme<Name extends string, Field extends string, Optional extends string = never>(
  scheme: Omit<Scheme<Name, Field, Optional>, 'optional'> & {
    readonly optional?: Readonly<Record<Optional, CredentialField>>
  }
): Scheme<Name, Field, Optional> {
  return { ...scheme, optional: scheme.optional ?? ({} as Record<Optional, CredentialField>) }
}

/** Signs with headers that never change, so that there is nothing to renew. */
export function fixedHeaders(headers: Readonly<Record<string, string>>): Signer {
  return { headers: async () => headers, renew: () => false }
}
