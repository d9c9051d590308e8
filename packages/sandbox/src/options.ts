/** How a sandbox instance is set up. Everything has a default; times are milliseconds unless the name says otherwise. */
export interface SandboxOptions {
  /** TCP port; 0 (default) takes a free one. */
  readonly port?: number
  /** Loopback address to listen on; anything else is refused. Default `127.0.0.1`. */
  readonly host?: string
  /** The instance's clock, in epoch milliseconds. Timers below run on real time all the same. */
  readonly now?: () => number
  /** Time from entering Assess or Authorize to the approver rows. Default 100. */
  readonly approvalDelayMs?: number
  /** Time between the last approval and the move to Scheduled. Default 0: in the same transaction. */
  readonly approvedMoveDelayMs?: number
  /** Approves whatever is requested after this time; off when absent. */
  readonly autoApproveAfterMs?: number
  /** Added to every answer. Default 0. */
  readonly latencyMs?: number
  /** Life of an access token. Default 1800. */
  readonly tokenLifetimeSeconds?: number
  /** `glide.oauth.inbound.client.credential.grant_type.enabled`. Default true. */
  readonly clientCredentials?: boolean
  /** The opposite of `glide.oauth.inbound.ropc.grant_type.disabled`. Default true. */
  readonly passwordGrant?: boolean
  /** Whether the Change Management REST API plugin is there. Default true. */
  readonly changeManagementApi?: boolean
  /** Change models active (default true). Without them `nextstates` carries no transitions. */
  readonly changeModels?: boolean
  /** REST requests a user may make within one minute; no limit when absent. */
  readonly rateLimitPerMinute?: number
  /** Requests worked on at once, and waiting; beyond that 429 without headers. No limit when absent. */
  readonly semaphore?: { readonly threads: number; readonly queue: number }
  /** File that keeps the instance's data across restarts. */
  readonly stateFile?: string
  /** `glide.invalid_query.returns_no_rows`: a query with an unknown field finds nothing. Default false. */
  readonly invalidQueryReturnsNoRows?: boolean
  /** What an account without read access to a look-up table meets. Default `hidden` (no rows). */
  readonly deniedLookups?: 'hidden' | 'forbidden'
  /** Who must approve a normal or emergency change. Default `cab`. */
  readonly approvalPolicy?: ApprovalPolicy
  /** Entering Implement creates the two change tasks of a stock instance. Default false. */
  readonly tasksOnImplement?: boolean
  /** Closing the last change task moves Implement to Review. Default false. */
  readonly autoCloseStates?: boolean
  /** Any move is accepted. Data policies still hold. Default false. */
  readonly laxStates?: boolean
  /** A move to Assess lands in Authorize within the same transaction. Default false. */
  readonly landBeyond?: boolean
  /** Fields of the change that a business rule empties on every write. */
  readonly blankFields?: readonly string[]
  /** Further data policies: state (name or number) to the field or fields it demands. */
  readonly extraMandatory?: Readonly<Record<string, string | readonly string[]>>
  /** A business rule derives priority from impact and urgency. Default false. */
  readonly computedPriority?: boolean
  /** The Table API empties a choice it does not know (`glide.rest.choice.allow_non_existing_value`). Default false. */
  readonly dropUnknownChoices?: boolean
  /** Standard creation and approvals answer with a one-element array, as documented samples show. Default false. */
  readonly singleResultsAsArray?: boolean
  /** A standard change takes fields that its template does not have. Default false. */
  readonly templateTakesAnyField?: boolean
  /** `com.glide.attachment.max_size`, in bytes. Default 1 GiB. */
  readonly attachmentMaxBytes?: number
  /** `glide.attachment.extensions`: the only extensions accepted, without dot. All when absent. */
  readonly attachmentExtensions?: readonly string[]
  /** `glide.attachment.enable_secure_filename_validation`. Default false. */
  readonly attachmentFileNameValidation?: boolean
  /** `glide.security.file.mime_type.validation`. Default false. */
  readonly attachmentMimeValidation?: boolean
  /** Refuse attachments without content. Default false. */
  readonly refuseEmptyAttachments?: boolean
}

export type ApprovalPolicy = 'cab' | 'technical-and-cab' | 'none'

type WithoutDefault =
  | 'autoApproveAfterMs'
  | 'rateLimitPerMinute'
  | 'semaphore'
  | 'stateFile'
  | 'attachmentExtensions'

/** The options with every default filled in. */
export type Settings = Required<Omit<SandboxOptions, WithoutDefault>> & Pick<SandboxOptions, WithoutDefault>

const DEFAULTS: Settings = {
  port: 0,
  host: '127.0.0.1',
  now: Date.now,
  approvalDelayMs: 100,
  approvedMoveDelayMs: 0,
  latencyMs: 0,
  tokenLifetimeSeconds: 1800,
  clientCredentials: true,
  passwordGrant: true,
  changeManagementApi: true,
  changeModels: true,
  invalidQueryReturnsNoRows: false,
  deniedLookups: 'hidden',
  approvalPolicy: 'cab',
  tasksOnImplement: false,
  autoCloseStates: false,
  laxStates: false,
  landBeyond: false,
  blankFields: [],
  extraMandatory: {},
  computedPriority: false,
  dropUnknownChoices: false,
  singleResultsAsArray: false,
  templateTakesAnyField: false,
  attachmentMaxBytes: 1024 ** 3,
  attachmentFileNameValidation: false,
  attachmentMimeValidation: false,
  refuseEmptyAttachments: false
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/**
 * Fills in the defaults.
 * @throws Error for a host that is not a loopback address, or a port out of range.
 */
export function settingsFrom(options: SandboxOptions): Settings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings: Settings = { ...DEFAULTS, ...given }
  if (!LOOPBACK.includes(settings.host)) {
    throw new Error(
      `The sandbox listens on loopback only (${LOOPBACK.join(', ')}), not on "${settings.host}": its accounts and passwords are public.`
    )
  }
  if (!Number.isInteger(settings.port) || settings.port < 0 || settings.port > 65_535) {
    throw new Error(`port must be a whole number from 0 to 65535, not ${settings.port}.`)
  }
  return settings
}
