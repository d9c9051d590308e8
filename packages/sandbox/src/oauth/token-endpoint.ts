import { findActor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { OAUTH_CLIENTS, type OAuthClient } from '../seed/accounts.ts'
import { type HttpRequest, mediaType } from '../server/request.ts'
import { type HttpResponse, jsonResponse } from '../server/response.ts'
import { authenticatePassword, equalSecrets, secretOf } from './authenticate.ts'
import { grantedByAssertion, JWT_BEARER } from './jwt-bearer.ts'
import type { Tokens } from './tokens.ts'

/**
 * The same 401 for every cause: wrong secret, grant type disabled, no application user, account locked out. ServiceNow
 * does not tell them apart.
 */
function accessDenied(): HttpResponse {
  return jsonResponse(401, { error_description: 'access_denied', error: 'server_error' })
}

/** The client is in the form, or in `Authorization: Basic`, each part form-encoded (RFC 6749). */
function authenticateClient(
  engine: Engine,
  form: URLSearchParams,
  request: HttpRequest
): OAuthClient | undefined {
  const [, encoded = ''] = /^basic\s+(.+)$/i.exec(request.headers.authorization ?? '') ?? []
  const [id, secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':').map(formDecoded)
  const client = OAUTH_CLIENTS.find(one => one.id === (form.get('client_id') ?? id))
  if (client === undefined) return undefined
  const given = form.get('client_secret') ?? secret ?? ''
  return equalSecrets(secretOf(engine, client.secret), given) ? client : undefined
}

function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text}`).get('x') ?? ''
}

interface Granted {
  readonly clientId: string
  readonly userName: string
}

/** The client and the user that a request is granted for; undefined when it is not valid. */
function granted(
  engine: Engine,
  tokens: Tokens,
  form: URLSearchParams,
  request: HttpRequest
): Granted | undefined {
  if (form.get('grant_type') === JWT_BEARER) return grantedByAssertion(engine, tokens, form)
  const client = authenticateClient(engine, form, request)
  const userName = client && grantedUser(engine, tokens, client, form)
  return client && userName ? { clientId: client.id, userName } : undefined
}

/** Grants that come with a refresh token. */
const REFRESHED = ['password', 'refresh_token']

/** The user name that a grant is for; undefined when the grant is not valid. */
function grantedUser(
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
      return authenticatePassword(engine, form.get('username') ?? '', form.get('password') ?? '')?.userName
    case 'refresh_token':
      return tokens.userOfRefresh(client.id, form.get('refresh_token') ?? '')
    default:
      return undefined
  }
}

/** `POST /oauth_token.do` with form parameters in the body. Parameters in the URL or in JSON are not accepted. */
export function tokenEndpoint(engine: Engine, tokens: Tokens, request: HttpRequest): HttpResponse {
  if (request.method !== 'POST' || mediaType(request) !== 'application/x-www-form-urlencoded')
    return accessDenied()
  const form = new URLSearchParams(request.body.toString('utf8'))
  const found = granted(engine, tokens, form, request)
  if (!found || !findActor(engine.store, found.userName)) return accessDenied()
  const grant = tokens.grant(found.clientId, found.userName)
  return jsonResponse(200, {
    access_token: grant.access,
    ...(REFRESHED.includes(form.get('grant_type') ?? '') && { refresh_token: grant.refresh }),
    scope: 'useraccount',
    token_type: 'Bearer',
    expires_in: grant.remainingSeconds
  })
}
