import { changeFieldLabel, definitionOf } from '../dictionary/tables.ts'
import { SYSTEM } from '../engine/actor.ts'
import { approverRows } from '../engine/approvals.ts'
import { displayValue, referenceDisplayValue } from '../engine/display.ts'
import type { Engine } from '../engine/engine.ts'
import { journalEntries } from '../engine/journal.ts'
import type { Row } from '../engine/store.ts'
import type { HttpRequest } from '../server/request.ts'
import { type HttpResponse, htmlResponse } from '../server/response.ts'
import { type Html, html, page } from './html.ts'
import { loginPage, notFoundPage } from './static-pages.ts'

const SECURITY_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  'X-Content-Type-Options': 'nosniff'
}

const LIST_FIELDS = [
  'number',
  'short_description',
  'type',
  'state',
  'approval',
  'assignment_group',
  'sys_created_on'
]

/** The fields of a change that are shown when they have a value. */
const FORM_FIELDS = [
  'number',
  'short_description',
  'description',
  'type',
  'state',
  'approval',
  'risk',
  'priority',
  'assignment_group',
  'assigned_to',
  'requested_by',
  'cmdb_ci',
  'start_date',
  'end_date',
  'work_start',
  'work_end',
  'close_code',
  'close_notes',
  'correlation_id',
  'correlation_display'
]

/** The display value of a field of a change. */
function fieldText(engine: Engine, row: Row, name: string): string {
  const field = definitionOf('change_request').fields.get(name)
  return field ? displayValue(engine, SYSTEM, field, row) : ''
}

function listPage(engine: Engine): string {
  const changes = engine.store.rows('change_request').reverse()
  const rows = changes.map(change => {
    const cells = LIST_FIELDS.slice(1).map(name => html`<td>${fieldText(engine, change, name)}</td>`)
    const link = `/change_request.do?sys_id=${change.sys_id}`
    return html`<tr><td><a href="${link}">${change.number ?? ''}</a></td>${cells}</tr>`
  })
  const head = LIST_FIELDS.map(name => html`<th>${changeFieldLabel(name)}</th>`)
  const empty = changes.length === 0 ? html`<p>No change requests yet.</p>` : html``
  return page('Change Requests', html`<h1>Change Requests</h1><table><tr>${head}</tr>${rows}</table>${empty}`)
}

function fieldsTable(engine: Engine, change: Row): Html {
  const rows = FORM_FIELDS.filter(name => change[name]).map(
    name =>
      html`<tr><th>${changeFieldLabel(name)}</th><td><pre>${fieldText(engine, change, name)}</pre></td></tr>`
  )
  return html`<table>${rows}</table>`
}

function approvalsTable(engine: Engine, changeId: string): Html {
  const rows = approverRows(engine, changeId).map(row => {
    const comment = journalEntries(engine, row.sys_id, 'comments').at(-1)?.value ?? ''
    const approver = referenceDisplayValue(engine, 'sys_user', row.approver ?? '')
    return html`<tr><td>${approver}</td><td>${row.state ?? ''}</td><td><pre>${comment}</pre></td><td>${row.sys_updated_on ?? ''}</td></tr>`
  })
  if (rows.length === 0) return html`<p>None requested.</p>`
  return html`<table><tr><th>Approver</th><th>State</th><th>Comments</th><th>Updated</th></tr>${rows}</table>`
}

function notesTable(engine: Engine, changeId: string): Html {
  const notes = engine.store.rows('sys_journal_field').filter(entry => entry.element_id === changeId)
  const rows = notes.map(
    note =>
      html`<tr><td>${note.sys_created_on ?? ''}</td><td>${note.sys_created_by ?? ''}</td><td>${changeFieldLabel(note.element ?? '')}</td><td><pre>${note.value ?? ''}</pre></td></tr>`
  )
  return rows.length === 0 ? html`<p>None.</p>` : html`<table>${rows}</table>`
}

function attachmentsTable(engine: Engine, changeId: string): Html {
  const files = engine.store.rows('sys_attachment').filter(row => row.table_sys_id === changeId)
  const rows = files.map(
    file =>
      html`<tr><td><a href="${`/sys_attachment.do?sys_id=${file.sys_id}`}">${file.file_name ?? ''}</a></td><td>${file.content_type ?? ''}</td><td>${file.size_bytes ?? ''} bytes</td><td><code>${file.hash ?? ''}</code></td></tr>`
  )
  return rows.length === 0 ? html`<p>None.</p>` : html`<table>${rows}</table>`
}

function changePage(engine: Engine, change: Row): string {
  const changeId = change.sys_id
  return page(
    change.number ?? '',
    html`<p><a href="/">All changes</a></p><h1>${change.number ?? ''}</h1>${fieldsTable(engine, change)}
<h2>Approvals</h2>${approvalsTable(engine, changeId)}<h2>Notes</h2>${notesTable(engine, changeId)}
<h2>Attachments</h2>${attachmentsTable(engine, changeId)}`
  )
}

function attachmentResponse(engine: Engine, sysId: string): HttpResponse {
  const file = engine.store.get('sys_attachment', sysId)
  if (!file) return htmlResponse(404, notFoundPage(), SECURITY_HEADERS)
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

function changeResponse(engine: Engine, sysId: string): HttpResponse {
  const change = engine.store.get('change_request', sysId)
  return change
    ? htmlResponse(200, changePage(engine, change), SECURITY_HEADERS)
    : htmlResponse(404, notFoundPage(), SECURITY_HEADERS)
}

/** The sys_id in `nav_to.do?uri=change_request.do?sys_id=…`, with or without a slash, encoded or not. */
function navigationTarget(request: HttpRequest): string {
  const uri = request.query.get('uri') ?? ''
  const nested = new URL(uri, 'http://instance')
  return nested.searchParams.get('sys_id') ?? request.query.get('sys_id') ?? ''
}

/** The read-only pages of the user interface. They need no login. */
export function pageFor(engine: Engine, request: HttpRequest): HttpResponse {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return htmlResponse(405, notFoundPage(), SECURITY_HEADERS)
  const sysId = request.query.get('sys_id') ?? ''
  switch (request.path) {
    case '/':
    case '/change_request_list.do':
      return htmlResponse(200, listPage(engine), SECURITY_HEADERS)
    case '/change_request.do':
      return changeResponse(engine, sysId)
    case '/nav_to.do':
      return changeResponse(engine, navigationTarget(request))
    case '/sys_attachment.do':
      return attachmentResponse(engine, sysId)
    case '/login.do':
      return htmlResponse(200, loginPage(), SECURITY_HEADERS)
    default:
      return htmlResponse(404, notFoundPage(), SECURITY_HEADERS)
  }
}
