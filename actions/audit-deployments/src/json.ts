import type { AuditRow } from '@change-actions/change-operations'
import { countsOf, isoTime, type Report, SCOPE, untoldCount } from './report.ts'

/** The report as JSON. Times are ISO 8601 in UTC, null where there is none. */
export function jsonOf(report: Report): string {
  const { rows, creators, hidden, repositories, unread, withoutDeployments, instance } = report
  const document = {
    scope: SCOPE,
    since: isoTime(report.since),
    until: isoTime(report.until),
    instance,
    complete: unread.length === 0 && creators.length === 0 && !hidden,
    repositories,
    'not-audited': unread,
    'untrusted-creators': creators,
    'hidden-changes': hidden,
    'environments-without-deployments': withoutDeployments,
    findings: Object.fromEntries(countsOf(rows).map(({ code, count }) => [code, count])),
    'cannot-be-told': untoldCount(rows),
    rows: rows.map(rowOf)
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function rowOf({ repository, environment, deployment, runId, change, findings, untold }: AuditRow): object {
  return {
    repository,
    environment,
    deployment: deployment?.id ?? null,
    'run-id': runId ?? null,
    commit: deployment?.commit ?? null,
    created: timeOrNull(deployment?.createdAt),
    started: timeOrNull(deployment?.startedAt),
    ended: timeOrNull(deployment?.endedAt),
    result: deployment?.result ?? null,
    change: change?.number ?? null,
    'change-sys-id': change?.sysId ?? null,
    'change-state': change?.stateLabel ?? null,
    approval: change?.approval ?? null,
    findings: findings.map(({ code, detail }) => ({ code, detail })),
    'cannot-be-told': untold
  }
}

function timeOrNull(at: number | undefined): string | null {
  return at === undefined ? null : isoTime(at)
}
