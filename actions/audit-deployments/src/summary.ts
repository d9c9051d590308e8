/** The report for people: in the log and in the summary. */
import type { AuditRow } from '@change-actions/change-operations'
import { link, markdown, oneLine, type Step } from '@change-actions/github-actions'
import { countsOf, isoTime, type Report, SCOPE, untoldCount } from './report.ts'

/** Lines of the table and of the log; all of them stand in the files. */
const MAX_LINES = 200

/** Characters of one cell, or of one line of the log. */
const MAX_TEXT = 300

/** Addresses in the report. */
export interface Places {
  runUrl(repository: string, runId: string): string
  changeUrl(sysId: string): string
}

export function writeSummary(summary: Step<unknown>['summary'], report: Report, places: Places): void {
  summary.line(SCOPE)
  summary.facts([
    ['Span', `${isoTime(report.since)} to ${isoTime(report.until)}`],
    ['Repositories', String(report.repositories.length)],
    ['Deployments', String(deploymentCount(report))],
    ['Findings', markdown(countsText(report))],
    ['Cannot be told', String(untoldCount(report.rows))]
  ])
  for (const text of remarksOf(report)) summary.plain(text, MAX_TEXT)
  const shown = report.rows.filter(isShown)
  if (shown.length === 0) return
  summary.table(
    ['Repository', 'Environment', 'Started', 'Run', 'Change', 'Finding', 'Details'],
    shown.slice(0, MAX_LINES).map(row => cellsOf(row, places))
  )
  if (shown.length > MAX_LINES)
    summary.line(`${shown.length - MAX_LINES} further lines are in the files of the report.`)
}

export function writeLog({ info, warning }: Step<unknown>['log'], report: Report): void {
  info(SCOPE)
  info(
    `${deploymentCount(report)} deployments of ${report.repositories.length} repositories, ${isoTime(report.since)} to ${isoTime(report.until)}: ${countsText(report)}; cannot be told: ${untoldCount(report.rows)}.`
  )
  for (const text of remarksOf(report)) warning(oneLine(text, MAX_TEXT), 'Deployment audit')
  const shown = report.rows.filter(isShown)
  for (const row of shown.slice(0, MAX_LINES)) info(oneLine(lineOf(row), MAX_TEXT))
  if (shown.length > MAX_LINES)
    info(`${shown.length - MAX_LINES} further lines are in the files of the report.`)
}

function isShown({ findings, untold }: AuditRow): boolean {
  return findings.length > 0 || untold.length > 0
}

function deploymentCount({ repositories }: Report): number {
  return repositories.reduce((sum, one) => sum + one.deployments, 0)
}

/** `2 no-change, 1 left-open`. */
export function countsText({ rows }: Pick<Report, 'rows'>): string {
  const counts = countsOf(rows).map(({ code, count }) => `${count} ${code}`)
  return counts.length === 0 ? 'no findings' : counts.join(', ')
}

/** What keeps the report from being whole. Untrusted text. */
function remarksOf({ unread, creators, hidden, withoutDeployments }: Report): string[] {
  return [
    ...unread.map(({ repository, reason }) => `Not audited: ${repository}: ${reason}.`),
    ...creators.map(
      ({ creator, changes }) =>
        `${changes} bound changes of ${creator} were left out: the account is not in trusted-accounts.`
    ),
    ...(hidden ? ['Some bound changes are hidden from the account: give it read access to them.'] : []),
    ...withoutDeployments.map(name => `Nothing was deployed to an environment with the name ${name}.`)
  ]
}

function cellsOf({ repository, environment, deployment, runId, change, ...row }: AuditRow, places: Places) {
  return [
    markdown(repository),
    markdown(oneLine(environment, MAX_TEXT)),
    isoTime(deployment?.startedAt),
    runId === undefined ? '' : link(runId, places.runUrl(repository, runId)),
    change === undefined ? '' : link(change.number, places.changeUrl(change.sysId)),
    [...row.findings.map(one => one.code), ...(row.untold.length > 0 ? ['cannot be told'] : [])].join(', '),
    markdown(oneLine([...row.findings.map(one => one.detail), ...row.untold].join('; '), MAX_TEXT))
  ]
}

function lineOf({ repository, environment, deployment, runId, change, findings, untold }: AuditRow): string {
  const what = deployment === undefined ? 'open change' : `deployment ${deployment.id}`
  const where = environment === '' ? repository : `${repository} to ${environment}`
  const names = [runId === undefined ? '' : `run ${runId}`, change?.number ?? ''].filter(Boolean).join(', ')
  const texts = [
    ...findings.map(({ code, detail }) => `${code}: ${detail}`),
    ...untold.map(text => `cannot be told: ${text}`)
  ]
  return `${where}, ${what} (${names}): ${texts.join('; ')}`
}
