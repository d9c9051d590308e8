/** GraphQL by GitHub's schema. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Stage, stage } from './kit.ts'

let world: Stage
beforeAll(async () => {
  world = await stage()
  const { shop } = world
  shop.branch('feature').commit({ branch: 'feature', files: { 'a.txt': 'a' }, message: 'Add a\n\nBecause.' })
  shop.pull({ title: 'Add a', head: 'feature', reviews: [{ by: 'anna', state: 'APPROVED' }], merge: true })
  shop.environment('staging', { reviewers: ['anna'], waitMinutes: 5 })
  shop.run('deploy.yml').finish('build').bypass('production', 'olivia').finish('deploy')
  shop.run('deploy.yml').finish('build')
})
afterAll(() => world.github.stop())

interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the form of its response
  readonly data: any
  readonly errors?: readonly { type?: string; message: string; path?: unknown }[]
}

async function query(text: string, token = world.token, variables: object = {}): Promise<Reply> {
  const headers: Record<string, string> = {
    'user-agent': 'test',
    ...(token ? { authorization: `Bearer ${token}` } : {})
  }
  const body = JSON.stringify({ query: text, variables })
  const response = await fetch(world.github.graphqlUrl, { method: 'POST', headers, body })
  return { ...((await response.json()) as Reply), status: response.status }
}

const inShop = (fields: string) => `{ repository(owner: "acme", name: "shop") { ${fields} } }`

describe('GraphQL', () => {
  it('lists deployments with their statuses, newest first where the order says so', async () => {
    const fields =
      'nodes { databaseId environment state commitOid creator { login __typename } latestStatus { state } statuses(first: 9) { nodes { state createdAt } } } pageInfo { hasNextPage endCursor } totalCount'
    const order = 'orderBy: { field: CREATED_AT, direction: DESC }'
    const { data, errors } = await query(
      inShop(`deployments(first: 1, environments: ["production"], ${order}) { ${fields} }`)
    )
    expect(errors).toBeUndefined()
    const { nodes, pageInfo, totalCount } = data.repository.deployments
    expect(nodes).toMatchObject([
      { state: 'WAITING', latestStatus: { state: 'WAITING' }, creator: { login: 'olivia' } }
    ])
    expect([totalCount, pageInfo.hasNextPage]).toEqual([2, true])
    const next = await query(
      inShop(`deployments(first: 1, after: "${pageInfo.endCursor}", ${order}) { ${fields} }`)
    )
    expect(next.data.repository.deployments.nodes[0]).toMatchObject({ state: 'ACTIVE' })
    expect(
      next.data.repository.deployments.nodes[0].statuses.nodes.map(({ state }: { state: string }) => state)
    ).toEqual(['SUCCESS', 'IN_PROGRESS', 'QUEUED', 'WAITING'])
  })

  it('knows the pull requests of a commit, with reviews', async () => {
    const sha = world.shop.sha('feature')
    const pulls =
      'associatedPullRequests(first: 5) { nodes { number title merged author { login } reviews(first: 5, states: [APPROVED]) { nodes { author { login } state } } } }'
    const { data } = await query(
      inShop(`object(oid: "${sha}") { __typename ... on Commit { messageHeadline ${pulls} } }`)
    )
    expect(data.repository.object).toMatchObject({
      __typename: 'Commit',
      messageHeadline: 'Add a',
      associatedPullRequests: {
        nodes: [
          { number: 1, merged: true, reviews: { nodes: [{ author: { login: 'anna' }, state: 'APPROVED' }] } }
        ]
      }
    })
  })

  it('shows environments, files, refs and history', async () => {
    const fields = `
      environment(name: "staging") { name protectionRules(first: 9) { nodes { type timeout reviewers(first: 9) { nodes { ... on User { login } } } } } }
      object(expression: "main:a.txt") { ... on Blob { text } }
      defaultBranchRef { name target { ... on Commit { history(first: 2) { nodes { oid } } } } }
      ref(qualifiedName: "refs/heads/nowhere") { name }`
    const { data } = await query(inShop(fields))
    expect(data.repository).toMatchObject({
      environment: {
        protectionRules: {
          nodes: [
            { type: 'WAIT_TIMER', timeout: 5 },
            { type: 'REQUIRED_REVIEWERS', reviewers: { nodes: [{ login: 'anna' }] } }
          ]
        }
      },
      object: { text: 'a' },
      defaultBranchRef: { name: 'main', target: { history: { nodes: [{ oid: world.shop.sha() }, {}] } } },
      ref: null
    })
  })

  it('tells the viewer and the rate limit, and finds nodes', async () => {
    const { data } = await query(inShop('deployments(first: 1) { nodes { id } }'))
    const [{ id }] = data.repository.deployments.nodes
    const found = await query(
      'query($id: ID!) { viewer { login } rateLimit { limit remaining cost } node(id: $id) { id ... on Deployment { environment } } }',
      world.token,
      { id }
    )
    expect(found.data).toMatchObject({
      viewer: { login: 'latch[bot]' },
      rateLimit: { limit: 5000, cost: 1 },
      node: { id, environment: 'production' }
    })
  })

  it.each([
    ['an unknown field', inShop('deploys'), 'Cannot query field "deploys" on type "Repository"'],
    [
      'an unknown argument',
      inShop('deployments(first: 1, state: 1) { totalCount }'),
      'Unknown argument "state"'
    ],
    [
      'a list without its length',
      inShop('deployments { totalCount }'),
      'You must provide a `first` or `last` value'
    ],
    [
      'a list of more than a hundred',
      inShop('deployments(first: 101) { totalCount }'),
      'exceeds the `first` limit of 100'
    ],
    ['what is no query', '{', 'Syntax Error']
  ])('refuses %s, with status 200', async (_, text, message) => {
    const { status, errors } = await query(text)
    expect([status, errors?.[0]?.message]).toEqual([200, expect.stringContaining(message)])
  })

  it('says NOT_FOUND of what the token may not see, and FORBIDDEN where a right is missing', async () => {
    world.github.repository('other/secret')
    const hidden = await query('{ repository(owner: "other", name: "secret") { id } }')
    expect([hidden.data, hidden.errors?.[0]?.type]).toEqual([{ repository: null }, 'NOT_FOUND'])
    const token = world.app.install('acme').token({ permissions: { contents: 'read' } })
    const refused = await query(inShop('name pullRequest(number: 1) { title }'), token)
    expect(refused.data.repository).toEqual({ name: 'shop', pullRequest: null })
    expect(refused.errors).toMatchObject([
      { type: 'FORBIDDEN', message: 'Resource not accessible by integration' }
    ])
    // A list cannot be null: the error takes the repository along.
    expect((await query(inShop('deployments(first: 1) { totalCount }'), token)).data).toEqual({
      repository: null
    })
    expect((await query('{ viewer { login } }', '')).status).toBe(401)
  })

  it('is counted apart from REST, and can be made to fail', async () => {
    world.github.fault({ kind: 'secondary-limit', operation: 'graphql', retryAfterSeconds: 3 })
    expect((await query('{ viewer { login } }')).status).toBe(403)
    expect(world.github.requests.at(-1)).toMatchObject({
      operationId: 'graphql',
      caller: 'installation',
      status: 403
    })
  })
})

describe('what GitHub has and this server has not', () => {
  it.each([
    [
      'a field that is left out of the schema',
      inShop('issues(first: 1) { totalCount }'),
      'Repository.issues is not imitated'
    ],
    ['a mutation', 'mutation { addComment { clientMutationId } }', 'mutations are not imitated'],
    ['a field without a value', inShop('viewerHasStarred'), 'Repository.viewerHasStarred is not imitated']
  ])('fails the test: %s', async (_, query, message) => {
    const { github, token } = await stage()
    const headers = { 'user-agent': 'test', authorization: `Bearer ${token}` }
    await fetch(github.graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query }) })
    await expect(github.stop()).rejects.toThrow(message)
  })
})
