import type { JsonWebKey } from 'node:crypto'

/** A third party whose identity tokens the instance accepts: an OAuth OIDC entity with its provider. */
export interface OidcProvider {
  /** "Client ID": the `aud` of its tokens. */
  readonly clientId: string
  /** The `iss` of its tokens, as its metadata has it. */
  readonly issuer: string
  /** The keys of its JWKS, each with its `kid`. */
  readonly keys: readonly JsonWebKey[]
  /** "User Claim": who signs in. */
  readonly userClaim: string
  /** "User Field": the field of the user record that has the value of the claim. */
  readonly userField: string
}
