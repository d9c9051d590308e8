/**
 * Every way a request can fail, as codes with facts. The retry decision is read off this table; texts for people are
 * made by the front that talks to them.
 */
import { Problem, type ProblemDetails } from './problem.ts'

/** Facts of every failed request. */
export interface RequestFacts {
  /** What was being done, as a participle: `creating the change request`. */
  readonly operation: string
  /** HTTP status, or the layer that failed where there is none: `DNS`, `TLS`, `connection`, `proxy`, `timeout`. */
  readonly status?: number | string | undefined
  /** The words of the instance, or of the system. Untrusted text. */
  readonly message?: string | undefined
}

/** A sign-in that the token endpoint refused. */
export interface SignInFacts extends RequestFacts {
  /** How it was tried; undefined for a grant that has its secrets from the instance. */
  readonly grant?: 'jwt-bearer' | undefined
}

/** Credentials that a request was refused with. */
export interface CredentialFacts extends RequestFacts {
  /** Name of the sign-in scheme. */
  readonly scheme?: string | undefined
}

/** A request that was refused for a time. */
export interface LimitFacts extends RequestFacts {
  /** When requests are let through again, epoch milliseconds on the runner's clock. */
  readonly resetsAt?: number | undefined
}

/** Nothing listens at the address. */
export interface RefusedFacts extends RequestFacts {
  /** The host is this machine, where the sandbox runs. */
  readonly loopback?: boolean | undefined
}

/** Fields that the account may not read, or not filter by. */
export interface FieldFacts extends RequestFacts {
  readonly fields: readonly string[]
  /** Those of them that are known to be the reason. */
  readonly unreadable?: readonly string[] | undefined
}

/** What a name stands for. */
export type LookupKind =
  | 'assignment group'
  | 'user'
  | 'configuration item'
  | 'change model'
  | 'standard change template'
  | 'choice'
  | 'change number'
  | 'correlation id'

/** A name that is not exactly one record's. */
export interface LookupFacts extends RequestFacts {
  readonly kind: LookupKind
  /** As given. */
  readonly name: string
  /** Similar names, or the records that match, each with what distinguishes it. */
  readonly candidates: readonly string[]
}

/** A response about another record than the one that was asked for. */
export interface OtherRecordFacts extends RequestFacts {
  /** sys_id; '' for a change that is being created. */
  readonly asked: string
  /** Number, where it is known, and sys_id. */
  readonly got: string
}

/** A list that goes on after all that was read of it: whatever is not found in it may be there. */
export interface CutFacts extends RequestFacts {
  /** Records that were read. */
  readonly read: number
}

/** A file as it was sent, or as it was stored. */
export interface FileFacts {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Hex; '' where it is not known. */
  readonly sha256: string
}

export interface AttachmentFacts extends RequestFacts {
  readonly sent: FileFacts
  readonly stored: FileFacts & { readonly sysId: string }
}

/** The facts of each problem of the client, by code. */
export interface ClientProblems {
  'sign-in': SignInFacts
  'sign-in-missing': RequestFacts
  'identity-token': RequestFacts
  credentials: CredentialFacts
  role: RequestFacts
  'business-rule': RequestFacts
  'data-policy': RequestFacts
  'read-only': RequestFacts
  'ip-list': RequestFacts
  'oauth-scope': RequestFacts
  forbidden: RequestFacts
  'not-found': RequestFacts
  'not-servicenow': RequestFacts
  'api-missing': RequestFacts & { readonly api?: 'table' }
  'bad-request': RequestFacts
  'rate-limit': LimitFacts
  'transaction-canceled': RequestFacts
  'server-error': RequestFacts
  unavailable: LimitFacts
  hibernating: RequestFacts
  'login-page': RequestFacts
  'not-json': RequestFacts
  partial: RequestFacts
  truncated: RequestFacts
  'response-too-long': RequestFacts
  redirect: RequestFacts
  dns: RequestFacts
  'dns-down': RequestFacts
  refused: RefusedFacts
  connection: RequestFacts
  tls: RequestFacts
  'client-certificate': RequestFacts
  'request-timeout': RequestFacts
  proxy: RequestFacts
  'proxy-down': RequestFacts
  file: RequestFacts
  unexpected: RequestFacts
  'other-record': OtherRecordFacts
  unreadable: FieldFacts
  'query-ignored': FieldFacts
  'list-cut': CutFacts
  'lookup-none': LookupFacts
  'lookup-many': LookupFacts
  'unsafe-query': { readonly value: string }
  attachment: AttachmentFacts
}

