import { actorNamed } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { OAUTH_CLIENTS, type OAuthClient } from '../seed/accounts.ts'
import { jsonReply, type Reply } from '../server/reply.ts'
import { mediaType, type Request } from '../server/request.ts'
import { sameText, withPassword } from './authenticate.ts'
import type { Tokens } from './tokens.ts'

/** The one answer to nearly every cause: wrong secret, grant switched off, no application user, locked account. */
function denied(): Reply {
  return jsonReply(401, { error_description: 'access_denied', error: 'server_error' })
}

function clientFrom(form: URLSearchParams): OAuthClient | undefined {
  const client = OAUTH_CLIENTS.find(one => one.id === form.get('client_id'))
  return client && sameText(client.secret, form.get('client_secret') ?? '') ? client : undefined
}

/** The account a grant leads to; undefined when it leads nowhere. */
function userFor(
  engine: Engine,
  tokens: Tokens,
  client: OAuthClient,
  form: URLSearchParams
): string | undefined {
  const { clientCredentials, passwordGrant } = engine.settings
  switch (form.get('grant_type')) {
    case 'client_credentials':
      return clientCredentials ? client.applicationUser : undefined
    case 'password':
      if (!passwordGrant) return undefined
      return withPassword(engine, form.get('username') ?? '', form.get('password') ?? '')?.userName
    case 'refresh_token':
      return tokens.userOfRefresh(client.id, form.get('refresh_token') ?? '')
    default:
      return undefined
  }
}

/** `POST /oauth_token.do`: form parameters in the body, and nothing else. */
export function tokenEndpoint(engine: Engine, tokens: Tokens, request: Request): Reply {
  if (request.method !== 'POST' || mediaType(request) !== 'application/x-www-form-urlencoded') return denied()
  const form = new URLSearchParams(request.body.toString('utf8'))
  const client = clientFrom(form)
  const userName = client && userFor(engine, tokens, client, form)
  if (!client || !userName || !actorNamed(engine.store, userName)) return denied()
  const grant = tokens.grant(client.id, userName)
  return jsonReply(200, {
    access_token: grant.access,
    // Client credentials come without a refresh token.
    ...(form.get('grant_type') !== 'client_credentials' && { refresh_token: grant.refresh }),
    scope: 'useraccount',
    token_type: 'Bearer',
    expires_in: grant.remainingSeconds
  })
}
