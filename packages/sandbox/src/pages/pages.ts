import { mayRead } from '../engine/acl.ts'
import { findActor } from '../engine/actor.ts'
import type { HttpRequest } from '../server/request.ts'
import { mediaType } from '../server/request.ts'
import type { HttpResponse } from '../server/response.ts'
import { changeForm, changePage } from './change-page.ts'
import { controlForm, controlPage } from './control-page.ts'
import { html } from './html.ts'
import { loginLink, notFound, SECURITY_HEADERS, seeOther, sitePage } from './layout.ts'
import { listPage } from './list-page.ts'
import { LIVE_SCRIPT } from './live-script.ts'
import { logIn, loginPage, logOut } from './login.ts'
import { requestsPage } from './requests-page.ts'
import { hasToken, isSameOrigin } from './sessions.ts'
import { ICON, STYLE_SHEET } from './style.ts'
import { type Person, type Site, type Visit, viewerOf } from './visit.ts'

/** Bytes. The longest text that a person writes into a form is far shorter. */
const MAX_FORM_BYTES = 1_048_576

type Page = (visit: Visit) => HttpResponse

const bySysId = ({ request }: Visit) => request.query.get('sys_id') ?? ''

const PAGES: Readonly<Record<string, Page>> = {
  '/': listPage,
  '/change_request_list.do': listPage,
  '/change_request.do': visit => changePage(visit, bySysId(visit)),
  '/nav_to.do': visit => changePage(visit, navigationTarget(visit.request)),
  '/sys_attachment.do': attachment,
  '/login.do': visit => loginPage(visit),
  '/requests': requestsPage,
  '/control': controlPage,
  '/sandbox.css': () => asset('text/css;charset=UTF-8', STYLE_SHEET),
  '/sandbox.js': () => asset('text/javascript;charset=UTF-8', LIVE_SCRIPT),
  '/sandbox.svg': () => asset('image/svg+xml', ICON)
}

/** The paths that take forms from a person who signed in. */
const FORMS: Readonly<Record<string, (visit: Visit, person: Person, form: URLSearchParams) => HttpResponse>> =
  {
    '/change_request.do': changeForm,
    '/control': controlForm,
    '/logout.do': logOut
  }

function asset(type: string, text: string): HttpResponse {
  return { status: 200, headers: { ...SECURITY_HEADERS, 'Content-Type': type }, body: Buffer.from(text) }
}

/** The sys_id in `nav_to.do?uri=change_request.do?sys_id=…`, with or without a slash, encoded or not. */
function navigationTarget(request: HttpRequest): string {
  const uri = request.query.get('uri') ?? ''
  const nested = URL.canParse(uri, request.origin) ? new URL(uri, request.origin) : undefined
  return nested?.searchParams.get('sys_id') ?? request.query.get('sys_id') ?? ''
}

/** A download: what another account uploaded is never shown as a page. */
function attachment(visit: Visit): HttpResponse {
  const { engine } = visit.site
  const sysId = bySysId(visit)
  const file = engine.store.get('sys_attachment', sysId)
  if (!file || !mayRead(engine, viewerOf(visit), 'sys_attachment', file)) return notFound(visit)
  const name = encodeURIComponent(file.file_name ?? 'attachment')
  return {
    status: 200,
    headers: {
      ...SECURITY_HEADERS,
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename*=UTF-8''${name}`
    },
    body: { path: engine.store.files.pathOf(sysId), size: Number(file.size_bytes) }
  }
}

/** Whether a request is for a page of a person, and not for an API. */
export function isPage({ path }: HttpRequest): boolean {
  return Object.hasOwn(PAGES, path) || Object.hasOwn(FORMS, path)
}

function personOf(site: Site, request: HttpRequest): Person | undefined {
  const session = site.sessions.of(request)
  // An account that was locked since its sign-in has no rights any more.
  const actor = session && findActor(site.engine.store, session.userName)
  return session && actor ? { session, actor } : undefined
}

function refused(visit: Visit, status: number, reason: string): HttpResponse {
  return sitePage(visit, {
    title: 'Refused',
    status,
    refused: reason,
    body: html`<h1>Refused</h1><p><a href="/">All changes</a></p>`
  })
}

/** A form counts only when a page of this instance sent it: by its origin, and by the token of the session. */
function receive(visit: Visit): HttpResponse {
  const { request, person } = visit
  if (!isSameOrigin(request)) return refused(visit, 403, 'The form was sent by another site.')
  if (mediaType(request) !== 'application/x-www-form-urlencoded')
    return refused(visit, 415, 'The form must be sent as application/x-www-form-urlencoded.')
  if (request.body.length > MAX_FORM_BYTES) return refused(visit, 413, 'The form is longer than 1 MiB.')
  const form = new URLSearchParams(request.body.toString('utf8'))
  if (request.path === '/login.do') return logIn(visit, form)
  if (!person) return seeOther(loginLink(visit))
  if (!hasToken(person.session, form))
    return refused(visit, 403, 'The form is out of date. Fix: open the page again, then send the form again.')
  const submit = Object.hasOwn(FORMS, request.path) ? FORMS[request.path] : undefined
  return submit ? submit(visit, person, form) : refused(visit, 405, 'This page takes no forms.')
}

/** The pages of the user interface. To look needs no sign-in; to act does. */
export function respondWithPage(site: Site, request: HttpRequest): HttpResponse {
  const person = personOf(site, request)
  const visit: Visit = { site, request, ...(person && { person }) }
  if (request.method === 'POST' && isPage(request)) return receive(visit)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refused(visit, 405, `This page cannot be requested by ${request.method}.`)
  const show = Object.hasOwn(PAGES, request.path) ? PAGES[request.path] : undefined
  return show ? show(visit) : notFound(visit)
}