export type ClientCode = keyof ClientProblems

/** A problem of the client: of one of these codes, or of any. */
export type ClientProblem<C extends ClientCode = ClientCode> = C extends ClientCode
  ? Problem<C, ClientProblems[C]>
  : never

interface Flags {
  /** Worth another attempt: the error may be temporary. */
  readonly temporary: boolean
  /** A write with this response may have been carried out all the same. */
  readonly committed: 'no' | 'maybe'
}

const FINAL: Flags = { temporary: false, committed: 'no' }
/** A rule that runs after the write refuses what is there already. */
const REFUSED: Flags = { temporary: false, committed: 'maybe' }
const TEMPORARY: Flags = { temporary: true, committed: 'no' }
const LOST: Flags = { temporary: true, committed: 'maybe' }

const FLAGS: Readonly<Record<ClientCode, Flags>> = {
  'sign-in': FINAL,
  'sign-in-missing': FINAL,
  'identity-token': TEMPORARY,
  credentials: FINAL,
  role: REFUSED,
  'business-rule': REFUSED,
  'data-policy': REFUSED,
  'read-only': REFUSED,
  'ip-list': FINAL,
  'oauth-scope': FINAL,
  forbidden: REFUSED,
  'not-found': FINAL,
  'not-servicenow': FINAL,
  'api-missing': FINAL,
  'bad-request': FINAL,
  'rate-limit': TEMPORARY,
  'transaction-canceled': LOST,
  'server-error': LOST,
  unavailable: LOST,
  hibernating: FINAL,
  'login-page': FINAL,
  'not-json': LOST,
  partial: LOST,
  truncated: LOST,
  // Another attempt would get the same; a write may have been carried out.
  'response-too-long': REFUSED,
  redirect: FINAL,
  dns: FINAL,
  'dns-down': TEMPORARY,
  refused: TEMPORARY,
  connection: LOST,
  tls: FINAL,
  'client-certificate': FINAL,
  'request-timeout': LOST,
  proxy: FINAL,
  'proxy-down': TEMPORARY,
  file: FINAL,
  unexpected: FINAL,
  // Of a write. A read may be sent again: see `checkRecord`.
  'other-record': REFUSED,
  unreadable: FINAL,
  'query-ignored': FINAL,
  'list-cut': FINAL,
  'lookup-none': FINAL,
  'lookup-many': FINAL,
  'unsafe-query': FINAL,
  attachment: FINAL
}

/** Every code, in the order of the table. */
export const CLIENT_CODES = Object.keys(FLAGS) as ClientCode[]

/** Whether a request that ends with this code is worth another attempt, and whether it may have been carried out. */
export function flagsOf(code: ClientCode): Flags {
  return FLAGS[code]
}

/** A problem of the client. `afterMs`: milliseconds that the instance asked to wait. */
export function clientProblem<C extends ClientCode>(
  code: C,
  facts: ClientProblems[C],
  more: Pick<ProblemDetails<C, object>, 'cause' | 'committed'> & {
    readonly afterMs?: number | undefined
    readonly temporary?: boolean
  } = {}
): ClientProblem<C> {
  const { committed } = FLAGS[code]
  const { afterMs, cause, temporary = FLAGS[code].temporary } = more
  return new Problem({
    code,
    facts,
    retry: { temporary, afterMs },
    committed: more.committed ?? committed,
    cause
  }) as unknown as ClientProblem<C>
}

/** Whether something thrown is a problem of the client, and of one of the codes where some are named. */
export function isClientProblem<C extends ClientCode = ClientCode>(
  error: unknown,
  ...codes: C[]
): error is ClientProblem<C> {
  if (!(error instanceof Problem)) return false
  return codes.length === 0 ? Object.hasOwn(FLAGS, error.code) : (codes as string[]).includes(error.code)
}
