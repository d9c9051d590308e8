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

export interface SignerTools {
  /** Posts a form to the instance's token endpoint. @throws Problem */
  fetchToken(form: Readonly<Record<string, string>>): Promise<TokenResponse>
  /** To be told every secret that is made, before its first use. */
  onSecret(secret: string): void
  /** Epoch milliseconds on this machine. */
  now(): number
}

/** One part of credentials, as a front asks for it. */
export interface CredentialField {
  /** Never to be shown. */
  readonly secret?: boolean
}

/** A way to sign in: what it needs, and how it signs. Each has a file, and a line in `schemes.ts`. */
export interface Scheme<Name extends string = string, Field extends string = string> {
  readonly name: Name
  /** What people call it, where the names of its fields do not say it. */
  readonly label?: string
  /** It is complete when all of them are given. */
  readonly fields: Readonly<Record<Field, CredentialField>>
  signer(values: Readonly<Record<Field, string>>, tools: SignerTools): Signer
}

/** A scheme, with its name and its fields as types. */
export function defineScheme<Name extends string, Field extends string>(
  scheme: Scheme<Name, Field>
): Scheme<Name, Field> {
  return scheme
}

/** Signs with headers that never change, so that there is nothing to renew. */
export function fixedHeaders(headers: Readonly<Record<string, string>>): Signer {
  return { headers: async () => headers, renew: () => false }
}
