/** What is refused before a request reaches the instance. */
import type { Engine } from '../engine/engine.ts'
import { authenticateBasic } from '../oauth/authenticate.ts'
import type { HttpRequest } from './request.ts'
import { errorResponse, type HttpResponse } from './response.ts'

const OWN_HOSTS = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i

/**
 * 403 for another host name: it protects against DNS rebinding, by which a web page would read the sandbox. Where other
 * machines may reach it, it has any name; then it is the password that a web page does not have, and pages need one too.
 */
export function rejectionOf(engine: Engine, request: HttpRequest): HttpResponse | undefined {
  if (engine.settings.allowNetwork) return isSignedIn(engine, request) ? undefined : signIn()
  if (OWN_HOSTS.test(request.headers.host ?? '')) return undefined
  return errorResponse(403, 'Host not served', 'The sandbox answers to loopback names only.')
}

/** The APIs and the token endpoint check by themselves; everything else is a page. */
function isSignedIn(engine: Engine, request: HttpRequest): boolean {
  if (request.path.startsWith('/api/') || request.path === '/oauth_token.do') return true
  const [, encoded = ''] = /^basic (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  return authenticateBasic(engine, encoded) !== undefined
}

function signIn(): HttpResponse {
  return errorResponse(
    401,
    'User Not Authenticated',
    'The pages of a sandbox on a network need an account.',
    {
      'WWW-Authenticate': 'Basic realm="ServiceNow sandbox"'
    }
  )
}
