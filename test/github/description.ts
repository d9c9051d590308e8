/** GitHub's description of its REST API: which operation a request is, and whether request and response fit. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpenAPIBackend, type Operation, type Options, type Request } from 'openapi-backend'
import { fill, unknownKeys } from './schemas.ts'

/** A schema of the description. */
export interface Schema {
  readonly [key: string]: unknown
}

type OpenAPIV3Document = Exclude<Options['definition'], string>
type Ajv = Parameters<NonNullable<Options['customizeAjv']>>[0]

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly [kind: string]: Readonly<Record<string, unknown>>
  }
}

/** A request that an operation was found for. */
export interface Matched {
  readonly operationId: string
  /** False for the calls that are closed to installation tokens. */
  readonly enabledForApps: boolean
  readonly params: Readonly<Record<string, string>>
  readonly operation: Operation
  readonly request: Request
}

export interface Description {
  /** Undefined for a path or method that the subset does not have. */
  match(method: string, path: string, query: string, body: unknown): Matched | undefined
  /** What is wrong with the request, as the description says it. */
  requestErrors(matched: Matched): string[]
  /** Query parameters and members of the body that the operation does not have. */
  unknownParts(matched: Matched): string[]
  /** What is wrong with the response. The body is undefined where there is none. */
  responseErrors(matched: Matched, status: number, body: unknown): string[]
  /** The value with neutral values for the members that the schema requires and the value has not. */
  fill<T extends object>(schema: string, value: T): T
  readonly operationIds: readonly string[]
}

/** Paths whose last parameter may contain slashes; the router wants them encoded. */
const WITH_SLASHES = [
  /^(\/repos\/[^/]+\/[^/]+\/(?:contents|git\/refs?|compare|branches)\/)(.+)$/,
  /^(\/repos\/[^/]+\/[^/]+\/commits\/)(.+?)(\/(?:pulls|status|check-runs))?$/
]

function encodeSlashes(path: string): string {
  for (const pattern of WITH_SLASHES) {
    const [, head, value, tail = ''] = pattern.exec(path) ?? []
    if (head !== undefined && value !== undefined) return head + value.replaceAll('/', '%2F') + tail
  }
  return path
}

let loading: Promise<Description> | undefined

/** The description, read and prepared once for each process. */
export function loadDescription(): Promise<Description> {
  loading ??= load()
  return loading
}

/** Name under which the whole description is known to the validator of responses. */
const SHARED = 'github'

/**
 * References in bodies that the validator resolves itself: it compiles each component once, where the library would
 * copy it into every operation. That is several times as fast.
 */
function withSharedReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSharedReferences)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => {
    const isSchema = key === '$ref' && String(item).startsWith('#/components/schemas/')
    return [key, isSchema ? SHARED + item : withSharedReferences(item)]
  })
  return Object.fromEntries(entries)
}

function withSharedSchemas({ responses, requestBody, ...rest }: Operation): object {
  const body = requestBody ? { requestBody: withSharedReferences(requestBody) } : {}
  return { ...rest, ...body, responses: withSharedReferences(responses) }
}

function definitionOf({ paths, ...rest }: Document): OpenAPIV3Document {
  const operations = (item: Readonly<Record<string, Operation>>) =>
    Object.entries(item).map(([method, one]) => [method, withSharedSchemas(one)])
  const prepared = Object.entries(paths).map(([path, item]) => [path, Object.fromEntries(operations(item))])
  return structuredClone({ ...rest, paths: Object.fromEntries(prepared) }) as unknown as OpenAPIV3Document
}

async function load(): Promise<Description> {
  const text = readFileSync(join(import.meta.dirname, 'description/rest.json'), 'utf8')
  const document = JSON.parse(text) as Document
  const validators = new Map<string, Ajv>()
  // Formats say nothing that these tests need. `quick` compiles a validator when it is first used. The rest makes
  // compiling faster: the description is known to be right, and speed of the compiled code matters less.
  const api = new OpenAPIBackend({
    definition: definitionOf(document),
    quick: true,
    ajvOpts: {
      validateFormats: false,
      allErrors: true,
      validateSchema: false,
      inlineRefs: false,
      code: { optimize: false }
    },
    customizeAjv: (ajv, _, context) => {
      const known = validators.get(context)
      if (known) return known
      validators.set(context, ajv)
      return ajv.addSchema(JSON.parse(text), SHARED)
    }
  })
  await api.init()
  return new LoadedDescription(document, api)
}

