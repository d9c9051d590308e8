/** Executes GraphQL requests by GitHub's schema, a subset of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSchema,
  execute,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  parse,
  validate
} from 'graphql'
import type { ApiResponse } from '../call.ts'
import type { RateLimits } from '../rate-limits.ts'
import { Defect, Refusal } from '../refusal.ts'
import type { Repository, World } from '../state.ts'
import { actorOf, type Caller } from '../tokens.ts'
import { time } from '../views.ts'
import { deploymentNode } from './deployments.ts'
import { commitNode } from './git.ts'
import { pullNode } from './pulls.ts'
import { repositoryNode, userNode } from './repositories.ts'
import { failure, type Scope, visibleRepository } from './scope.ts'

export interface GraphqlCall {
  readonly world: World
  readonly limits: RateLimits
  readonly caller: Caller
  /** The body: `{ query, variables?, operationName? }`. */
  readonly request: unknown
  readonly defects: string[]
}

interface Loaded {
  readonly schema: GraphQLSchema
  readonly leftOut: Readonly<Record<string, readonly string[]>>
}

let loaded: Loaded | undefined

function load(): Loaded {
  const folder = join(import.meta.dirname, '../description')
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  loaded ??= {
    schema: buildSchema(read('schema.graphql')),
    leftOut: JSON.parse(read('schema-left-out.json'))
  }
  return loaded
}

/** The value or function of a record; a field that the record has not is a defect, never null. */
const resolveField: GraphQLFieldResolver<unknown, unknown> = (source, args, _context, info) => {
  const value = (source as Record<string, unknown>)[info.fieldName]
  if (value === undefined) throw new Defect(`${info.parentType.name}.${info.fieldName} is not imitated`)
  return typeof value === 'function' ? value(args) : value
}

/** Fields that GitHub has and the subset has not: the request is right, and the test server lacks something. */
function lackingFields(errors: readonly GraphQLError[], leftOut: Loaded['leftOut']): string[] {
  return errors.flatMap(({ message }) => {
    const [, field = '', type = ''] = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(message) ?? []
    return leftOut[type]?.includes(field) ? [`${type}.${field}`] : []
  })
}

/** In the form of GitHub: `type` beside the message. */
function errorView({ message, path, locations, extensions }: GraphQLError): object {
  const { type, ...rest } = extensions
  const more = Object.keys(rest).length === 0 ? {} : { extensions: rest }
  return {
    ...(type ? { type } : {}),
    ...(path ? { path } : {}),
    ...more,
    locations: locations ?? [],
    message
  }
}

function rootFields({ world, caller, limits }: GraphqlCall, scope: Scope) {
  return {
    id: 'query',
    viewer: () => userNode(scope, actorOf(world, caller)),
    rateLimit: () => {
      const { limit, used, remaining, reset } = limits.state(caller, 'graphql')
      return { cost: 1, nodeCount: 0, limit, used, remaining, resetAt: time(reset * 1000) }
    },
    repository: ({ owner, name }: { owner: string; name: string }) =>
      repositoryNode(scope, visibleRepository(scope, owner, name)),
    node: ({ id }: { id: string }) => nodeWithId(scope, id),
    nodes: ({ ids }: { ids: readonly string[] }) => ids.map(id => nodeWithId(scope, id))
  }
}

function nodeWithId(scope: Scope, id: string): object {
  const [kind, number] = Buffer.from(id, 'base64url').toString('utf8').split(':')
  const inside = (find: (repository: Repository) => object | undefined) => {
    for (const repository of scope.world.repositories) {
      const found = find(repository)
      if (found) {
        visibleRepository(scope, repository.owner.login, repository.name)
        return found
      }
    }
    throw failure('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`)
  }
  const is = (one: { readonly id: number }) => String(one.id) === number
  return inside(repository => {
    const deployment = kind === 'Deployment' ? repository.deployments.find(is) : undefined
    if (deployment) return deploymentNode(scope, repository, deployment)
    const pull = kind === 'PullRequest' ? repository.pulls.find(is) : undefined
    if (pull) return pullNode(scope, repository, pull)
    const commit = kind === 'Commit' ? repository.commits.get(number ?? '') : undefined
    if (commit) return commitNode(scope, repository, commit)
    return kind === 'Repository' && is(repository) ? repositoryNode(scope, repository) : undefined
  })
}

/**
 * Errors of the query are a response with 200 and `errors`, as at GitHub.
 * @throws Refusal 401 without a token, 400 without a query
 */
export async function runGraphql(call: GraphqlCall): Promise<ApiResponse> {
  if (call.caller.kind === 'none' || call.caller.kind === 'app') {
    throw new Refusal(401, 'This endpoint requires you to be authenticated.')
  }
  const { query, variables, operationName } = (call.request ?? {}) as Record<string, unknown>
  if (typeof query !== 'string')
    throw new Refusal(400, 'A query attribute must be specified and must be a string.')
  const { schema, leftOut } = load()
  let document: ReturnType<typeof parse>
  try {
    document = parse(query)
  } catch (error) {
    return { status: 200, body: { errors: [errorView(error as GraphQLError)] } }
  }
  if (document.definitions.some(one => 'operation' in one && one.operation !== 'query')) {
    throw new Defect('GraphQL: mutations are not imitated')
  }
  const errors = validate(schema, document)
  const lacking = lackingFields(errors, leftOut)
  if (lacking.length > 0) throw new Defect(`GraphQL: ${lacking.join(', ')} is not imitated`)
  if (errors.length > 0) return { status: 200, body: { errors: errors.map(errorView) } }
  const result = await execute({
    schema,
    document,
    rootValue: rootFields(call, call),
    variableValues: variables as Record<string, unknown>,
    operationName: operationName as string,
    fieldResolver: resolveField
  })
  for (const { originalError } of result.errors ?? []) {
    if (originalError && !(originalError.name === 'GraphQLError'))
      call.defects.push(`GraphQL: ${originalError.message}`)
  }
  const body = result.errors
    ? { data: result.data, errors: result.errors.map(errorView) }
    : { data: result.data }
  return { status: 200, body }
}
