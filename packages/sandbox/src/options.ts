import { type After, afterRealTime } from './clock.ts'
import type { LifeCycle } from './engine/life-cycle.ts'
import type { LoadedScripts } from './glide/application.ts'
import { checkNetwork } from './network.ts'
import type { OidcProvider } from './oauth/oidc-provider.ts'

/** The options of a sandbox. Each has a default. Times are milliseconds unless the name has another unit. */
export interface SandboxOptions {
  /** TCP port. Default 0: a free port. */
  readonly port?: number
  /** Address to listen on. Default `127.0.0.1`. One that is not loopback needs `allowNetwork`. */
  readonly host?: string
  /**
   * Other machines may reach the sandbox. It needs `password`; pages then need an account, too. Default false.
   */
  readonly allowNetwork?: boolean
  /**
   * The password of every account, secret of the OAuth client and API key, instead of the public ones; JWTs, whose keys
   * are public, are not accepted then. At least 12 characters.
   */
  readonly password?: string
  /** The instance's clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** What the delays below run on. Default: real time. */
  readonly after?: After
  /** Time from the transition to Assess or Authorize to the approver rows. Default 100. */
  readonly approvalDelayMs?: number
  /** Time from the last approval to the transition to Scheduled. Default 0: in the same transaction. */
  readonly approvedMoveDelayMs?: number
  /** Approves each requested approval after this time. Absent: approvals stay pending. */
  readonly autoApproveAfterMs?: number
  /** Delay of every response. Default 0. */
  readonly latencyMs?: number
  /** Lifetime of an access token. Default 1800. */
  readonly tokenLifetimeSeconds?: number
  /** `glide.oauth.inbound.client.credential.grant_type.enabled`. Default true. */
  readonly clientCredentials?: boolean
  /** The opposite of `glide.oauth.inbound.ropc.grant_type.disabled`. Default true. */
  readonly passwordGrant?: boolean
  /** "Clock Skew" of JWTs, where they expire. Default 300. */
  readonly clockSkewSeconds?: number
  /** "Enable JTI Verification": each JWT is accepted once. Default true. */
  readonly verifyJti?: boolean
  /** A third party whose identity tokens are accepted as bearer tokens. Absent: none. */
  readonly oidcProvider?: OidcProvider
  /** Whether the Change Management REST API plugin is installed. Default true. */
  readonly changeManagementApi?: boolean
  /** Whether Event Management is installed. Default true. */
  readonly eventManagement?: boolean
  /** Whether change models are active. Without them `nextstates` lists no transitions. Default true. */
  readonly changeModels?: boolean
  /** REST requests that a user may make in one minute. Absent: no limit. */
  readonly rateLimitPerMinute?: number
  /** Requests processed at once, and requests that may wait; 429 without headers beyond that. Absent: no limit. */
  readonly semaphore?: { readonly threads: number; readonly queue: number }
  /**
   * The data of a new instance. `change` (default): groups, configuration items and templates to try change control with.
   * `stock`: the demo data of a new instance of ServiceNow. Both have the accounts of the sandbox.
   */
  readonly seed?: SeedName
  /** File that keeps the instance's data across restarts. Absent: the data is in memory. */
  readonly stateFile?: string
  /** `glide.invalid_query.returns_no_rows`: an unknown field or operator returns no rows. Default false. */
  readonly invalidQueryReturnsNoRows?: boolean
  /** The response for a look-up table without read access: no rows (`hidden`, default) or 403 (`forbidden`). */
  readonly deniedLookups?: 'hidden' | 'forbidden'
  /** Whether a query may call scripts such as `javascript:gs.getUserName()`. Without it they match nothing. Default true. */
  readonly evaluateQueryScripts?: boolean
  /**
   * Whether accounts that may read changes may read `sys_journal_field`, and so who wrote a note. Default false, as on a
   * stock instance: the rows are hidden from all but administrators, without an error.
   */
  readonly readableJournal?: boolean
  /** Who approves a normal or emergency change. Default `cab`. */
  readonly approvalPolicy?: ApprovalPolicy
  /** The transition to Implement creates the two change tasks of a stock instance. Default false. */
  readonly tasksOnImplement?: boolean
  /** Closing the last change task moves the change from Implement to Review. Default false. */
  readonly autoCloseStates?: boolean
  /** The states and moves of the instance's own. Absent: those of a stock instance. */
  readonly lifeCycle?: LifeCycle
  /** Every transition is allowed. Data policies still apply. Default false. */
  readonly laxStates?: boolean
  /** A closed change takes notes. Default false: they are dropped without an error. */
  readonly notesOnClosed?: boolean
  /** Characters of a note or comment that are stored, without an error for the rest. Absent: all. */
  readonly journalMaxLength?: number
  /** A transition to Assess ends in Authorize, in the same transaction. Default false. */
  readonly landBeyond?: boolean
  /** Fields of the change that a business rule empties on each write. */
  readonly blankFields?: readonly string[]
  /** Fields of the change that only an administrator may read. */
  readonly unreadableFields?: readonly string[]
  /** More data policies: from a state (name or number) to its mandatory fields. */
  readonly extraMandatory?: Readonly<Record<string, string | readonly string[]>>
  /** A business rule computes the priority from impact and urgency. Default false. */
  readonly computedPriority?: boolean
  /** The Table API empties an unknown choice (`glide.rest.choice.allow_non_existing_value`). Default false. */
  readonly dropUnknownChoices?: boolean
  /** The result of standard creation and approvals is a one-element array, as in documented samples. Default false. */
  readonly singleResultsAsArray?: boolean
  /** A standard change accepts fields that its template does not name. Default false. */
  readonly templateTakesAnyField?: boolean
  /** The scripts of a scoped application, as `loadScripts` reads them. Absent: none. */
  readonly scripts?: LoadedScripts
  /** Milliseconds that a script may run, without those in which it waits for a response. Default 5000. */
  readonly scriptTimeoutMs?: number
  /** Hosts beside loopback addresses that scripts may call. Default none. */
  readonly scriptHosts?: readonly string[]
  /** `com.glide.attachment.max_size`, in bytes. Default 1 GiB. */
  readonly attachmentMaxBytes?: number
  /** `glide.attachment.extensions`: the accepted extensions, without dot. Absent: all. */
  readonly attachmentExtensions?: readonly string[]
  /** Characters of the name of an attachment that are stored, without an error for the rest. Absent: all. */
  readonly attachmentNameMaxLength?: number
  /** `glide.attachment.enable_secure_filename_validation`. Default false. */
  readonly attachmentFileNameValidation?: boolean
  /** `glide.security.file.mime_type.validation`. Default false. */
  readonly attachmentMimeValidation?: boolean
  /** Refuse empty attachments. Default false. */
  readonly refuseEmptyAttachments?: boolean
}

