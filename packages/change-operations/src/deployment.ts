/** A deployment, as any CI system can tell it. A fact that is not known is ''. Texts come from outside and are raw. */
export interface Deployment {
  /** The CI system: `github`. */
  readonly system: string
  /** Its address, without a slash at the end: `https://github.com`. */
  readonly server: string
  /** `owner/name`. */
  readonly repository: string
  /** Survives a rename of the repository. */
  readonly repositoryId: string
  /** The full id of the commit being deployed. */
  readonly commit: string
  /** How the commit is known: from the files of a checkout, or as the workflow states it. */
  readonly commitBasis: 'observed' | 'stated'
  /** Digests of what is deployed, `sha256:<64 hex>`; empty where none are given. */
  readonly artifacts: readonly string[]
  /** The commit of the run where that is another one; else ''. */
  readonly runCommit: string
  readonly ref: string
  readonly actor: string
  readonly workflow: string
  /** Id of the run, a number. */
  readonly run: string
  /** 1 for the first attempt of a run. */
  readonly attempt: string
  /** Address of the run's page. */
  readonly runUrl: string
  readonly job: string
  readonly step: string
  /** Index of the job in its matrix. */
  readonly leg: string
  /** What is deployed to. */
  readonly environment: string
}
