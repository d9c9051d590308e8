import type { Context } from './context.ts'
import { HttpError, type HttpResponse, noSuchResource } from './response.ts'

/** The values of the `{name}` segments of a route's path. */
export type PathParameters = Readonly<Record<string, string>>

export type Handler = (context: Context, parameters: PathParameters) => HttpResponse

export interface Route {
  readonly method: string
  /** Path below the API's root. `{name}` stands for one segment. */
  readonly path: string
  readonly handle: Handler
}

/** The parameters of a path; undefined when it does not match the pattern. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const [expected, actual] = [pattern.split('/'), path.split('/')]
  if (expected.length !== actual.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, segment] of expected.entries()) {
    const value = actual[index] ?? ''
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    if (name === undefined && segment !== value) return undefined
    if (name !== undefined) {
      if (value === '') return undefined
      parameters[name] = safeDecode(value)
    }
  }
  return parameters
}

/** Text with a malformed percent escape is returned as it is. */
function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Runs the first route that matches. In `routes`, paths with literal segments come before those with parameters.
 * @throws HttpError 400 for an unknown path, 405 for a known path with another method
 */
export function dispatch(routes: readonly Route[], context: Context, path: string): HttpResponse {
  const matching = routes.flatMap(route => {
    const parameters = matchPath(route.path, path)
    return parameters ? [{ route, parameters }] : []
  })
  const [first] = matching
  if (!first) throw noSuchResource()
  const samePath = matching.filter(one => one.route.path === first.route.path)
  const found = samePath.find(one => one.route.method === context.request.method)
  if (!found)
    throw new HttpError(405, 'Method not supported', `${context.request.method} is not supported here.`)
  return found.route.handle(context, found.parameters)
}
