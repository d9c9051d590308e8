/** From a request to its response: who, how often, what, whether it is allowed, and whether both fit the description. */
import type { IncomingHttpHeaders } from 'node:http'
import { checkCaller, checkRights } from './access.ts'
import { type ApiResponse, Call } from './call.ts'
import type { Description, Matched } from './description.ts'
import { carryOutWith } from './fault-responses.ts'
import type { Faults } from './faults.ts'
import { bodyText, type Outgoing, outgoing } from './outgoing.ts'
import { REQUIREMENTS } from './permissions.ts'
import { etagOf, type RateLimits } from './rate-limits.ts'
import { Defect, invalid, notFound, Refusal } from './refusal.ts'
import type { RequestRecord } from './requests.ts'
import { HANDLERS } from './routes.ts'
import type { Repository, World } from './state.ts'
import { passTime } from './time.ts'
import { type Caller, callerOf, tokenHeaders } from './tokens.ts'
import { findRepository } from './world.ts'

/** A request as it arrived, its body parsed. */
export interface Incoming {
  readonly record: RequestRecord
  readonly headers: IncomingHttpHeaders
  /** Undefined where the body is no JSON. */
  readonly json: { readonly value: unknown } | undefined
}

export interface HandlerParts {
  readonly world: World
  readonly description: Description
  readonly limits: RateLimits
  readonly faults: Faults
  /** Mistakes that must fail the test. */
  readonly defects: string[]
  /** Called when a request has arrived, and when it has been handled. */
  onProgress(): void
}

type Resource = 'core' | 'graphql'

const API_VERSIONS = new Set(['2022-11-28', '2026-03-10'])

export class RequestHandler {
  readonly #parts: HandlerParts

  constructor(parts: HandlerParts) {
    this.#parts = parts
  }

  /** Undefined: the connection is to be cut. */
  async handle(incoming: Incoming): Promise<Outgoing | undefined> {
    const outgoing = await this.#handle(incoming)
    incoming.record.status = outgoing?.status ?? 0
    this.#parts.onProgress()
    return outgoing
  }

