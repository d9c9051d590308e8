import { authenticatePassword } from '../oauth/authenticate.ts'
import type { HttpResponse } from '../server/response.ts'
import { html } from './html.ts'
import { seeOther, sitePage } from './layout.ts'
import { sessionCookie } from './sessions.ts'
import type { Visit } from './visit.ts'

/** A path of this instance; `/` for anything else, so that a link cannot lead elsewhere after sign-in. */
function localPath(visit: Visit, to: string | null): string {
  const { origin } = visit.request
  const url = URL.canParse(to ?? '/', origin) ? new URL(to ?? '/', origin) : new URL(origin)
  return url.origin === origin ? url.pathname + url.search : '/'
}

/** `GET /login.do` */
export function loginPage(visit: Visit, refused?: string): HttpResponse {
  const to = visit.request.query.get('to') ?? '/'
  return sitePage(visit, {
    title: 'Log in',
    refused,
    status: refused === undefined ? 200 : 401,
    body: html`<h1>Log in</h1>
<form method="post" action="${`/login.do?to=${encodeURIComponent(to)}`}">
<label for="user_name">User name</label><input id="user_name" name="user_name" autocomplete="username" required>
<label for="user_password">Password</label><input id="user_password" name="user_password" type="password" autocomplete="current-password" required>
<p><button class="main">Log in</button></p></form>
<p class="soft">The accounts and their passwords are printed where the sandbox was started, and listed in its README. An approver of the CAB is <code>anna.approver</code>.</p>`
  })
}

/** `POST /login.do`: the fields `user_name` and `user_password`. */
export function logIn(visit: Visit, form: URLSearchParams): HttpResponse {
  const { request, site } = visit
  const actor = authenticatePassword(
    site.engine,
    form.get('user_name') ?? '',
    form.get('user_password') ?? ''
  )
  if (!actor) return loginPage(visit, 'User name or password invalid')
  if (visit.person) site.sessions.end(visit.person.session)
  const session = site.sessions.start(actor.userName)
  return seeOther(localPath(visit, request.query.get('to')), {
    'Set-Cookie': sessionCookie(request, session)
  })
}

/** `POST /logout.do` */
export function logOut(visit: Visit): HttpResponse {
  if (visit.person) visit.site.sessions.end(visit.person.session)
  return seeOther('/', { 'Set-Cookie': sessionCookie(visit.request) })
}
