/**
 * GitHub's token service for tests: what a job with `id-token: write` asks for its identity token. It is a server of its
 * own, as it is at GitHub. Claims as in docs.github.com, "OpenID Connect reference".
 */
import { createHash, generateKeyPairSync, type JsonWebKey, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'

/** As issued, five minutes. */
const LIFETIME_SECONDS = 300

export interface IdentityTokens {
  /** The keys of `/.well-known/jwks`. */
  readonly keys: readonly JsonWebKey[]
  /** The variables that the runner gives a job with the permission. */
  readonly env: Readonly<Record<string, string>>
  /** The audience of each token that was issued, in order. */
  readonly issued: readonly string[]
  /** Responds to the next requests with this status. */
  fail(status: number, times: number): void
  stop(): Promise<void>
}

export interface IdentityOptions {
  /** Claims that differ from those of a deployment of `acme/shop` to production. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Epoch milliseconds. */
  readonly now?: () => number
}

const JOB = {
  iss: GITHUB_ISSUER,
  sub: 'repo:acme/shop:environment:production',
  repository: 'acme/shop',
  repository_owner: 'acme',
  environment: 'production',
  ref: 'refs/heads/main',
  run_id: '1001'
}

/** Starts the service on loopback. Without its request token it refuses. */
export async function startIdentityTokens(options: IdentityOptions = {}): Promise<IdentityTokens> {
  const { claims = {}, now = Date.now } = options
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = createHash('sha1').update(String(jwk.n)).digest('hex').toUpperCase()
  const requestToken = `request.${randomUUID()}`
  const issued: string[] = []
  const failures: number[] = []
  const issue = (audience: string) => {
    issued.push(audience)
    const iat = Math.floor(now() / 1000)
    const times = { iat, nbf: iat, exp: iat + LIFETIME_SECONDS, jti: randomUUID() }
    const signed = `${part({ typ: 'JWT', alg: 'RS256', kid })}.${part({ ...JOB, ...times, aud: audience, ...claims })}`
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  }
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    const failure = failures.shift()
    const allowed = request.headers.authorization === `Bearer ${requestToken}`
    if (failure !== undefined) send(failure, { message: 'not now' })
    else if (!allowed) send(401, { message: 'not authorised' })
    else send(200, { count: 1, value: issue(searchParams.get('audience') ?? 'https://github.com/acme') })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }],
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/42//idtoken/8d/3e?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken
    },
    issued,
    fail: (status, times) => void failures.push(...Array<number>(times).fill(status)),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
