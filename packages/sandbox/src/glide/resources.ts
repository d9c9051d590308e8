import type { Actor } from '../engine/actor.ts'
import { hasRole } from '../engine/actor.ts'
import type { HttpRequest } from '../server/request.ts'
import { type BufferedResponse, errorResponse, HttpError, jsonResponse } from '../server/response.ts'
import { matchPath, type PathParameters } from '../server/router.ts'
import type { Application, ScriptedResource } from './application.ts'
import type { Outcome, RequestFact, ResponseFact } from './realm/types.ts'

/** A Scripted REST resource, with the parameters of the path that was asked for. */
export interface FoundResource {
  /** Absent for a known path with another method. */
  readonly resource: ScriptedResource | undefined
  readonly parameters: PathParameters
}

/** The resource of a request; undefined for a path of none. */
export function findResource(
  { resources }: Application,
  { path, method }: HttpRequest
): FoundResource | undefined {
  const matching = resources.flatMap(resource => {
    const parameters = matchPath(resource.path, path)
    return parameters ? [{ resource, parameters }] : []
  })
  if (matching.length === 0) return undefined
  return matching.find(one => one.resource.method === method) ?? { resource: undefined, parameters: {} }
}

/** @throws HttpError 403 when the account has none of the roles of the resource */
export function requireRole(actor: Actor, { roles, authentication }: ScriptedResource): void {
  if (!authentication || roles.length === 0 || hasRole(actor, ...roles)) return
  throw new HttpError(403, 'User Not Authorized', 'Failed API level ACL Validation')
}

/** The request as its script sees it. */
export function requestFact(request: HttpRequest, parameters: PathParameters): RequestFact {
  const { path, target, origin, query, headers, body } = request
  const names = [...new Set(query.keys())]
  return {
    path,
    url: origin + target,
    queryString: target.slice(path.length + 1),
    query: Object.fromEntries(names.map(name => [name, query.getAll(name)])),
    path_params: parameters,
    headers,
    text: body.toString('utf8')
  }
}

function responseFrom({ status, headers, stream, value, error }: ResponseFact): BufferedResponse {
  if (error) return errorResponse(error.status, error.message, error.detail, headers)
  if (stream !== undefined) {
    const type = { 'Content-Type': 'application/json;charset=UTF-8' }
    return { status, headers: { ...type, ...headers }, body: Buffer.from(stream) }
  }
  if (value === undefined) return jsonResponse(status, {}, headers)
  return jsonResponse(status, { result: value }, headers)
}

/** The response of a script; 500 when it failed. */
export function resourceResponse({ error, response }: Outcome): BufferedResponse {
  if (error) return errorResponse(500, error.message, 'Script evaluation failed')
  const fact = response ?? { status: 200, headers: {} }
  if (Number.isInteger(fact.status) && fact.status >= 200 && fact.status <= 599) return responseFrom(fact)
  return errorResponse(
    500,
    `The script set the status ${fact.status}`,
    'A status is a number from 200 to 599'
  )
}
