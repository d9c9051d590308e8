/** The GitHub App: its JWT, and tokens of its installation. */
import { createSign } from 'node:crypto'
import { needed, type Reply } from './api.ts'
import type { Bench } from './bench.ts'

export interface App {
  readonly id: number
  readonly slug: string
  /** A token of the installation on the repository; a fresh one each time. */
  token(permissions?: Readonly<Record<string, 'read' | 'write'>>): Promise<string>
  /** Reads the App with a JWT that has these claims too. */
  tryClaims(claims: object): Promise<Reply>
}

/** @throws Error where the App is not known, or not installed on the repository */
export async function appOf(bench: Bench): Promise<App | undefined> {
  const { api, settings, now, path } = bench
  const { app } = settings
  if (app === undefined) return undefined
  const jwt = (claims: object = {}) => signed({ iss: app.id, ...claims }, app.privateKey, now())
  const { id, slug } = needed(await api('GET /app', jwt()), 'Reading the App')
  const installation = needed(await api(`GET ${path}/installation`, jwt()), 'Looking for its installation')
  return {
    id,
    slug,
    tryClaims: claims => api('GET /app', jwt(claims)),
    token: async permissions => {
      const route = `POST /app/installations/${installation.id}/access_tokens`
      const body = permissions === undefined ? {} : { permissions }
      return needed(await api(route, jwt(), { body }), 'Making a token of the installation').token
    }
  }
}

function signed(claims: object, privateKey: string, now: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const seconds = Math.floor(now / 1000)
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds - 60, exp: seconds + 480, ...claims })}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}