  async #handle(incoming: Incoming): Promise<Outgoing | undefined> {
    const { world, description, faults, limits } = this.#parts
    const { record } = incoming
    const isGraphql = record.method === 'post' && record.path === '/graphql'
    const matched = isGraphql
      ? undefined
      : description.match(record.method, record.path, record.query, incoming.json?.value)
    record.operationId = isGraphql ? 'graphql' : (matched?.operationId ?? '')
    record.caller = callerKind(world, incoming)
    const struck = faults.strike(record)
    record.fault = struck?.effect.kind
    this.#parts.onProgress()
    const leave = limits.enter()
    try {
      if (struck?.effect.kind === 'held') await struck.released
      passTime(world)
      const carryOut = () => this.#respond(incoming, matched)
      return await (struck ? carryOutWith(struck.effect, carryOut, world.now()) : carryOut())
    } finally {
      leave()
    }
  }

  async #respond(incoming: Incoming, matched: Matched | undefined): Promise<Outgoing> {
    const { limits } = this.#parts
    const resource: Resource = incoming.record.operationId === 'graphql' ? 'graphql' : 'core'
    let caller: Caller = { kind: 'none' }
    let response: ApiResponse
    try {
      caller = this.#recognise(incoming)
      response = await this.#carryOut(incoming, matched, caller, resource)
    } catch (error) {
      response = this.#asResponse(error, incoming.record)
    }
    if (matched) this.#checkResponse(matched, response)
    const headers = () => ({ ...limits.headers(caller, resource), ...tokenHeaders(caller) })
    return this.#conditional(incoming, caller, response, headers, resource)
  }

  #recognise({ headers }: Incoming): Caller {
    if (!headers['user-agent']) {
      throw new Refusal(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.'
      )
    }
    const version = headers['x-github-api-version']
    if (version !== undefined && !API_VERSIONS.has(String(version))) {
      throw new Refusal(400, `The API version "${version}" is not supported.`)
    }
    return callerOf(this.#parts.world, headers)
  }

  async #carryOut(
    incoming: Incoming,
    matched: Matched | undefined,
    caller: Caller,
    resource: Resource
  ): Promise<ApiResponse> {
    const { world, limits, defects } = this.#parts
    const { record } = incoming
    limits.check(caller, record.operationId, record.method, resource)
    if (incoming.json === undefined) throw new Refusal(400, 'Problems parsing JSON')
    if (resource === 'graphql') {
      // Loaded when it is needed: most tests send no GraphQL.
      const { runGraphql } = await import('./graphql/execute.ts')
      const response = await runGraphql({ world, limits, caller, request: incoming.json.value, defects })
      record.committed = true
      return response
    }
    if (matched === undefined) {
      throw new Defect(
        'not imitated; add it to test/github/description/operations.ts, or correct the request'
      )
    }
    const call = this.#allowed(incoming, matched, caller)
    const handler = HANDLERS[matched.operationId]
    if (handler === undefined) throw new Defect(`${matched.operationId} has no handler`)
    const response = handler(call)
    record.committed = true
    return response
  }

  /** Checks rights first, then the form: a caller without rights learns nothing. */
  #allowed({ record, headers, json }: Incoming, matched: Matched, caller: Caller): Call {
    const { world, description, limits } = this.#parts
    const requirement = REQUIREMENTS[matched.operationId]
    if (requirement === undefined) throw new Defect(`${matched.operationId} has no requirement`)
    const repository = this.#repositoryIn(matched)
    if (typeof requirement !== 'string' && repository) checkRights(caller, repository, ['metadata:read'])
    checkCaller(caller, requirement, matched.enabledForApps)
    if (typeof requirement !== 'string' && repository) checkRights(caller, repository, requirement)
    this.#checkForm(matched)
    return new Call({
      world,
      limits,
      caller,
      params: matched.params,
      query: new URLSearchParams(record.query),
      body: json?.value,
      headers,
      url: `${world.apiUrl}${record.path}`,
      fill: description.fill.bind(description),
      repository
    })
  }

  #repositoryIn({ params }: Matched): Repository | undefined {
    const { owner, repo } = params
    if (owner === undefined || repo === undefined) return undefined
    const found = findRepository(this.#parts.world, owner, repo)
    if (found === undefined) throw notFound()
    return found
  }

  #checkForm(matched: Matched): void {
    const { world, description } = this.#parts
    const unknown = world.settings.refuseUnknownMembers ? description.unknownParts(matched) : []
    if (unknown.length > 0) throw new Defect(`the description has no ${unknown.join(', ')}`)
    const errors = description
      .requestErrors(matched)
      .filter(error => !error.startsWith('/query must NOT have additional'))
    if (errors.some(error => error.startsWith('/path'))) throw notFound()
    if (errors.length > 0) throw invalid(`Invalid request.\n\n${errors.join('\n')}`)
  }

  #asResponse(error: unknown, record: RequestRecord): ApiResponse {
    if (error instanceof Refusal) return error
    const text = error instanceof Defect ? error.message : String((error as Error).stack)
    this.#parts.defects.push(`${record.method} ${record.path} (${record.operationId || 'unknown'}): ${text}`)
    return { status: 501, body: { message: `defect of the test: ${text}` } }
  }

  #checkResponse(matched: Matched, { status, body, raw }: ApiResponse): void {
    if (raw !== undefined || status === 501 || status === 304) return
    // As it is sent: without members that are undefined.
    const sent = body === undefined ? undefined : JSON.parse(JSON.stringify(body))
    const errors = this.#parts.description.responseErrors(matched, status, sent)
    if (errors.length > 0) {
      this.#parts.defects.push(`${matched.operationId}, response ${status}: ${errors.slice(0, 5).join('; ')}`)
    }
  }

  /** 304 for a response that the client has; it costs nothing of the primary limit. */
  #conditional(
    { headers, record }: Incoming,
    caller: Caller,
    response: ApiResponse,
    usualHeaders: () => Record<string, string>,
    resource: Resource
  ): Outgoing {
    const { world, limits } = this.#parts
    const text = bodyText(response)
    const hasTag = record.method === 'get' && response.status === 200
    const owner = world.settings.undocumented.etagPerToken && 'token' in caller ? caller.token.value : ''
    const etag = hasTag ? etagOf(text, owner) : undefined
    const tagHeaders: Record<string, string> = etag
      ? { etag, 'cache-control': 'private, max-age=60, s-maxage=60', vary: 'Accept, Authorization' }
      : {}
    if (etag !== undefined && headers['if-none-match'] === etag) {
      return { status: 304, headers: { ...usualHeaders(), ...tagHeaders }, text: '' }
    }
    if (record.operationId !== 'rate-limit/get') limits.spend(caller, resource)
    return outgoing(response, { ...usualHeaders(), ...tagHeaders })
  }
}

/** For the log, also of requests that a fault affects. */
function callerKind(world: World, { headers }: Incoming): Caller['kind'] {
  try {
    return callerOf(world, headers).kind
  } catch {
    return 'none'
  }
}
