import { randomUUID } from 'node:crypto'
import { aggregateApi } from '../aggregate-api/routes.ts'
import { attachmentApi } from '../attachment-api/routes.ts'
import { runBatch } from '../batch-api/batch.ts'
import { changeApi } from '../change-api/routes.ts'
import type { Actor } from '../engine/actor.ts'
import type { Engine, Scripts } from '../engine/engine.ts'
import { sysIdOf } from '../engine/store.ts'
import { receiveEvents } from '../event-management-api/events.ts'
import { GUEST } from '../glide/guest.ts'
import {
  type FoundResource,
  findResource,
  requestFact,
  requireRole,
  resourceResponse
} from '../glide/resources.ts'
import { importSetApi } from '../import-set-api/import.ts'
import { authenticate } from '../oauth/authenticate.ts'
import { tokenEndpoint } from '../oauth/token-endpoint.ts'
import type { Tokens } from '../oauth/tokens.ts'
import { respondWithPage } from '../pages/pages.ts'
import type { Site } from '../pages/visit.ts'
import { InvalidQuery } from '../query/invalid-query.ts'
import { tableApi } from '../table-api/routes.ts'
import { createTinyUrl, expandTinyUrl } from '../tiny-url/tiny-url.ts'
import { requireJsonAccepted } from './accept.ts'
import { decodedRequest, requireDecoded } from './content-encoding.ts'
import type { Context } from './context.ts'
import type { RateLimiter } from './rate-limit.ts'
import type { HttpRequest } from './request.ts'
import { errorResponse, HttpError, type HttpResponse, htmlResponse, noSuchResource } from './response.ts'

/** What the handlers of requests share. */
export interface App {
  readonly engine: Engine
  readonly tokens: Tokens
  readonly limiter: RateLimiter
  readonly site: Site
}

/** The result of one request. */
export interface HandledRequest {
  readonly response: HttpResponse
  /** User name of the account that made the request; empty when it was not authenticated. */
  readonly user: string
}

/** Session ids by user name. */
const sessions = new Map<string, string>()

/** The headers of an authenticated response. The session cookie is set, but never read. */
function sessionHeaders(actor: Actor): Record<string, string> {
  const session = sessions.get(actor.userName) ?? sysIdOf(`session ${actor.userName}`).toUpperCase()
  sessions.set(actor.userName, session)
  return { 'X-Is-Logged-In': 'true', 'Set-Cookie': `JSESSIONID=${session}; Path=/; HttpOnly` }
}

/** The headers of every response of the APIs and of the token endpoint, refusals included. */
function instanceHeaders(): Record<string, string> {
  return {
    Server: 'ServiceNow',
    'X-Transaction-ID': randomUUID().slice(-12),
    'X-Is-Logged-In': 'false',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache, no-store, must-revalidate, max-age=-1',
    'Server-Timing': 'wall;dur=1',
    'Strict-Transport-Security': 'max-age=63072000; includeSubDomains'
  }
}

function withInstanceHeaders(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...instanceHeaders(), ...response.headers } }
}

/** Characters of path and query. Beyond it something in front of the APIs responds, with a page. */
const MAX_TARGET = 16_384

const TOO_LONG = '<html><head><title>Request URI too long</title></head><body></body></html>'

/**
 * Chooses the API by path. The path may contain a version.
 * @throws HttpError 400 for a path of no API, or the error of the API
 */
function route(context: Context): HttpResponse {
  requireDecoded(context.request)
  requireJsonAccepted(context.request)
  const { path } = context.request
  if (/^\/api\/now\/(?:v1\/)?batch$/.test(path)) return runBatch(context, request => serve(context, request))
  if (/^\/api\/now\/(?:v1\/)?tinyurl$/.test(path)) return createTinyUrl(context)
  return routeRecords(expandTinyUrl(context))
}

