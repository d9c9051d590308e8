/** What the instance holds in the end, with everything that differs from run to run taken out. */
import type { Sandbox } from '@change-actions/sandbox'

export interface ChangeRecord {
  readonly fields: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly comments: readonly string[]
  readonly attachments: readonly string[]
  readonly tasks: readonly Readonly<Record<string, string>>[]
  readonly approvals: readonly string[]
}

/** Times of the instance's own. Their being there at all is kept: a change without `work_start` never started. */
const TIMES = ['opened_at', 'closed_at', 'work_start', 'work_end', 'sys_created_on']
const DROPPED = ['sys_updated_on', 'sys_mod_count', 'sys_updated_by']

/** All changes, oldest first, with what hangs on them. */
export function recordOf(sandbox: Sandbox): ChangeRecord[] {
  return sandbox.rows('change_request').map(change => {
    const { sys_id: id } = change
    return {
      fields: normalised(change),
      notes: sandbox.journal(id).flatMap(note => partsOf(note.text)),
      comments: sandbox.journal(id, 'comments').map(note => note.text),
      attachments: sandbox
        .attachments(id)
        .map(file => `${file.name} ${file.contentType} ${file.size} ${file.hash}`)
        .sort(),
      tasks: sandbox
        .rows('change_task')
        .filter(task => task.parent === id)
        .map(normalised),
      approvals: sandbox
        .approvers(id)
        .map(row => `${row.approver_name} ${row.state}`)
        .sort()
    }
  })
}

/** A note on files may go out with the one of the submission, or by itself: it counts as one of its own. */
function partsOf(note: string): string[] {
  return note.startsWith('Evidence attached:\n') ? note.split(/(?<=\n\[gha [^\n]*\])\n\n/) : [note]
}

function normalised(row: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(row).filter(([name, value]) => value !== '' && !DROPPED.includes(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, TIMES.includes(name) ? 'set' : value]))
}

/** Outputs without addresses, moments and measures, and without whether a message was sent twice. */
export function comparable(outputs: Readonly<Record<string, string>>): Record<string, string> {
  const { metrics: _, polls: __, 'waited-seconds': ___, duplicate: ____, ...rest } = outputs
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [
      name,
      value
        .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'instance')
        .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'moment')
        // Files go out side by side: which the instance numbers first is chance.
        .replace(/"sys-id":"[0-9a-f]{32}"/g, '"sys-id":"set"')
    ])
  )
}

/** What is there twice and must not be: attachments of one name and content, work notes of one text. */
export function doubles(changes: readonly ChangeRecord[]): string[] {
  return changes.flatMap(({ fields, notes, comments, attachments }) =>
    [...repeated(notes), ...repeated(comments), ...repeated(attachments)].map(
      text => `${fields.number} has twice: ${JSON.stringify(text)}`
    )
  )
}

function repeated(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text, n) => texts.indexOf(text) < n))]
}

/** Where two records differ first, for a message. */
export function difference(wanted: unknown, got: unknown, path = ''): string | undefined {
  if (JSON.stringify(wanted) === JSON.stringify(got)) return undefined
  if (!isTree(wanted) || !isTree(got))
    return `${path || 'it'} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(got)])) {
    const found = difference(wanted[key], got[key], `${path}/${key}`)
    if (found !== undefined) return found
  }
  return `${path || 'it'} is ordered differently`
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
