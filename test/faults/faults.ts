/** The ways a request can go wrong, and what is expected of a step that meets one. */
import type { FaultEffect } from '@change-actions/sandbox'
import type { Point } from './points.ts'
import type { Scenario } from './scenario.ts'

export interface FaultCase {
  /** Head of its column in the report. */
  readonly key: string
  readonly title: string
  /** How the sandbox strikes; `refused` is made in front of it. */
  readonly strike: FaultEffect | 'refused'
  /** Every time this request is made from then on, not just once. */
  readonly forGood?: boolean
  /** A temporary error, or none after all: a step must survive it. */
  readonly passes: boolean
  /** Where it can strike; everywhere when absent. */
  applies?(point: Point): boolean
}

/** A request that may leave something behind. The sign-in is none. */
export function isWrite({ method, path }: Point): boolean {
  return method !== 'GET' && path !== SIGN_IN
}

const SIGN_IN = '/oauth_token.do'

const isData = ({ path }: Point): boolean => path !== SIGN_IN

export const FAULTS: readonly FaultCase[] = [
  {
    key: 'refused',
    title: 'connection refused',
    strike: 'refused',
    passes: true,
    applies: p => !p.alongside
  },
  {
    key: 'reset',
    title: 'connection reset before the request is processed',
    strike: { kind: 'reset' },
    passes: true
  },
  {
    key: 'reset ✓',
    title: 'connection reset after the request was processed',
    strike: { kind: 'reset', committed: true },
    passes: true,
    applies: isWrite
  },
  {
    key: 'silence',
    title: 'no response ever, the request is not processed',
    strike: { kind: 'no-answer' },
    passes: true
  },
  {
    key: 'silence ✓',
    title: 'no response ever, the request was processed',
    strike: { kind: 'no-answer', committed: true },
    passes: true,
    applies: isWrite
  },
  { key: 'drip', title: 'the response comes a byte at a time', strike: { kind: 'slow-drip' }, passes: true },
  {
    key: 'cut',
    title: 'the response is cut short, the connection ends',
    strike: { kind: 'truncated' },
    passes: true
  },
  {
    key: 'broken',
    title: 'the response is malformed JSON, correctly framed',
    strike: { kind: 'malformed-json' },
    passes: true
  },
  {
    key: 'partial',
    title: '200 with part of the result and an `error` beside it',
    strike: { kind: 'partial-result' },
    passes: true
  },
  { key: 'login', title: '200 with a login page', strike: { kind: 'login-page' }, passes: false },
  {
    key: 'asleep',
    title: '200 with the page of a hibernating instance',
    strike: { kind: 'hibernating' },
    passes: false
  },
  { key: '302', title: '302 to another address', strike: { kind: 'redirect' }, passes: false },
  {
    key: '401',
    title: '401 once: the token has expired',
    strike: { kind: 'unauthorized' },
    passes: true,
    applies: isData
  },
  {
    key: '401 ∞',
    title: '401 every time, also after a fresh sign-in',
    strike: { kind: 'unauthorized' },
    forGood: true,
    passes: false
  },
  { key: '403 acl', title: '403 from an access control', strike: { kind: 'acl' }, passes: false },
  {
    key: '403 acl ✓',
    title: '403 from an access control, although processed',
    strike: { kind: 'acl', committed: true },
    passes: true,
    applies: isWrite
  },
  { key: '403 rule', title: '403 from a business rule', strike: { kind: 'business-rule' }, passes: false },
  {
    key: '403 rule ✓',
    title: '403 from a business rule, although processed',
    strike: { kind: 'business-rule', committed: true },
    passes: true,
    applies: isWrite
  },
  { key: '404', title: '404', strike: { kind: 'not-found' }, passes: false },
  {
    key: '429 1s',
    title: '429 with `Retry-After: 1`',
    strike: { kind: 'rate-limited', retryAfterSeconds: 1 },
    passes: true
  },
  {
    key: '429 120s',
    title: '429 with `Retry-After: 120`, longer than a step waits',
    strike: { kind: 'rate-limited', retryAfterSeconds: 120 },
    passes: false
  },
  {
    key: '429',
    title: '429 without `Retry-After`',
    strike: { kind: 'rate-limited' },
    passes: true
  },
  { key: '500', title: '500', strike: { kind: 'server-error' }, passes: true },
  {
    key: '500 ✓',
    title: '500 although processed',
    strike: { kind: 'server-error', committed: true },
    passes: true,
    applies: isWrite
  },
  {
    key: '502',
    title: '502 with an HTML page',
    strike: { kind: 'unavailable', status: 502 },
    passes: true
  },
  {
    key: '503',
    title: '503 with an HTML page',
    strike: { kind: 'unavailable', status: 503 },
    passes: true
  },
  {
    key: '503 ✓',
    title: '503 with an HTML page, although processed',
    strike: { kind: 'unavailable', status: 503, committed: true },
    passes: true,
    applies: isWrite
  },
  {
    key: 'no-op',
    title: '200, and the requested change of state is silently left out',
    strike: { kind: 'silent-no-op' },
    passes: true,
    applies: p => p.moves
  },
  {
    key: 'no-op ∞',
    title: 'the same, every time',
    strike: { kind: 'silent-no-op' },
    forGood: true,
    passes: false,
    applies: p => p.moves
  }
]

