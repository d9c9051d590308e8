import { randomBytes } from 'node:crypto'
import { equalSecrets } from '../oauth/authenticate.ts'
import type { HttpRequest } from '../server/request.ts'

/** A person who signed in at the pages. */
export interface Session {
  readonly id: string
  readonly userName: string
  /** Every form carries it: another site cannot know it. */
  readonly token: string
  /** Epoch milliseconds of the instance's clock. */
  readonly endsAt: number
}

const LIFETIME_MS = 12 * 3_600_000
const MAX_SESSIONS = 1000

/** The sessions of the pages. They end with the instance. */
export class Sessions {
  readonly #now: () => number
  readonly #byId = new Map<string, Session>()

  constructor(now: () => number) {
    this.#now = now
  }

  start(userName: string): Session {
    const [oldest] = this.#byId.keys()
    if (this.#byId.size >= MAX_SESSIONS && oldest !== undefined) this.#byId.delete(oldest)
    const secret = () => randomBytes(24).toString('hex')
    const session = { id: secret(), userName, token: secret(), endsAt: this.#now() + LIFETIME_MS }
    this.#byId.set(session.id, session)
    return session
  }

  end(session: Session): void {
    this.#byId.delete(session.id)
  }

  /** The session that the request's cookie names. */
  of(request: HttpRequest): Session | undefined {
    const name = cookieName(request)
    const pairs = (request.headers.cookie ?? '').split(/;\s*/)
    const id = pairs.find(pair => pair.startsWith(`${name}=`))?.slice(name.length + 1)
    const session = id === undefined ? undefined : this.#byId.get(id)
    return session !== undefined && session.endsAt > this.#now() ? session : undefined
  }
}

/** Cookies do not know ports: each of several sandboxes on one machine has a name of its own. */
function cookieName(request: HttpRequest): string {
  return `sandbox_session_${new URL(request.origin).port || '80'}`
}

/** The `Set-Cookie` header that begins a session; without one, that which ends it. */
export function sessionCookie(request: HttpRequest, session?: Session): string {
  const attributes = 'Path=/; HttpOnly; SameSite=Strict'
  const name = cookieName(request)
  return session ? `${name}=${session.id}; ${attributes}` : `${name}=; ${attributes}; Max-Age=0`
}

/** Whether the form carries the session's token. */
export function hasToken(session: Session, form: URLSearchParams): boolean {
  return equalSecrets(form.get('sysparm_ck') ?? '', session.token)
}

/**
 * Whether a form was sent by a page of this instance. Browsers name the origin of every form that is sent by POST; what
 * is no browser names none, and is kept out by the token.
 */
export function isSameOrigin(request: HttpRequest): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  return (origin === undefined || origin === request.origin) && (site === undefined || site === 'same-origin')
}
