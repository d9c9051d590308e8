import type { Signer, SignerTools, TokenResponse } from './scheme.ts'

/** A token is renewed this long before it expires, so that it does not expire during a request. */
const MARGIN_MS = 60_000

/**
 * Signs with an OAuth token. The instance returns its current token with the time left of it, so the end is counted
 * from each response; a token with little time left is used for half of it.
 *
 * @param fetch gets a token; called once for requests in parallel
 */
export function renewingToken(
  fetch: () => Promise<TokenResponse>,
  { onSecret, now }: Pick<SignerTools, 'onSecret' | 'now'>
): Signer {
  let current: { token: string; renewAt: number } | undefined
  let pending: Promise<string> | undefined
  const signIn = async (): Promise<string> => {
    const response = await fetch()
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
    headers: async () => ({ Authorization: `Bearer ${await token()}` }),
    renew: ({ Authorization: used }) => {
      // Another request may have got the same 401 and signed in since.
      if (used === `Bearer ${current?.token}`) current = undefined
      return true
    }
  }
}
