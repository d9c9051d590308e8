/** What a step itself can fail with: its inputs, dry runs, its report. */
import type { Outcome } from '@change-actions/change-control'
import { Problem, type Subject } from '@change-actions/servicenow-client'
import type { InputFacts } from '../inputs/error.ts'

/** A row of the connection check that fails. */
export interface FailedRow {
  readonly check: string
  readonly detail: string
  readonly fix: string
}

/** The facts of each problem of a step, by code. */
export interface StepProblems {
  input: InputFacts
  /** The policy of a commit could be read neither from GitHub nor from git's objects. */
  'policy-unreadable': {
    readonly repository: string
    readonly path: string
    /** The commit of the run; for a central policy its ref. */
    readonly commit: string
    /** It is the run's own repository. */
    readonly own: boolean
    /** What prevented each way of reading it. Untrusted text. */
    readonly reasons: readonly string[]
  }
  /** A gate in a dry run. */
  'dry-run': {
    /** What the poll would have given; undefined when there is no change. */
    readonly outcome?: Outcome | undefined
    /** Why, and who has yet to approve; without a full stop. Untrusted text. */
    readonly why?: string | undefined
  }
  /** Bound changes of creators that are not trusted: what they say of a deployment counts for nothing. */
  'untrusted-creators': {
    /** Untrusted text. */
    readonly creators: readonly { readonly creator: string; readonly changes: number }[]
  }
  /** Some of what was to be audited could not be read. */
  'audit-incomplete': {
    /** Untrusted text. */
    readonly unread: readonly { readonly repository: string; readonly reason: string }[]
    /** The account may not read some of the changes. */
    readonly hidden: boolean
  }
  /** Decisions that were due could not be carried out, and the next run would not mend it. */
  'resume-failed': {
    readonly failed: readonly { readonly what: string; readonly reason: string; readonly fix: string }[]
    readonly creators: readonly { readonly creator: string; readonly changes: number }[]
  }
  /** The audit made findings on which the step is to fail. */
  'audit-findings': { readonly counts: readonly { readonly code: string; readonly count: number }[] }
  /** The preview of a pull request could not be written where it is read. */
  'preview-not-posted': {
    readonly where: 'comment' | 'check run'
    /** In GitHub's words. Untrusted text. */
    readonly reason: string
  }
  /** The sandbox ended before it was ready, or was not ready in time. */
  'sandbox-start': {
    /** What it printed, or why it is over. Untrusted text. */
    readonly reason: string
  }
  'connection-check': { readonly rows: readonly FailedRow[] }
  /** The post step ran out of time. */
  'not-finished': { readonly seconds: number }
  /** The main step was of another release, whose state has no inputs. */
  'other-release': Readonly<Record<string, never>>
  /** What the post step finds is not what the gate saves. */
  'state-unreadable': Readonly<Record<string, never>>
  /** The post step failed for a reason that nobody foresaw. */
  'post-defect': { readonly message: string }
}

export type StepCode = keyof StepProblems

/** A problem of a step. */
export function stepProblem<C extends StepCode>(
  code: C,
  facts: StepProblems[C],
  more: { readonly subject?: Subject | undefined; readonly outcome?: string | undefined } = {}
): Problem<C, StepProblems[C]> {
  return new Problem({ code, facts, ...more })
}
