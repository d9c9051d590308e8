import type { Context } from './context.ts'
import { HttpError, noSuchResource, type Reply } from './reply.ts'

export type Handler = (context: Context, parameters: Readonly<Record<string, string>>) => Reply

export interface Route {
  readonly method: string
  /** Path below the API's root; `{name}` takes one segment. */
  readonly path: string
  readonly handle: Handler
}

function parametersOf(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    if (name === undefined && segment !== value) return undefined
    if (name !== undefined) {
      if (value === '') return undefined
      parameters[name] = safeDecode(value)
    }
  }
  return parameters
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Runs the first route that fits; literal segments must come before parameters in the table.
 * @throws HttpError 400 for an unknown path, 405 for a known one with another method
 */
export function dispatch(routes: readonly Route[], context: Context, path: string): Reply {
  const fitting = routes.flatMap(route => {
    const parameters = parametersOf(route.path, path)
    return parameters ? [{ route, parameters }] : []
  })
  const [first] = fitting
  if (!first) throw noSuchResource()
  const literal = fitting.filter(one => one.route.path === first.route.path)
  const found = literal.find(one => one.route.method === context.request.method)
  if (!found)
    throw new HttpError(405, 'Method not supported', `${context.request.method} is not supported here.`)
  return found.route.handle(context, found.parameters)
}
