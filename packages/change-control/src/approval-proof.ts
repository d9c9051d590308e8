/** The type of the predicate; the description of its form is schema/approval-proof.schema.json. */
export const APPROVAL_PREDICATE = 'https://github.com/change-actions/servicenow/approval/v1'

const STATEMENT = 'https://in-toto.io/Statement/v1'

/** What is known of an approval, and of what it was given for. Times are epoch milliseconds; texts are raw. */
export interface ApprovalFacts {
  /** Full commit id. */
  readonly commit: string
  /** How it is known: from a checkout, or as the workflow states it. */
  readonly commitBasis: 'observed' | 'stated'
  /** `sha256:<64 hex>` of what is deployed. */
  readonly artifacts: readonly string[]
  /** `owner/name`. */
  readonly repository: string
  /** `https://github.com` */
  readonly server: string
  readonly change: {
    readonly number: string
    readonly sysId: string
    readonly instance: string
    readonly type: string
    readonly state: string
  }
  /** Who approved: a person, a policy of the instance, a template, nobody, or not known. */
  readonly basis: string
  readonly approvers: readonly { readonly name: string; readonly group: string; readonly at: string }[]
  readonly window: { readonly start: number | undefined; readonly end: number | undefined }
  /** The policy that the gate worked under; undefined where there is none. */
  readonly policy: Readonly<Record<string, unknown>> | undefined
  readonly environment: string
  readonly run: {
    readonly id: string
    readonly attempt: string
    readonly url: string
    readonly workflow: string
    readonly job: string
    readonly actor: string
  }
  /** When the gate opened. */
  readonly at: number
}

/** An in-toto statement, version 1. */
export interface ApprovalStatement {
  readonly _type: typeof STATEMENT
  readonly subject: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[]
  readonly predicateType: typeof APPROVAL_PREDICATE
  readonly predicate: Readonly<Record<string, unknown>>
}

/**
 * The statement that a change was approved for a commit and for artifacts: in-toto attestation framework, Statement
 * layer, version 1 (github.com/in-toto/attestation). It is a claim of the run that made it; its worth is in who signs it.
 */
export function approvalStatement(facts: ApprovalFacts): ApprovalStatement {
  const { change, basis, approvers, window, policy, environment, run, at } = facts
  return {
    _type: STATEMENT,
    subject: [commitSubject(facts), ...facts.artifacts.map(artifactSubject)],
    predicateType: APPROVAL_PREDICATE,
    predicate: {
      change,
      approval: { basis, approvers },
      window: { start: isoDate(window.start), end: isoDate(window.end) },
      deployment: {
        server: facts.server,
        repository: facts.repository,
        environment,
        commit: facts.commit,
        commitBasis: facts.commitBasis === 'observed' ? 'observed' : 'commit stated, not observed'
      },
      policy: policy ?? null,
      run,
      openedAt: isoDate(at)
    }
  }
}

function commitSubject({ server, repository, commit }: ApprovalFacts): ApprovalStatement['subject'][number] {
  return { name: `git+${server}/${repository}`, digest: { gitCommit: commit } }
}

/** What a digest is of is not known here: the name only tells the subjects apart. */
function artifactSubject(digest: string, index: number): ApprovalStatement['subject'][number] {
  return { name: `artifact-${index + 1}`, digest: { sha256: digest.replace(/^sha256:/, '') } }
}

function isoDate(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
