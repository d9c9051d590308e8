/** What a brief is made of. Texts of GitHub are untrusted. Each part may be missing: then the brief says why. */
import type { ChangedFile } from './code-owners.ts'
import type { Author } from './names.ts'

export type Part<T> =
  | { readonly kind: 'read'; readonly value: T }
  /** Why it is not there, for people. May hold untrusted text. */
  | { readonly kind: 'unread'; readonly why: string }

/** A version that was deployed successfully. */
export interface DeployedVersion {
  /** Full id, hex digits. */
  readonly commit: string
  readonly tag: string | undefined
  /** Epoch milliseconds. */
  readonly at: number
  readonly runId: string | undefined
}

export interface BriefDeployments {
  /** The version that is deployed now. */
  readonly last: DeployedVersion | undefined
  /** The newest one of another commit than that. */
  readonly before: DeployedVersion | undefined
  /** How many were looked at, and whether there are more. */
  readonly seen: number
  readonly more: boolean
}

export interface BriefCommit extends Author {
  readonly id: string
  readonly title: string
  readonly isBot: boolean
  readonly isMerge: boolean
}

export interface BriefComparison {
  /** Commits that the deployed version has not. */
  readonly ahead: number
  /** Commits of the deployed version that this one has not. */
  readonly behind: number
  /** Fewer than `ahead` where there are too many to list. */
  readonly commits: readonly BriefCommit[]
  readonly files: readonly ChangedFile[]
  readonly filesCut: boolean
}

export interface BriefPull {
  readonly number: number
  readonly title: string
  /** Logins, with `[bot]` at the end for apps; '' for accounts that are gone. */
  readonly author: string
  readonly isBot: boolean
  readonly labels: readonly string[]
  readonly approvedBy: readonly string[]
  /** Who may not write to the repository, so that GitHub does not count it. */
  readonly approvedWithoutWrite: readonly string[]
  readonly refusedBy: readonly string[]
  /** Ids of its commits. */
  readonly commits: readonly string[]
}

export interface BriefChecks {
  readonly checks: readonly {
    readonly name: string
    readonly result: 'passed' | 'failed' | 'skipped' | 'pending'
  }[]
  /** More than `checks` where not all were read. */
  readonly total: number
}

/** A file that will be attached, and what it says. */
export interface BriefEvidence {
  readonly name: string
  /** Undefined for a file that is no report. */
  readonly counts: string | undefined
}

/** What is deployed now, and what is to be. */
export interface VersionFacts {
  /** The web address of the repository, without a slash at the end; '' where it is not known. */
  readonly repositoryUrl: string
  readonly environment: string
  /** The commit to be deployed, full id. */
  readonly commit: string
  readonly deployments: Part<BriefDeployments>
}

export interface BriefFacts extends VersionFacts {
  /** The following are undefined where what they need is missing already. */
  readonly comparison?: Part<BriefComparison> | undefined
  readonly pulls?: Part<readonly BriefPull[]> | undefined
  /** The text of CODEOWNERS; undefined where there is none. */
  readonly codeOwners?: Part<string | undefined> | undefined
  readonly checks: Part<BriefChecks>
  readonly evidence: readonly BriefEvidence[]
  /** The change has a backout plan of its own. */
  readonly hasBackoutPlan: boolean
}
