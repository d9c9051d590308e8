import { inZone, utc } from '../engine/dates.ts'
import type { RequestRecord } from '../server/request-record.ts'
import type { HttpResponse } from '../server/response.ts'
import { inputField, tableOf } from './controls-markup.ts'
import { type Html, html } from './html.ts'
import { sitePage } from './layout.ts'
import { knownSecrets, redactJson, redactQuery, withoutSecrets } from './redact.ts'
import { type Visit, viewerOf } from './visit.ts'

const MAX_SHOWN = 500
const MAX_BODY_CHARACTERS = 10_000

/** A request with its place in the order of arrival. */
interface Numbered {
  readonly place: number
  readonly record: RequestRecord
}

function bodyOf(record: RequestRecord, place: number, secrets: readonly string[]): Html {
  if (record.bodyBytes === 0) return html``
  if (record.json === '') return html`<span class="soft">${String(record.bodyBytes)} bytes, no JSON</span>`
  const text = redactJson(record.json, secrets)
  const shown =
    text.length > MAX_BODY_CHARACTERS
      ? `${text.slice(0, MAX_BODY_CHARACTERS)} … (${text.length} characters)`
      : text
  return html`<details id="${`body-${place}`}"><summary>${String(record.bodyBytes)} bytes</summary><pre>${shown}</pre></details>`
}

function requestRow(visit: Visit, { place, record }: Numbered, secrets: readonly string[]): Html {
  const at = inZone(utc(record.at), viewerOf(visit).timeZone)
  const path = withoutSecrets(record.path, secrets)
  const query = record.query === '' ? '' : `?${redactQuery(record.query, secrets)}`
  const status = record.status === 0 ? '(none)' : String(record.status)
  return html`<tr><td>${at}</td><td>${record.method}</td><td class="text">${path}${query}</td><td>${status}</td><td>${record.ms.toFixed(1)} ms</td><td>${record.user}</td><td>${bodyOf(record, place, secrets)}</td></tr>`
}

function matches(record: RequestRecord, filter: string): boolean {
  const text = `${record.method} ${record.path}?${record.query} ${record.status} ${record.user}`
  return text.toLowerCase().includes(filter)
}

/** The last requests, newest first, that contain the text of the filter. */
function lastRequests(visit: Visit): Numbered[] {
  const filter = (visit.request.query.get('search') ?? '').trim().toLowerCase()
  const all = visit.site.requests()
  const from = Math.max(all.length - MAX_SHOWN, 0)
  return all
    .slice(from)
    .map((record, index) => ({ place: from + index + 1, record }))
    .filter(({ record }) => filter === '' || matches(record, filter))
    .reverse()
}

/** `GET /requests`: the last requests to the APIs, without credentials. */
export function requestsPage(visit: Visit): HttpResponse {
  const { request } = visit
  const secrets = knownSecrets(visit.site.engine)
  const rows = lastRequests(visit).map(one => requestRow(visit, one, secrets))
  const headings = ['Time', 'Method', 'Path', 'Status', 'Duration', 'Account', 'Body']
  return sitePage(visit, {
    title: 'Requests',
    follow: ['requests'],
    body: html`<h1>Requests</h1>
<form method="get" action="/requests" role="search" aria-label="Filter"><div class="fields">${inputField('search', 'Search', request.query.get('search') ?? '', 'search')}<div><button>Filter</button> <a href="/requests">Clear</a></div></div></form>
<p class="soft">The last ${String(MAX_SHOWN)} requests to the APIs, newest first. Credentials are left out. Requests for these pages are not listed.</p>
<section id="log" data-live aria-label="Log">${rows.length === 0 ? html`<p>None.</p>` : tableOf('Requests', headings, rows)}</section>`
  })
}
