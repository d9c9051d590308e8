import type { Authenticator, Credentials } from './authenticator.ts'

/** What the token endpoint responded. */
export interface TokenResponse {
  readonly token: string
  readonly expiresInMs: number
}

type OAuthCredentials = Extract<Credentials, { clientId: string }>

/** A token is renewed this long before it expires, so that it does not expire during a request. */
const MARGIN_MS = 60_000

/**
 * OAuth client credentials or password grant. The instance returns its current token with the time left of it, so
 * the end is counted from each response; a token with little time left is used for half of it.
 *
 * @param fetchToken posts the form to `/oauth_token.do`
 */
export function oauth(
  credentials: OAuthCredentials,
  fetchToken: (form: string) => Promise<TokenResponse>,
  onSecret: (secret: string) => void,
  now: () => number
): Authenticator {
  let current: { token: string; renewAt: number } | undefined
  let pending: Promise<string> | undefined
  const signIn = async (): Promise<string> => {
    const response = await fetchToken(formOf(credentials))
    onSecret(response.token)
    current = {
      token: response.token,
      renewAt: now() + Math.max(response.expiresInMs - MARGIN_MS, response.expiresInMs / 2)
    }
    return response.token
  }
  const token = async (): Promise<string> => {
    if (current !== undefined && now() < current.renewAt) return current.token
    // Look-ups in parallel share one sign-in.
    pending ??= signIn().finally(() => {
      pending = undefined
    })
    return pending
  }
  return {
    scheme: credentials.scheme,
    headers: async () => ({ Authorization: `Bearer ${await token()}` }),
    renew: ({ Authorization: used }) => {
      // Another request may have got the same 401 and signed in since.
      if (used === `Bearer ${current?.token}`) current = undefined
      return true
    }
  }
}

function formOf(credentials: OAuthCredentials): string {
  const form = new URLSearchParams({
    grant_type: credentials.scheme === 'oauth-password' ? 'password' : 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret
  })
  if (credentials.scheme === 'oauth-password') {
    form.set('username', credentials.username)
    form.set('password', credentials.password)
  }
  return form.toString()
}
