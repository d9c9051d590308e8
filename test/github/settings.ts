/** Limits of GitHub, and the choices where its documentation says nothing. */

/** What nothing documents. The defaults are guesses; a client must be right with every choice. */
export interface Undocumented {
  /** A second decision of the App on an environment that it has decided. */
  readonly secondDecision: 404 | 422
  /** A decision on an environment that does not wait, or on a run that is completed. */
  readonly nothingWaiting: 404 | 422
  /** A decision that names an environment which the repository does not have. */
  readonly unknownEnvironment: 404 | 422
  /** The status of a run in which one job waits at a gate and another is queued or running. */
  readonly statusWithWaitingJob: 'waiting' | 'in_progress'
  /** Whether a later job of the same attempt at an environment that was passed waits again. */
  readonly laterJobWaits: boolean
  /** Whether an environment that an App let pass is passed by a re-run of single jobs without a new decision. */
  readonly ruleOnRerun: 'passes' | 'waits'
  /** Whether decisions of Apps are in the list of approvals beside those of people. */
  readonly rulesInApprovals: boolean
  /** Whether re-running a job that succeeded is possible; GitHub's reference says "a job". */
  readonly rerunSucceededJob: boolean
  /** What the built-in token gets for re-running another run: some were refused whatever their permissions. */
  readonly jobTokenReruns: 'allowed' | 'refused'
  /** A member of a dispatch that the server does not know: GHES and `return_run_details`. */
  readonly unknownDispatchMember: 'ignored' | 'refused'
  /** Whether an ETag is different for each token. */
  readonly etagPerToken: boolean
  /** Whether decisions, dispatches and re-runs count as content creation for the secondary limits. */
  readonly writesAreContent: boolean
  /** How long a new run is missing from lists, in milliseconds of the server's clock. */
  readonly listLagMs: number
}

export interface RateLimitSettings {
  /** Requests of one token's owner in an hour; undefined: as documented for its kind. */
  readonly primary?: number
  /** Points of an owner in a minute: a GET is 1, a write 5. */
  readonly pointsPerMinute: number
  readonly contentPerMinute: number
  readonly contentPerHour: number
  readonly concurrent: number
  /** Status of a refusal; both occur. */
  readonly status: 403 | 429
  /** Whether a secondary refusal has `retry-after`. */
  readonly retryAfter: boolean
}

export interface Settings {
  readonly edition: 'github.com' | 'ghes'
  /** Form of the installation tokens that the API hands out: both are in use. `long` has several hundred characters. */
  readonly tokenForm: 'short' | 'long'
  /** `false`: none, the default of GHES. */
  readonly rateLimits: RateLimitSettings | false
  readonly undocumented: Undocumented
  /** Whether a request that has unknown members in query or body is a defect of the test. */
  readonly refuseUnknownMembers: boolean
}

export interface GithubOptions {
  /** Epoch milliseconds; `advance` adds to it. Default: the system's clock. */
  readonly now?: () => number
  readonly edition?: Settings['edition']
  readonly tokenForm?: Settings['tokenForm']
  readonly rateLimits?: Partial<RateLimitSettings> | false
  readonly undocumented?: Partial<Undocumented>
  readonly refuseUnknownMembers?: boolean
}

const RATE_LIMITS: RateLimitSettings = {
  pointsPerMinute: 900,
  contentPerMinute: 80,
  contentPerHour: 500,
  concurrent: 100,
  status: 403,
  retryAfter: true
}

const UNDOCUMENTED: Undocumented = {
  secondDecision: 422,
  nothingWaiting: 422,
  unknownEnvironment: 422,
  statusWithWaitingJob: 'in_progress',
  laterJobWaits: true,
  ruleOnRerun: 'passes',
  rulesInApprovals: true,
  rerunSucceededJob: true,
  jobTokenReruns: 'allowed',
  unknownDispatchMember: 'ignored',
  etagPerToken: true,
  writesAreContent: true,
  listLagMs: 0
}

/** Options with their defaults. */
export function settingsFrom(options: GithubOptions): Settings {
  const { edition = 'github.com', rateLimits } = options
  const none = rateLimits === false || (rateLimits === undefined && edition === 'ghes')
  return {
    edition,
    tokenForm: options.tokenForm ?? 'long',
    rateLimits: none ? false : { ...RATE_LIMITS, ...rateLimits },
    undocumented: { ...UNDOCUMENTED, ...options.undocumented },
    refuseUnknownMembers: options.refuseUnknownMembers ?? true
  }
}
