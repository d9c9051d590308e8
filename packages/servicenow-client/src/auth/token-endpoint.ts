import type { Next, Response } from '../http/message.ts'
import { clientProblem, isClientProblem } from '../problems/codes.ts'
import { JWT_BEARER, type TokenResponse } from './scheme.ts'

const PATH = '/oauth_token.do'

/** Used for as long as ServiceNow's default where the response does not say how long. */
const DEFAULT_LIFETIME_MS = 1_800_000

/**
 * Posts a form to the instance's token endpoint.
 *
 * @param send one attempt of a request, without a sign-in
 * @param base the instance's origin, with the path of its APIs
 * @throws Problem `sign-in`, `sign-in-missing`, `unexpected`, or that of the request, with nothing committed
 */
export async function fetchToken(
  send: Next,
  base: string,
  form: Readonly<Record<string, string>>
): Promise<TokenResponse> {
  const operation = `signing in at ${base.replace(/^https?:\/\//, '')}${PATH}`
  try {
    const response = await send({
      operation,
      method: 'POST',
      path: PATH,
      headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      repeatable: true,
      maxRetries: 0,
      attempt: 1
    })
    return readToken(response, operation)
  } catch (error) {
    throw signInProblem(error, form)
  }
}

function readToken({ body }: Response, operation: string): TokenResponse {
  const { access_token: token, expires_in: seconds } = (body ?? {}) as {
    access_token?: unknown
    expires_in?: unknown
  }
  if (typeof token !== 'string' || token === '') {
    throw clientProblem('unexpected', {
      operation,
      status: 200,
      message: 'the response holds no access token'
    })
  }
  const lifetime = Number(seconds)
  return {
    token,
    expiresInMs: Number.isFinite(lifetime) ? Math.max(0, lifetime) * 1000 : DEFAULT_LIFETIME_MS
  }
}

/** At the token endpoint any refusal is about the credentials or the OAuth application. */
function signInProblem(error: unknown, form: Readonly<Record<string, string>>): unknown {
  if (!isClientProblem(error) || !('operation' in error.facts)) return error
  const { operation, status, message } = error.facts
  const refused = status === 400 || status === 401 || status === 403 || status === 404
  // The request itself was not sent: nothing was written.
  if (!refused || error.code === 'ip-list') return error.with({}, { committed: 'no' })
  // Callers that can do without a record must not treat a missing token endpoint as a missing record.
  const facts = { operation, status, message }
  if (status === 404) return clientProblem('sign-in-missing', facts, { cause: error })
  const grant = form.grant_type === JWT_BEARER ? { grant: 'jwt-bearer' as const } : {}
  return clientProblem('sign-in', { ...facts, ...grant }, { cause: error })
}
