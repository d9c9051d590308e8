/** Requests to GitHub whose refusals are values: what is asked here is which status comes back. */

/** What came back. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: each question knows the form of its response
  readonly data: any
}

/** Sends one request. `route`: `GET /repos/acme/shop`. @throws Error without a response */
export type Api = (route: string, token: string, more?: Sent) => Promise<Reply>

export interface Sent {
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 30_000

/** @param apiUrl `https://api.github.com`, or `https://HOST/api/v3` */
export function apiAt(apiUrl: string): Api {
  return async (route, token, { body, headers = {} } = {}) => {
    const [method = 'GET', path = ''] = route.split(' ')
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'change-actions-servicenow-check',
        ...headers
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    return { status: response.status, headers: response.headers, data: jsonOf(await response.text()) }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** The data of a request that must succeed. @throws Error with GitHub's message, and the right that is missing */
export function needed({ status, headers, data }: Reply, doing: string): Reply['data'] {
  if (status < 300) return data
  const accepted = headers.get('x-accepted-github-permissions')
  const right = accepted === null ? '' : `; the token needs ${accepted}`
  throw new Error(`${doing}: GitHub refuses it with ${status} (${data.message ?? 'no message'}${right})`)
}

/** A refusal or success in a few words. */
export function wordsOf({ status, data }: Reply): string {
  return data.message === undefined ? `${status}` : `${status} (${data.message})`
}