export const SEEDS = ['change', 'stock'] as const

/** The name of a set of data of a new instance. */
export type SeedName = (typeof SEEDS)[number]

/** Approval by the CAB; by the assignment group and then the CAB; or without approvals. */
export type ApprovalPolicy = 'cab' | 'technical-and-cab' | 'none'

type WithoutDefault =
  | 'autoApproveAfterMs'
  | 'oidcProvider'
  | 'rateLimitPerMinute'
  | 'semaphore'
  | 'lifeCycle'
  | 'password'
  | 'stateFile'
  | 'scripts'
  | 'attachmentExtensions'
  | 'attachmentNameMaxLength'
  | 'journalMaxLength'

/** The options with their defaults. */
export type Settings = Required<Omit<SandboxOptions, WithoutDefault>> & Pick<SandboxOptions, WithoutDefault>

const DEFAULTS: Settings = {
  port: 0,
  host: '127.0.0.1',
  allowNetwork: false,
  now: Date.now,
  after: afterRealTime,
  approvalDelayMs: 100,
  approvedMoveDelayMs: 0,
  latencyMs: 0,
  tokenLifetimeSeconds: 1800,
  clientCredentials: true,
  passwordGrant: true,
  clockSkewSeconds: 300,
  verifyJti: true,
  changeManagementApi: true,
  eventManagement: true,
  changeModels: true,
  seed: 'change',
  invalidQueryReturnsNoRows: false,
  deniedLookups: 'hidden',
  evaluateQueryScripts: true,
  readableJournal: false,
  approvalPolicy: 'cab',
  tasksOnImplement: false,
  autoCloseStates: false,
  laxStates: false,
  notesOnClosed: false,
  landBeyond: false,
  blankFields: [],
  unreadableFields: [],
  extraMandatory: {},
  computedPriority: false,
  dropUnknownChoices: false,
  singleResultsAsArray: false,
  templateTakesAnyField: false,
  scriptTimeoutMs: 5000,
  scriptHosts: [],
  attachmentMaxBytes: 1024 ** 3,
  attachmentFileNameValidation: false,
  attachmentMimeValidation: false,
  refuseEmptyAttachments: false
}

/**
 * Adds the defaults.
 * @throws Error for options that are not valid: where it may listen, its password, a port out of range, an unknown seed
 */
export function settingsFrom(options: SandboxOptions): Settings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings: Settings = { ...DEFAULTS, ...given }
  checkNetwork(settings)
  if (!SEEDS.includes(settings.seed)) {
    throw new Error(`seed must be ${SEEDS.join(' or ')}, not "${settings.seed}". Fix: correct it.`)
  }
  if (!Number.isInteger(settings.port) || settings.port < 0 || settings.port > 65_535) {
    throw new Error(`port must be a whole number from 0 to 65535, not ${settings.port}. Fix: correct it.`)
  }
  return settings
}