/** @throws HttpError 400 for a path of no API, or the error of the API */
function routeRecords(context: Context): HttpResponse {
  const { path } = context.request
  const change = /^\/api\/sn_chg_rest\/(?:v1\/)?(change(?:\/.*)?)$/.exec(path)
  if (change) return changeApi(context, change[1] ?? '')
  const table = /^\/api\/now\/(?:(v1|v2)\/)?table\/(.+)$/.exec(path)
  if (table) return tableApi(context, table[1], table[2] ?? '')
  const stats = /^\/api\/now\/(?:v1\/|v2\/)?stats\/(.+)$/.exec(path)
  if (stats) return aggregateApi(context, stats[1] ?? '')
  const attachment = /^\/api\/now\/(?:v1\/|v2\/)?attachment(?:\/(.*))?$/.exec(path)
  if (attachment) return attachmentApi(context, attachment[1] ?? '')
  const staging = /^\/api\/now\/(?:v1\/|v2\/)?import\/([^/]+)(?:\/([^/]+))?$/.exec(path)
  if (staging) return importSetApi(context, staging[1] ?? '', staging[2])
  if (path === '/api/global/em/jsonv2') return receiveEvents(context)
  throw noSuchResource()
}

/** The response for an error of a request. @throws the error when it is none */
function errorReply(error: unknown): HttpResponse {
  if (error instanceof InvalidQuery) return errorResponse(400, 'Invalid query', error.message)
  if (error instanceof HttpError) return error.response
  throw error
}

/** The response to a request of a batch. A batch in a batch is a path of no API. */
function serve({ engine, actor }: Context, request: HttpRequest): HttpResponse {
  try {
    const context = { engine, actor, request: decodedRequest(request) }
    requireDecoded(context.request)
    requireJsonAccepted(context.request)
    return routeRecords(expandTinyUrl(context))
  } catch (error) {
    return errorReply(error)
  }
}

/** The response to a request that was refused with an error. @throws what is no refusal */
function refusal(error: unknown, user: string): HandledRequest {
  const refused = errorReply(error)
  const headers = {
    ...instanceHeaders(),
    ...(user !== '' && { 'X-Is-Logged-In': 'true' }),
    ...refused.headers
  }
  return { response: { ...refused, headers }, user }
}

/** Authenticates, counts against the rate limit and runs the API. */
function handleRest({ engine, tokens, limiter }: App, request: HttpRequest): HandledRequest {
  let user = ''
  try {
    const actor = authenticate(engine, tokens, request)
    user = actor.userName
    const limitHeaders = limiter.count(user)
    const response = route({ engine, actor, request })
    const headers = { ...instanceHeaders(), ...response.headers, ...limitHeaders, ...sessionHeaders(actor) }
    return { response: { ...response, headers }, user }
  } catch (error) {
    return refusal(error, user)
  }
}

/** Handles a request to an instance with scripts: one of their resources, or anything else. */
export async function handleScripted(app: App, request: HttpRequest): Promise<HandledRequest> {
  const { scripts } = app.engine
  const isOwn = scripts && request.path.startsWith('/api/') && request.target.length <= MAX_TARGET
  const found = isOwn ? findResource(scripts.application, request) : undefined
  return scripts && found ? runResource(app, scripts, request, found) : handleRequest(app, request)
}

/** The script runs in a thread of its own, so that the instance serves other requests meanwhile. */
async function runResource(
  { engine, tokens, limiter }: App,
  scripts: Scripts,
  request: HttpRequest,
  { resource, parameters }: FoundResource
): Promise<HandledRequest> {
  let user = ''
  try {
    if (!resource)
      throw new HttpError(405, 'Method not supported', `${request.method} is not supported here.`)
    const actor = resource.authentication ? authenticate(engine, tokens, request) : GUEST
    user = resource.authentication ? actor.userName : ''
    const limitHeaders = limiter.count(actor.userName)
    requireRole(actor, resource)
    const outcome = await scripts.runResource(actor, resource, requestFact(request, parameters))
    const response = resourceResponse(outcome)
    const session = resource.authentication ? sessionHeaders(actor) : {}
    const headers = { ...instanceHeaders(), ...response.headers, ...limitHeaders, ...session }
    return { response: { ...response, headers }, user }
  } catch (error) {
    return refusal(error, user)
  }
}

/** Handles a request to any path. An unexpected error of the sandbox itself becomes a 500 "Sandbox defect". */
export function handleRequest(app: App, request: HttpRequest): HandledRequest {
  try {
    if (request.target.length > MAX_TARGET) return { response: htmlResponse(414, TOO_LONG), user: '' }
    if (request.path === '/oauth_token.do')
      return { response: withInstanceHeaders(tokenEndpoint(app.engine, app.tokens, request)), user: '' }
    if (request.path.startsWith('/api/')) return handleRest(app, request)
    return { response: respondWithPage(app.site, request), user: '' }
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { response: errorResponse(500, 'Sandbox defect', text), user: '' }
  }
}
