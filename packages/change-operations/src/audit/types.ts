import type { AuditedDeployment, Finding } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { BoundRepository } from '../bound/repository-scopes.ts'
import type { Identity } from '../own/identity.ts'

/** A deployment as the CI system records it. Times are epoch milliseconds. */
export interface RecordedDeployment extends AuditedDeployment {
  readonly id: string
  readonly environment: string
  readonly createdAt: number
  /** Undefined while it goes on. */
  readonly endedAt: number | undefined
}

export interface AuditedRepository extends BoundRepository {
  readonly deployments: readonly RecordedDeployment[]
}

/** What is audited. Times are epoch milliseconds. */
export interface AuditQuestion extends Pick<Identity, 'trustedAccounts' | 'bindingKey'> {
  readonly repositories: readonly AuditedRepository[]
  readonly since: number
  readonly until: number
  /** Names; all where there are none. */
  readonly environments: readonly string[]
}

/** A commit, and an environment that was deployed to from it. */
export interface CommitAndEnvironment {
  readonly commit: string
  readonly environment: string
}

/** What the CI system is asked in the course of an audit. */
export interface AuditSources {
  /**
   * Whether the policy of a commit frees an environment; undefined where that cannot be told. Asked once for each
   * repository that has deployments without a change.
   */
  freed(
    repository: BoundRepository,
    asked: readonly CommitAndEnvironment[]
  ): Promise<(one: CommitAndEnvironment) => boolean | undefined>
  /** Whether a run is over; undefined where that cannot be told. */
  runOver(repository: BoundRepository, runId: string): Promise<boolean | undefined>
}

/** A line of the report: a deployment with its change, or a change that was left open without a deployment. */
export interface AuditRow {
  readonly repository: string
  /** '' where it is not known. Untrusted text, like all texts of a row. */
  readonly environment: string
  readonly deployment: RecordedDeployment | undefined
  readonly runId: string | undefined
  readonly change: Change | undefined
  readonly findings: readonly Finding[]
  /** What cannot be told: the line is not known to be in order. */
  readonly untold: readonly string[]
}

export interface Audit {
  readonly rows: readonly AuditRow[]
  /** Who created bound changes of these repositories and is not trusted: these changes were left out. */
  readonly creators: readonly { readonly creator: string; readonly changes: number }[]
  /** The account may not read some of the changes. */
  readonly hidden: boolean
}
