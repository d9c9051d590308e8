import { tmpdir } from 'node:os'

/** Environment variables, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>

/** What the runner tells a step about where it runs. A fact the runner does not give is ''. */
export interface Runtime {
  readonly serverUrl: string
  readonly repository: string
  readonly repositoryId: string
  readonly workflow: string
  readonly runId: string
  readonly runAttempt: string
  /** The job's key in the workflow file; the same for all legs of a matrix. */
  readonly job: string
  /** The step's id, or the one the runner made for it; the same in main and post. */
  readonly step: string
  /** The commit that is deployed: the run's, until the inputs or a checkout tell of another one. */
  readonly sha: string
  /** The commit of the run. */
  readonly runSha: string
  /** How `sha` is known: from the files of a checkout, which may be of a form that is not understood, or as stated. */
  readonly commitBasis: 'observed' | 'stated' | 'unreadable'
  readonly ref: string
  readonly refName: string
  readonly actor: string
  readonly triggeringActor: string
  readonly eventName: string
  /** The file with the event, written when the job began. */
  readonly eventPath: string
  /** Never empty: the working directory when the runner does not say. */
  readonly workspace: string
  /** Never empty: the system's folder for temporary files when the runner does not say. */
  readonly temp: string
  /** Address of the run's page. */
  readonly runUrl: string
  /** Debug logging is on (`RUNNER_DEBUG`). */
  readonly debug: boolean
}

/** The tag that the run is of, where that is the commit that is deployed: the run's tag says nothing of another one. */
export function tagOf({
  ref,
  refName,
  sha,
  runSha
}: Pick<Runtime, 'ref' | 'refName' | 'sha' | 'runSha'>): string | undefined {
  return sha === runSha && ref.startsWith('refs/tags/') ? refName : undefined
}

/** Reads the runner's variables: docs.github.com, "Variables reference", default environment variables. */
export function readRuntime(env: Env): Runtime {
  const read = (name: string): string => env[name] ?? ''
  const serverUrl = read('GITHUB_SERVER_URL').replace(/\/$/, '')
  const repository = read('GITHUB_REPOSITORY')
  const runId = read('GITHUB_RUN_ID')
  const located = serverUrl !== '' && repository !== '' && runId !== ''
  return {
    serverUrl,
    repository,
    repositoryId: read('GITHUB_REPOSITORY_ID'),
    workflow: read('GITHUB_WORKFLOW'),
    runId,
    runAttempt: read('GITHUB_RUN_ATTEMPT'),
    job: read('GITHUB_JOB'),
    step: read('GITHUB_ACTION'),
    sha: read('GITHUB_SHA'),
    runSha: read('GITHUB_SHA'),
    commitBasis: 'stated',
    ref: read('GITHUB_REF'),
    refName: read('GITHUB_REF_NAME'),
    actor: read('GITHUB_ACTOR'),
    triggeringActor: read('GITHUB_TRIGGERING_ACTOR'),
    eventName: read('GITHUB_EVENT_NAME'),
    eventPath: read('GITHUB_EVENT_PATH'),
    workspace: read('GITHUB_WORKSPACE') || process.cwd(),
    temp: read('RUNNER_TEMP') || tmpdir(),
    runUrl: located ? `${serverUrl}/${repository}/actions/runs/${runId}` : '',
    debug: read('RUNNER_DEBUG') === '1'
  }
}