/**
 * What each API has of its own: how a response is read, and how a write is searched for. Below that both are the same
 * code, which is struck with every fault over the Change Management API.
 */
const ON_TABLE_API = new Set([
  'reset ✓',
  'silence',
  'cut',
  'partial',
  'login',
  '401',
  '401 ∞',
  '403 acl',
  '403 acl ✓',
  '403 rule ✓',
  '404',
  '429 120s',
  '500 ✓',
  '503',
  'no-op',
  'no-op ∞'
])

export function canStrike({ api }: Scenario, point: Point, { key, applies }: FaultCase): boolean {
  return (applies?.(point) ?? true) && (api === 'change-management' || ON_TABLE_API.has(key))
}

export type Expected = 'survived' | 'refused' | 'either'

/** What contract and catalogue say about a fault at a place. */
export function expected(scenario: Scenario, point: Point, fault: FaultCase): Expected {
  // A door that refuses is believed: the next attempt sends the same delivery, and it is taken once.
  if (isDelivery(point) && fault.key.startsWith('403')) return 'refused'
  if (fault.passes) return 'survived'
  // During the wait a rate limit is waited out, however long, up to the deadline.
  if (fault.key === '429 120s' && waits(scenario, point)) return 'survived'
  // An execution that is not found may appear.
  if (fault.key === '404' && isPoll(point)) return 'survived'
  // Without actual start and end the change is closed all the same.
  if (scenario.script === 'gate, post' && point.method === 'PATCH' && !point.moves) return 'either'
  // Approver rows only add to the outputs. A name that may not be looked up is resolved by the instance.
  if (isOptional(point)) return 'either'
  // Where its few fields are refused, each poll reads the whole record, which may be refused as well.
  if (point.brief) return 'either'
  return 'refused'
}

/** A message to the companion application. */
function isDelivery({ method, path }: Point): boolean {
  return method === 'POST' && path.includes('/x_chgact/')
}

/** A poll of an execution. */
function isPoll({ method, path }: Point): boolean {
  return method === 'GET' && path.includes('/x_chgact/')
}

function waits({ script }: Scenario, point: Point): boolean {
  const { method, path, nth } = point
  if (script === 'wait-approval' || isPoll(point)) return true
  // The gate's later reads are those of its claim.
  return script === 'gate' && method === 'GET' && /\/change\/:id$/.test(path) && nth === 1
}

const OPTIONAL =
  /\/(?:sysapproval_approver|nextstates|sys_journal_field)$|^\/api\/now\/table\/(?:sys_user_group|sys_user|cmdb_ci|sys_choice)$/

function isOptional({ method, path }: Point): boolean {
  return method === 'GET' && OPTIONAL.test(path)
}