interface Route {
  readonly operation: Operation
  readonly pattern: RegExp
}

/** Prepared once: the library's own router does it for each request. A path without a parameter comes first. */
function routesOf(operations: readonly Operation[]): Route[] {
  const byParameters = (a: Operation, b: Operation) => a.path.split('{').length - b.path.split('{').length
  return [...operations].sort(byParameters).map(operation => {
    const pattern = operation.path.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    return { operation, pattern: new RegExp(`^${pattern}$`) }
  })
}

class LoadedDescription implements Description {
  readonly #document: Document
  readonly #api: OpenAPIBackend
  readonly #routes: readonly Route[]
  readonly operationIds: readonly string[]

  constructor(document: Document, api: OpenAPIBackend) {
    this.#document = document
    this.#api = api
    this.#routes = routesOf(api.getOperations())
    this.operationIds = this.#routes.map(({ operation }) => String(operation.operationId))
  }

  match(method: string, path: string, query: string, body: unknown): Matched | undefined {
    const request = { method, path: encodeSlashes(path), query, body, headers: {} } as Request
    for (const { operation, pattern } of this.#routes) {
      const found = operation.method === method ? pattern.exec(request.path) : null
      if (found === null) continue
      const facts = (operation as { 'x-github'?: { enabledForGitHubApps?: boolean } })['x-github']
      const params = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decoded(value)])
      return {
        operationId: String(operation.operationId),
        enabledForApps: facts?.enabledForGitHubApps !== false,
        params: Object.fromEntries(params),
        operation,
        request
      }
    }
    return undefined
  }

  requestErrors({ request, operation }: Matched): string[] {
    const headers = { 'content-type': 'application/json' }
    const { errors } = this.#api.validateRequest({ ...request, headers }, operation)
    return (errors ?? []).map(error => `${error.instancePath || '/'} ${error.message}`)
  }

  unknownParts({ request, operation }: Matched): string[] {
    const known = (operation.parameters ?? []).map(one => ('name' in one ? one.name : ''))
    const query = [...new URLSearchParams(String(request.query)).keys()].filter(name => !known.includes(name))
    const body = operation.requestBody as
      | { content?: { 'application/json'?: { schema?: Schema } } }
      | undefined
    const schema = body?.content?.['application/json']?.schema
    const members = schema ? unknownKeys(this.#document.components.schemas, schema, request.body) : []
    return [...query.map(name => `query parameter ${name}`), ...members.map(name => `body ${name}`)]
  }

  responseErrors({ operation }: Matched, status: number, body: unknown): string[] {
    const declared = this.#responseSchema(operation, status)
    if (declared === 'none') return body === undefined ? [] : ['a body where the description has none']
    if (declared === 'unlisted') {
      return status < 400 ? [`the description has no response ${status}`] : errorForm(body)
    }
    const { errors } = this.#api.validateResponse(body, operation, status)
    // Errors have members that their schemas do not name.
    const unknown = status < 400 ? unknownKeys(this.#document.components.schemas, declared, body) : []
    return [
      ...(errors ?? []).map(error => `${error.instancePath || '/'} ${error.message}`),
      ...unknown.map(name => `${name} is no member of the response`)
    ]
  }

  #responseSchema(operation: Operation, status: number): Schema | 'none' | 'unlisted' {
    const response = (operation.responses as Record<string, Schema> | undefined)?.[status]
    if (response === undefined) return 'unlisted'
    const { schema } = ((response.content as Record<string, Schema> | undefined)?.['application/json'] ??
      {}) as {
      schema?: Schema
    }
    return schema ?? (status >= 400 ? 'unlisted' : 'none')
  }

  fill<T extends object>(schema: string, value: T): T {
    return fill(this.#document.components.schemas, schema, value)
  }
}

function errorForm(body: unknown): string[] {
  const { message } = (body ?? {}) as { message?: unknown }
  return typeof message === 'string' ? [] : ['an error without a message']
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
