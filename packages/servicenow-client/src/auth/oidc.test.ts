import { describe, expect, it } from '@jest/globals'
import { clientProblem } from '../problems/codes.ts'
import { json, type Seen } from '../testing/loopback.ts'
import { problemOf } from '../testing/options.ts'
import { get, patch, type Respond, usePipelines } from '../testing/pipelines.ts'

const pipelineTo = usePipelines()
const credentials = { scheme: 'oidc', oidcAudience: 'servicenow' } as const
const LIFETIME_S = 300

/** An issuer of identity tokens, numbered by their `jti`, and the clock of the test. The server has the real one. */
function issuer() {
  const state = { now: Date.now(), issued: 0, audiences: [] as string[] }
  const identityToken = async (audience: string) => {
    state.issued += 1
    state.audiences.push(audience)
    const iat = Math.floor(state.now / 1000)
    const claims = { jti: state.issued, iat, exp: iat + LIFETIME_S }
    return `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`
  }
  return { state, identityToken }
}

const jtiOf = ({ headers }: Seen): number =>
  JSON.parse(Buffer.from(String(headers.authorization).split('.')[1] ?? '', 'base64url').toString()).jti

/** An instance that accepts by `accept`, and has no versioned path; with `once` it takes no token twice. */
function instance(accept: (request: Seen) => boolean, once = false): Respond {
  const used = new Set<number>()
  return (request, response) => {
    const jti = jtiOf(request)
    const repeated = once && used.has(jti)
    used.add(jti)
    if (!accept(request) || repeated)
      return json(response, 401, { error: { message: 'User Not Authenticated' }, status: 'failure' })
    if (request.path.startsWith('/api/sn_chg_rest/v1/')) return json(response, 404, {})
    json(response, 200, { result: jti })
  }
}

async function connected(respond: Respond) {
  const { state, identityToken } = issuer()
  const connection = await pipelineTo(respond, {
    credentials,
    identityToken,
    now: () => state.now,
    maxRetries: 2
  })
  return { ...connection, state }
}

describe('an identity token', () => {
  it('is a bearer token for the audience, is used for many requests, and is masked', async () => {
    const { pipeline, state, seen, options } = await connected(instance(() => true))
    await pipeline.request(get())
    await pipeline.request(patch())
    expect(state.audiences).toEqual(['servicenow'])
    expect(seen.map(jtiOf)).toEqual([1, 1])
    expect(options.secrets).toEqual([String(seen[0]?.headers.authorization).replace('Bearer ', '')])
  })

  it('is replaced a minute before it expires', async () => {
    const { pipeline, state, seen } = await connected(instance(() => true))
    await pipeline.request(get())
    state.now += (LIFETIME_S - 61) * 1000
    await pipeline.request(get())
    state.now += 2_000
    await Promise.all([pipeline.request(get()), pipeline.request(get())])
    expect(seen.map(jtiOf)).toEqual([1, 1, 2, 2])
  })

  it('is fetched for each request once a repeated use was refused', async () => {
    const { pipeline, seen } = await connected(instance(() => true, true))
    await pipeline.request(get())
    // Refused as a repeated use, and sent again with a token of its own.
    expect(await pipeline.request(patch())).toEqual({ result: 2 })
    await pipeline.request(get())
    await Promise.all([pipeline.request(get()), pipeline.request(get())])
    expect(seen.map(jtiOf).sort()).toEqual([1, 1, 2, 3, 4, 5])
  })

  it('of requests in parallel that share it is no mistake', async () => {
    const { pipeline } = await connected(instance(() => true, true))
    const results = await Promise.all([1, 2, 3].map(() => pipeline.request(get())))
    expect(results).toHaveLength(3)
  })

  it('that is refused at its first use is a problem at once', async () => {
    const { pipeline, seen, state } = await connected(instance(() => false))
    const problem = await problemOf('credentials', pipeline.request(get()))
    expect(problem.facts).toMatchObject({ status: 401, scheme: 'oidc' })
    expect(seen).toHaveLength(1)
    expect(state.issued).toBe(1)
  })

  it('that is refused again as the only one of its request is a problem', async () => {
    let refused = false
    const { pipeline, seen } = await connected(instance(() => !refused, true))
    await pipeline.request(get())
    await pipeline.request(get())
    refused = true
    await problemOf('credentials', pipeline.request(get()))
    expect(seen.map(jtiOf)).toEqual([1, 1, 2, 3])
  })

  it('signs both paths of the Change Management API anew where each may be used once', async () => {
    const { pipeline, seen } = await connected(instance(() => true, true))
    await pipeline.request(get())
    await pipeline.request(get())
    await pipeline.request(get({ path: '/api/sn_chg_rest/v1/change' }))
    expect(seen.slice(3).map(one => `${jtiOf(one)} ${one.path}`)).toEqual([
      '3 /api/sn_chg_rest/v1/change',
      '4 /api/sn_chg_rest/change'
    ])
  })

  it('that cannot be had now is waited for', async () => {
    const { identityToken } = issuer()
    let fail = 1
    const { pipeline, options } = await pipelineTo(
      instance(() => true),
      {
        credentials,
        maxRetries: 1,
        async identityToken(audience) {
          fail -= 1
          if (fail < 0) return identityToken(audience)
          throw clientProblem('identity-token', { operation: 'requesting a token', status: 503 })
        }
      }
    )
    expect(await pipeline.request(patch())).toEqual({ result: 1 })
    expect(options.pauses).toHaveLength(1)
  })
})
