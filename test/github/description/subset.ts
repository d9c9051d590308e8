/** The part of an OpenAPI description that some operations need: the operations, and all that they refer to. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

/** An OpenAPI document, as far as it is read here. */
export interface Description {
  readonly openapi: string
  readonly info: JsonObject
  readonly paths: { [path: string]: { [method: string]: JsonObject } }
  readonly components: { [kind: string]: { [name: string]: Json } }
}

const TEXTS = new Set([
  'description',
  'summary',
  'title',
  'example',
  'examples',
  'externalDocs',
  'tags',
  'format'
])

/** Members whose keys are names that somebody chose, so that no key in them is a text of the description. */
const NAMED = new Set(['properties', 'responses', 'schemas', 'parameters', 'headers', 'content'])

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Without texts and examples: they are most of the size, and nothing is checked against them. */
function bare(value: Json, named = false): Json {
  if (Array.isArray(value)) return value.map(item => bare(item))
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([key]) => named || !(TEXTS.has(key) || key.startsWith('x-')))
  const result = Object.fromEntries(kept.map(([key, item]) => [key, bare(item, !named && NAMED.has(key))]))
  return named ? result : withTypedNull(result)
}

/**
 * `nullable` beside `anyOf` or the like has no `type`, which the validator refuses; beside `enum`, a list without null
 * would refuse null.
 */
function withTypedNull(schema: JsonObject): JsonObject {
  if (schema.nullable !== true) return schema
  if (Array.isArray(schema.enum) && !schema.enum.includes(null))
    return { ...schema, enum: [...schema.enum, null] }
  if (schema.type !== undefined) return schema
  const { nullable: _, ...rest } = schema
  return { anyOf: [rest, { type: 'object', nullable: true, enum: [null] }] }
}

/** An operation without texts, with JSON bodies alone, and with what the description says of GitHub Apps. */
function bareOperation(operation: JsonObject): JsonObject {
  const result = bare(operation) as JsonObject
  const { 'x-github': facts } = operation
  if (isObject(facts)) result['x-github'] = { enabledForGitHubApps: facts.enabledForGitHubApps ?? null }
  for (const response of Object.values(result.responses as JsonObject)) bareResponse(response)
  return result
}

/** OpenAPI demands a description of each response. */
function bareResponse(response: Json): Json {
  if (!isObject(response) || '$ref' in response) return response
  response.description = ''
  const json = isObject(response.content) ? response.content['application/json'] : undefined
  if (json === undefined) delete response.content
  else response.content = { 'application/json': json }
  return response
}

function referencesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isObject(value)) return []
  const own = typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(referencesIn)]
}

/**
 * Follows the references of the operations and schemas through the components.
 * @throws Error for an operation or a component that the description does not have
 */
export function subsetOf(
  source: Description,
  operationIds: readonly string[],
  schemas: readonly string[]
): Pick<Description, 'paths' | 'components'> {
  const paths = pathsOf(source, new Set(operationIds))
  const components: { [kind: string]: { [name: string]: Json } } = {}
  const open = [...referencesIn(paths as Json), ...schemas.map(name => `#/components/schemas/${name}`)]
  for (let reference = open.pop(); reference !== undefined; reference = open.pop()) {
    const [, , kind = '', name = ''] = reference.split('/')
    if (components[kind]?.[name] !== undefined) continue
    const found = source.components[kind]?.[name]
    if (found === undefined) throw new Error(`the description has no ${reference}`)
    const taken = kind === 'responses' ? bareResponse(bare(found)) : bare(found)
    components[kind] = { ...components[kind], [name]: taken }
    open.push(...referencesIn(taken))
  }
  return { paths, components: sorted(components) }
}

function pathsOf(source: Description, wanted: Set<string>): Description['paths'] {
  const paths: Description['paths'] = {}
  for (const path of Object.keys(source.paths).sort()) {
    for (const [method, operation] of Object.entries(source.paths[path] ?? {})) {
      if (!wanted.delete(String(operation.operationId))) continue
      paths[path] = { ...paths[path], [method]: bareOperation(operation) }
    }
  }
  if (wanted.size > 0) throw new Error(`the description has no operation ${[...wanted].join(', ')}`)
  return paths
}

function sorted<T>(components: { [kind: string]: { [name: string]: T } }): typeof components {
  const inOrder = <V>(value: { [key: string]: V }) =>
    Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  return inOrder(Object.fromEntries(Object.entries(components).map(([kind, all]) => [kind, inOrder(all)])))
}

/** JSON with one line for each path and each component: small, and a new version shows what changed. */
export function linesOf(document: JsonObject, depth = 0): string {
  const indent = ' '.repeat(depth + 1)
  const lines = Object.entries(document).map(([key, value]) => {
    const opened = isObject(value) && (key === 'paths' || key === 'components' || depth === 1)
    const deeper = opened && !(depth === 1 && !isComponentKind(key))
    return `${indent}${JSON.stringify(key)}: ${deeper ? linesOf(value, depth + 1) : JSON.stringify(value)}`
  })
  return `{\n${lines.join(',\n')}\n${' '.repeat(depth)}}`
}

function isComponentKind(key: string): boolean {
  return !key.startsWith('/')
}
