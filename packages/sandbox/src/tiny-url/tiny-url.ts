import { insertWithoutRules } from '../engine/records.ts'
import { sysIdOf } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { jsonBody } from '../server/request.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'

const TABLE = 'sys_tiny_url'

/**
 * `POST /api/now/tinyurl` with `{ url }`: keeps its query, and returns the address of a list with `sysparm_tiny`.
 * @throws HttpError 400 without a URL that has a query, 405 for another method
 */
export function createTinyUrl({ engine, actor, request }: Context): HttpResponse {
  if (request.method !== 'POST') {
    throw new HttpError(405, 'Method not supported', `${request.method} is not supported here.`)
  }
  const { url } = jsonBody(request)
  const [, path = '', data = ''] = /^([^?#]+)\?([^#]+)/.exec(String(url ?? '')) ?? []
  if (data === '') throw new HttpError(400, 'Bad Request', 'url must be an address with a query.')
  const key = sysIdOf(data)
  if (!engine.store.rows(TABLE).some(row => row.tiny_url === key)) {
    insertWithoutRules(engine, TABLE, { tiny_url: key, data }, actor)
  }
  const page = `${path.split('/').filter(Boolean).at(-1)}_list.do`
  return jsonResponse(200, { result: `${page}?sysparm_tiny=${key}` })
}

/**
 * The request with the query that `sysparm_tiny` stands for; what is sent beside it counts before it.
 * @throws HttpError 404 for one that was not created here
 */
export function expandTinyUrl<T extends Pick<Context, 'engine' | 'request'>>(context: T): T {
  const { engine, request } = context
  const key = request.query.get('sysparm_tiny')
  if (key === null) return context
  const found = engine.store.rows(TABLE).find(row => row.tiny_url === key)
  if (!found) throw new HttpError(404, 'No Record found', `There is no tiny URL ${key}.`)
  const query = new URLSearchParams(found.data)
  for (const [name, value] of request.query) if (name !== 'sysparm_tiny') query.set(name, value)
  return { ...context, request: { ...request, query } }
}
