import type { AuditRow } from '@change-actions/change-operations'
import { harmless } from '@change-actions/github-actions'
import { isoTime, type Report, SCOPE } from './report.ts'

const COLUMNS: readonly (readonly [header: string, cell: (row: AuditRow) => string])[] = [
  ['repository', row => row.repository],
  ['environment', row => row.environment],
  ['deployment', row => row.deployment?.id ?? ''],
  ['run', row => row.runId ?? ''],
  ['commit', row => row.deployment?.commit ?? ''],
  ['created', row => isoTime(row.deployment?.createdAt)],
  ['started', row => isoTime(row.deployment?.startedAt)],
  ['ended', row => isoTime(row.deployment?.endedAt)],
  ['result', row => row.deployment?.result ?? ''],
  ['change', row => row.change?.number ?? ''],
  ['change state', row => row.change?.stateLabel ?? ''],
  ['approval', row => row.change?.approval ?? ''],
  ['findings', row => row.findings.map(one => one.code).join(' ')],
  ['details', row => row.findings.map(one => one.detail).join('; ')],
  ['cannot be told', row => row.untold.join('; ')]
]

/**
 * The report as CSV (RFC 4180): a line for each deployment, also for those in order, and for what could not be read. The
 * first line is what lies outside of the audit.
 */
export function csvOf({ rows, unread }: Report): string {
  const lines = [
    [SCOPE],
    COLUMNS.map(([header]) => header),
    ...rows.map(row => COLUMNS.map(([, cell]) => cell(row))),
    ...unread.map(({ repository, reason }) =>
      COLUMNS.map(([header]) => {
        if (header === 'repository') return repository
        return header === 'cannot be told' ? `not audited: ${reason}` : ''
      })
    )
  ]
  return lines.map(cells => `${cells.map(csvCell).join(',')}\r\n`).join('')
}

/** A spreadsheet takes what begins so for a formula; the wide forms count in some languages. */
const FORMULA = /^[\s=+\-@＝＋－＠]/u

/** A cell that no spreadsheet runs: an apostrophe in front of what looks like a formula says that it is text. */
export function csvCell(text: string): string {
  const plain = harmless(text)
  const safe = FORMULA.test(plain) ? `'${plain}` : plain
  return `"${safe.replaceAll('"', '""')}"`
}
