import { attachmentApi } from '../attachment-api/routes.ts'
import { changeApi } from '../change-api/routes.ts'
import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { sysIdOf } from '../engine/store.ts'
import { authenticate } from '../oauth/authenticate.ts'
import { tokenEndpoint } from '../oauth/token-endpoint.ts'
import type { Tokens } from '../oauth/tokens.ts'
import { pageFor } from '../pages/pages.ts'
import { tableApi } from '../table-api/routes.ts'
import type { Context } from './context.ts'
import type { RateLimiter } from './rate-limit.ts'
import { errorReply, HttpError, noSuchResource, type Reply } from './reply.ts'
import type { Request } from './request.ts'

/** Everything a request is answered with. */
export interface App {
  readonly engine: Engine
  readonly tokens: Tokens
  readonly limiter: RateLimiter
}

export interface Answer {
  readonly reply: Reply
  /** Account the request was made with; empty when there was none. */
  readonly user: string
}

/** Every signed-in answer brings a session cookie; the sandbox itself never reads it back. */
function sessionOf(actor: Actor): Record<string, string> {
  const session = sysIdOf(`session ${actor.userName}`).toUpperCase()
  return { 'X-Is-Logged-In': 'true', 'Set-Cookie': `JSESSIONID=${session}; Path=/; HttpOnly` }
}

/** Chooses the API by path; versions are part of it. */
function route(context: Context): Reply {
  const { path } = context.request
  const change = /^\/api\/sn_chg_rest\/(?:v1\/)?(change(?:\/.*)?)$/.exec(path)
  if (change) return changeApi(context, change[1] ?? '')
  const table = /^\/api\/now\/(?:(v1|v2)\/)?table\/(.+)$/.exec(path)
  if (table) return tableApi(context, table[1], table[2] ?? '')
  const attachment = /^\/api\/now\/(?:v1\/|v2\/)?attachment(?:\/(.*))?$/.exec(path)
  if (attachment) return attachmentApi(context, attachment[1] ?? '')
  throw noSuchResource()
}

function restAnswer({ engine, tokens, limiter }: App, request: Request): Answer {
  let user = ''
  try {
    const actor = authenticate(engine, tokens, request)
    user = actor.userName
    const limits = limiter.admit(user)
    const reply = route({ engine, actor, request })
    return { reply: { ...reply, headers: { ...reply.headers, ...limits, ...sessionOf(actor) } }, user }
  } catch (error) {
    if (error instanceof HttpError) return { reply: error.reply, user }
    throw error
  }
}

/** Answers a request; a defect of the sandbox itself shows as a 500 that says so. */
export function answer(app: App, request: Request): Answer {
  try {
    if (request.path === '/oauth_token.do')
      return { reply: tokenEndpoint(app.engine, app.tokens, request), user: '' }
    if (request.path.startsWith('/api/')) return restAnswer(app, request)
    return { reply: pageFor(app.engine, request), user: '' }
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { reply: errorReply(500, 'Sandbox defect', text), user: '' }
  }
}
