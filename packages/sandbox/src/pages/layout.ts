import { type HttpResponse, htmlResponse } from '../server/response.ts'
import { type Html, html } from './html.ts'
import type { Topic } from './live.ts'
import type { Person, Visit } from './visit.ts'

/** The headers of every page: own scripts and styles only, in no frame, sent to no other site. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // With `no-referrer` a browser would not name the origin of a form, and the form would be refused.
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store'
}

export interface PageContent {
  readonly title: string
  readonly body: Html
  /** The topics on whose changes the page requests itself again. */
  readonly follow?: readonly Topic[]
  /** What a screen reader says when it changes. */
  readonly announce?: string
  /** What was done by the form that led here. */
  readonly done?: string | undefined
  /** Why the form that led here was refused. */
  readonly refused?: string | undefined
  /** HTTP status. Default 200. */
  readonly status?: number
}

const NAVIGATION = [
  ['/', 'Changes'],
  ['/requests', 'Requests'],
  ['/control', 'Control']
] as const

/** The hidden field without which no form is accepted. */
export function tokenField({ session }: Person): Html {
  return html`<input type="hidden" name="sysparm_ck" value="${session.token}">`
}

/** Where a person who signs in comes back to. */
export function loginLink({ request }: Visit): string {
  const back = ['/login.do', '/logout.do'].includes(request.path) ? '/' : request.target
  return `/login.do?to=${encodeURIComponent(back)}`
}

function navigation(visit: Visit): Html {
  const links = NAVIGATION.map(([path, label]) =>
    visit.request.path === path
      ? html`<a href="${path}" aria-current="page">${label}</a>`
      : html`<a href="${path}">${label}</a>`
  )
  return html`<nav aria-label="Pages">${links}</nav>`
}

function account(visit: Visit): Html {
  const { person } = visit
  if (!person) return html`<a href="${loginLink(visit)}">Log in</a>`
  return html`<form method="post" action="/logout.do">${tokenField(person)}<span>${person.actor.name}</span> <button>Log out</button></form>`
}

function messages({ done, refused }: PageContent): Html {
  if (refused !== undefined) return html`<p class="alert" role="alert" tabindex="-1" autofocus>${refused}</p>`
  return done === undefined ? html`` : html`<p class="note" role="status" tabindex="-1" autofocus>${done}</p>`
}

/** A whole page with its headers. */
export function sitePage(visit: Visit, content: PageContent): HttpResponse {
  const { title, body, follow = [], announce = '', status = 200 } = content
  const { data, requests } = visit.site.live.versions
  const connection = follow.length > 0 ? html`<span id="connection" class="soft"></span>` : html``
  const markup = html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} | ServiceNow sandbox</title><link rel="icon" href="/sandbox.svg"><link rel="stylesheet" href="/sandbox.css">
<script src="/sandbox.js" defer></script></head>
<body data-follow="${follow.join(' ')}" data-data="${String(data)}" data-requests="${String(requests)}">
<a class="skip" href="#main">Skip to content</a>
<header>${navigation(visit)}${connection}${account(visit)}</header>
<main id="main" tabindex="-1" data-announce="${announce}"><p id="live-status" role="status" class="soft"></p>${messages(content)}
${body}</main></body></html>
`.markup
  return htmlResponse(status, markup, SECURITY_HEADERS)
}

/** 303 to a page of the instance, so that a reload does not send the form again. */
export function seeOther(location: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status: 303,
    headers: { ...SECURITY_HEADERS, ...headers, Location: location },
    body: Buffer.alloc(0)
  }
}

/** A page for a record that does not exist, or that the account may not read. */
export function notFound(visit: Visit): HttpResponse {
  const text = visit.person ? ', or your account may not read it' : ''
  return sitePage(visit, {
    title: 'Page not found',
    status: 404,
    body: html`<h1>Page not found</h1><p>There is no such page or record${text}.</p>`
  })
}
