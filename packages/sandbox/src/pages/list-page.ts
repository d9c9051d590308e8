import { changeFieldLabel } from '../dictionary/tables.ts'
import { mayRead } from '../engine/acl.ts'
import { choiceList } from '../engine/choices.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'
import type { HttpResponse } from '../server/response.ts'
import { changeField, fieldText } from './change-fields.ts'
import { inputField, type Option, selectField, tableOf } from './controls-markup.ts'
import { type Html, html } from './html.ts'
import { sitePage } from './layout.ts'
import { type Visit, viewerOf } from './visit.ts'

const COLUMNS = [
  'number',
  'short_description',
  'type',
  'state',
  'approval',
  'assignment_group',
  'start_date',
  'sys_created_on'
]

/** The fields that are filtered by a choice; an unset one filters nothing. */
const CHOSEN = ['state', 'type', 'approval', 'assignment_group']

const SEARCHED = ['number', 'short_description', 'description', 'correlation_id', 'sys_id']

const PAGE_SIZE = 50
const ALL: Option = ['', '(all)']

function options({ store }: Engine, name: string): Option[] {
  const field = changeField(name)
  if (name !== 'assignment_group') return field ? choiceList(store, field) : []
  return store.rows('sys_user_group').map((row): Option => [row.sys_id, row.name ?? ''])
}

function filterForm(visit: Visit): Html {
  const { query } = visit.request
  const chosen = CHOSEN.map(name =>
    selectField(
      name,
      changeFieldLabel(name),
      [ALL, ...options(visit.site.engine, name)],
      query.get(name) ?? ''
    )
  )
  return html`<form method="get" action="/" role="search" aria-label="Filter"><div class="fields">${inputField('search', 'Search', query.get('search') ?? '', 'search')}${chosen}<div><button>Filter</button> <a href="/">Clear</a></div></div></form>`
}

/** The changes that the account may read and the filter lets through, newest first. */
function filtered(visit: Visit): Row[] {
  const { engine } = visit.site
  const { query } = visit.request
  const viewer = viewerOf(visit)
  const wanted = CHOSEN.map(name => [name, query.get(name) ?? ''] as const).filter(
    ([, value]) => value !== ''
  )
  const text = (query.get('search') ?? '').trim().toLowerCase()
  return engine.store
    .rows('change_request')
    .reverse()
    .filter(
      change =>
        wanted.every(([name, value]) => change[name] === value) &&
        (text === '' || SEARCHED.some(name => change[name]?.toLowerCase().includes(text))) &&
        mayRead(engine, viewer, 'change_request', change)
    )
}

function listRow(visit: Visit, change: Row): Html {
  const cells = COLUMNS.slice(1).map(name => html`<td>${fieldText(visit, change, name)}</td>`)
  return html`<tr><th scope="row"><a href="${`/change_request.do?sys_id=${change.sys_id}`}">${change.number ?? ''}</a></th>${cells}</tr>`
}

function pageLinks(visit: Visit, first: number, total: number): Html {
  const link = (from: number, label: string) => {
    const query = new URLSearchParams(visit.request.query)
    query.set('first', String(from))
    return html`<a href="${`/?${query}`}">${label}</a> `
  }
  const newer = first > 0 ? link(Math.max(first - PAGE_SIZE, 0), 'Newer changes') : html``
  const older = first + PAGE_SIZE < total ? link(first + PAGE_SIZE, 'Older changes') : html``
  return html`<p>${newer}${older}</p>`
}

/** `GET /`: the list of changes. */
export function listPage(visit: Visit): HttpResponse {
  const changes = filtered(visit)
  const sent = Number(visit.request.query.get('first') ?? 0)
  const first = Number.isSafeInteger(sent) && sent > 0 ? sent : 0
  const rows = changes.slice(first, first + PAGE_SIZE).map(change => listRow(visit, change))
  const count = `${changes.length} change request${changes.length === 1 ? '' : 's'}`
  const shown = changes.length > PAGE_SIZE ? `${count}, from ${first + 1} to ${first + rows.length}` : count
  const table = tableOf(shown, COLUMNS.map(changeFieldLabel), rows)
  const empty = html`<p>No change requests${visit.request.target.includes('?') ? ' match the filter' : ' yet'}.</p>`
  return sitePage(visit, {
    title: 'Change Requests',
    follow: ['data'],
    announce: count,
    body: html`<h1>Change Requests</h1>${filterForm(visit)}<section id="changes" data-live aria-label="Changes">${rows.length === 0 ? empty : table}${pageLinks(visit, first, changes.length)}</section>`
  })
}
