/** A way to sign in. Each scheme has a file; code outside this folder does not know which is in use. */
export interface Authenticator {
  readonly scheme: 'basic' | 'bearer' | 'api-key' | 'oauth-client-credentials' | 'oauth-password'
  /** The headers of the next request. May sign in first. */
  headers(): Promise<Readonly<Record<string, string>>>
  /** After a 401 for these headers: drops the token they used. False when there is nothing to renew. */
  renew(headers: Readonly<Record<string, string>>): boolean
}

export type Credentials =
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'api-key'; readonly apiKey: string }
  | { readonly scheme: 'oauth-client-credentials'; readonly clientId: string; readonly clientSecret: string }
  | {
      readonly scheme: 'oauth-password'
      readonly clientId: string
      readonly clientSecret: string
      readonly username: string
      readonly password: string
    }
