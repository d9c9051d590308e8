import { closeSync, openSync, readSync } from 'node:fs'
import { changeFieldLabel, definitionOf } from '../dictionary/tables.ts'
import { mayRead } from '../engine/acl.ts'
import { approverRows } from '../engine/approvals.ts'
import { inZone } from '../engine/dates.ts'
import { displayValue, referenceDisplayValue } from '../engine/display.ts'
import type { Engine } from '../engine/engine.ts'
import { journalEntries } from '../engine/journal.ts'
import type { Row } from '../engine/store.ts'
import { tableOf } from './controls-markup.ts'
import { type Html, html } from './html.ts'
import { type Visit, viewerOf } from './visit.ts'

const PREVIEW_BYTES = 16_384

function shown(visit: Visit, table: string, row: Row, name: string): string {
  const field = definitionOf(table).fields.get(name)
  return field ? displayValue(visit.site.engine, viewerOf(visit), field, row) : ''
}

/** The approvals of a change with the comment of each approver. */
export function approvalsSection(visit: Visit, changeId: string): Html {
  const { engine } = visit.site
  const readable = approverRows(engine, changeId).filter(row =>
    mayRead(engine, viewerOf(visit), 'sysapproval_approver', row)
  )
  const rows = readable.map(row => {
    const comment = journalEntries(engine, row.sys_id, 'comments').at(-1)?.value ?? ''
    const group = engine.store.get('sysapproval_group', row.group ?? '')?.assignment_group ?? ''
    const cells = [
      shown(visit, 'sysapproval_approver', row, 'approver'),
      referenceDisplayValue(engine, 'sys_user_group', group),
      shown(visit, 'sysapproval_approver', row, 'state'),
      comment,
      shown(visit, 'sysapproval_approver', row, 'sys_updated_on')
    ]
    return html`<tr>${cells.map(text => html`<td class="text">${text}</td>`)}</tr>`
  })
  const table = tableOf('Approvals', ['Approver', 'Group', 'State', 'Comments', 'Updated'], rows)
  return html`<section id="approvals" data-live aria-labelledby="approvals-heading"><h2 id="approvals-heading">Approvals</h2>${rows.length === 0 ? html`<p>None requested.</p>` : table}</section>`
}

/** The tasks of a change. */
export function tasksSection(visit: Visit, changeId: string): Html {
  const { engine } = visit.site
  const tasks = engine.store
    .rows('change_task')
    .filter(task => task.parent === changeId && mayRead(engine, viewerOf(visit), 'change_task', task))
  const names = [
    'number',
    'short_description',
    'change_task_type',
    'state',
    'assignment_group',
    'assigned_to'
  ]
  const rows = tasks.map(
    task => html`<tr>${names.map(name => html`<td>${shown(visit, 'change_task', task, name)}</td>`)}</tr>`
  )
  const headings = names.map(name => definitionOf('change_task').fields.get(name)?.label ?? name)
  return html`<section id="tasks" data-live aria-labelledby="tasks-heading"><h2 id="tasks-heading">Tasks</h2>${rows.length === 0 ? html`<p>None.</p>` : tableOf('Change tasks', headings, rows)}</section>`
}

/** The names of those whose notes and comments belong to a change: the change and its approvals. */
function activityRows(engine: Engine, changeId: string): Row[] {
  const elements = new Set([changeId, ...approverRows(engine, changeId).map(row => row.sys_id)])
  return engine.store.rows('sys_journal_field').filter(row => elements.has(row.element_id ?? ''))
}

function activityItem(visit: Visit, entry: Row): Html {
  const { engine } = visit.site
  const author = engine.store.rows('sys_user').find(user => user.user_name === entry.sys_created_by)
  const label =
    entry.name === 'sysapproval_approver' ? 'Approval comment' : changeFieldLabel(entry.element ?? '')
  const at = inZone(entry.sys_created_on ?? '', viewerOf(visit).timeZone)
  return html`<li><strong>${author?.name ?? entry.sys_created_by ?? ''}</strong> <span class="soft">${label}, <time>${at}</time></span><div class="text">${entry.value ?? ''}</div></li>`
}

/** Work notes, comments, approval history and the comments of approvers, newest first. */
export function activitySection(visit: Visit, changeId: string): Html {
  const items = activityRows(visit.site.engine, changeId)
    .reverse()
    .map(entry => activityItem(visit, entry))
  const stream = items.length === 0 ? html`<p>None.</p>` : html`<ol class="activity" reversed>${items}</ol>`
  return html`<section id="activity" data-live aria-labelledby="activity-heading"><h2 id="activity-heading">Activity</h2>${stream}</section>`
}

/** The beginning of a text file; undefined when the content is not UTF-8 text. */
function previewText({ store }: Engine, file: Row): string | undefined {
  const bytes = Buffer.alloc(Math.min(PREVIEW_BYTES, Number(file.size_bytes)))
  const descriptor = openSync(store.files.pathOf(file.sys_id), 'r')
  try {
    readSync(descriptor, bytes, 0, bytes.length, 0)
  } finally {
    closeSync(descriptor)
  }
  try {
    // A character may be cut at the end: `stream` leaves it out.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: characters that no text file has.
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

function preview(engine: Engine, file: Row): Html {
  const text = previewText(engine, file)
  if (text === undefined) return html`<span class="soft">no text</span>`
  const cut = Number(file.size_bytes) > PREVIEW_BYTES ? html`<p class="soft">The first 16 KiB.</p>` : html``
  return html`<details id="${`preview-${file.sys_id}`}"><summary>Preview ${file.file_name ?? ''}</summary>${cut}<pre>${text}</pre></details>`
}

/** The attachments of a change, text files with a preview. */
export function attachmentsSection(visit: Visit, changeId: string): Html {
  const { engine } = visit.site
  const files = engine.store.rows('sys_attachment').filter(row => row.table_sys_id === changeId)
  const rows = files.map(
    file =>
      html`<tr><td><a href="${`/sys_attachment.do?sys_id=${file.sys_id}`}">${file.file_name ?? ''}</a></td><td>${file.content_type ?? ''}</td><td>${file.size_bytes ?? ''} bytes</td><td class="text"><code>${file.hash ?? ''}</code></td><td>${preview(engine, file)}</td></tr>`
  )
  const headings = ['File', 'Type', 'Size', 'SHA-256', 'Content']
  return html`<section id="attachments" data-live aria-labelledby="attachments-heading"><h2 id="attachments-heading">Attachments</h2>${rows.length === 0 ? html`<p>None.</p>` : tableOf('Attached files', headings, rows)}</section>`
}
