/** The report as data: what the files, the log and the summary are made of. */
import { FINDINGS, type FindingCode } from '@change-actions/change-control'
import type { Audit, AuditedRepository, AuditRow } from '@change-actions/change-operations'
import type { Unread } from '@change-actions/github-actions/github'
import type { Span } from './github.ts'

/** The first line of every report. */
export const SCOPE = 'Jobs without a GitHub environment are outside what is audited.'

/** What an audit found. Texts may come from outside. */
export interface Report extends Span, Audit {
  readonly instance: string
  /** Each repository that was read, with the number of its deployments. */
  readonly repositories: readonly { readonly repository: string; readonly deployments: number }[]
  readonly unread: readonly Unread[]
  /** Environments that were asked for and to which nothing was deployed: a name may be misspelt. */
  readonly withoutDeployments: readonly string[]
}

export function reportOf(
  audit: Audit,
  about: Span & {
    readonly instance: string
    readonly repositories: readonly AuditedRepository[]
    readonly unread: readonly Unread[]
    readonly environments: readonly string[]
  }
): Report {
  const { since, until, instance, repositories, unread, environments } = about
  const seen = repositories.flatMap(one => one.deployments.map(({ environment }) => keyOf(environment)))
  return {
    ...audit,
    since,
    until,
    instance,
    unread,
    repositories: repositories.map(one => ({
      repository: one.repository,
      deployments: one.deployments.length
    })),
    withoutDeployments: environments.filter(name => !seen.includes(keyOf(name)))
  }
}

function keyOf(environment: string): string {
  return environment.trim().toLowerCase()
}

/** How often each finding was made, in the order of the list; those that were not made are left out. */
export function countsOf(
  rows: readonly AuditRow[]
): readonly { readonly code: FindingCode; readonly count: number }[] {
  const codes = rows.flatMap(row => row.findings.map(one => one.code))
  return FINDINGS.map(code => ({ code, count: codes.filter(one => one === code).length })).filter(
    one => one.count > 0
  )
}

/** How many lines there are of which something cannot be told. */
export function untoldCount(rows: readonly AuditRow[]): number {
  return rows.filter(row => row.untold.length > 0).length
}

/** `2026-12-01T22:00:00Z`; '' where there is none. @param at epoch milliseconds */
export function isoTime(at: number | undefined): string {
  return at === undefined ? '' : `${new Date(at).toISOString().slice(0, 19)}Z`
}
