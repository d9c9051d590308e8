import type { Engine } from '../engine/engine.ts'
import { API_KEYS, OAUTH_CLIENTS } from '../seed/accounts.ts'
import { JWT_CLIENTS } from '../seed/jwt-client.ts'

/** Stands in place of a credential. */
export const REDACTED = '•••'

const SECRET_NAME =
  /pass(?:word|wd|phrase)|pwd|secret|token|assertion|authorization|api[-_]?key|credential|cookie|^sysparm_ck$|^code$/i

/** Shorter values would also be found in ordinary words. */
const MIN_SECRET_LENGTH = 8

/** The credentials that the instance knows, wherever they are in a text. */
export function knownSecrets({ store }: Engine): string[] {
  const all = [
    ...store.rows('sys_user').map(user => user.user_password ?? ''),
    ...OAUTH_CLIENTS.map(client => client.secret),
    ...JWT_CLIENTS.map(client => client.secret ?? ''),
    ...API_KEYS.map(one => one.key)
  ]
  return all.filter(secret => secret.length >= MIN_SECRET_LENGTH)
}

/** A text without the credentials that the instance knows, and without those of an `Authorization` header. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text)
    .replace(/\b(Basic|Bearer)\s{1,8}[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`)
}

/** The JSON text that a base64 text stands for, as in the requests of a batch. */
function jsonInBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{4,}={0,2}$/.test(text)) return undefined
  const decoded = Buffer.from(text, 'base64').toString('utf8')
  try {
    return typeof JSON.parse(decoded) === 'object' ? decoded : undefined
  } catch {
    return undefined
  }
}

function redactString(text: string, secrets: readonly string[]): string {
  const nested = jsonInBase64(text)
  return nested === undefined ? withoutSecrets(text, secrets) : `base64 of ${redactJson(nested, secrets)}`
}

function redactValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redactString(value, secrets)
  if (Array.isArray(value)) return value.map(one => redactValue(one, secrets))
  if (typeof value !== 'object' || value === null) return value
  const { name } = value as { name?: unknown }
  const namesSecret = typeof name === 'string' && SECRET_NAME.test(name)
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const isSecret = SECRET_NAME.test(key) || (namesSecret && key === 'value')
      return [key, isSecret ? REDACTED : redactValue(one, secrets)]
    })
  )
}

/**
 * The text of a JSON body without credentials. Text that is no JSON is not shown at all when it names one: where its
 * value ends cannot be told.
 * @param secrets the values of {@link knownSecrets}
 */
export function redactJson(text: string, secrets: readonly string[]): string {
  try {
    return JSON.stringify(redactValue(JSON.parse(text), secrets))
  } catch {
    return SECRET_NAME.test(text) || /["']code["']/i.test(text)
      ? '(not valid JSON, and not shown: it names a credential)'
      : withoutSecrets(text, secrets)
  }
}

/** A query string without the values of parameters that are credentials. */
export function redactQuery(query: string, secrets: readonly string[]): string {
  const parameters = query.split('&').map(parameter => {
    const [name = ''] = parameter.split('=', 1)
    return SECRET_NAME.test(name) ? `${name}=${REDACTED}` : parameter
  })
  const encoded = secrets.map(secret => encodeURIComponent(secret))
  return withoutSecrets(parameters.join('&'), [...secrets, ...encoded])
}
