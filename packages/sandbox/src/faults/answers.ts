import { hibernatingPage, loginPage, unavailablePage } from '../pages/static-pages.ts'
import { emptyReply, errorReply, htmlReply, jsonReply, type WholeReply } from '../server/reply.ts'
import type { FaultEffect } from './spec.ts'

const CANCELLED = 'Transaction cancelled: maximum execution time exceeded'

type Answer<K extends FaultEffect['kind']> = (
  effect: Extract<FaultEffect, { kind: K }>,
  now: number
) => WholeReply

export type ReplacingKind = Exclude<
  FaultEffect['kind'],
  | 'reset'
  | 'no-answer'
  | 'slow-drip'
  | 'truncated'
  | 'malformed-json'
  | 'partial-result'
  | 'silent-no-op'
  | 'latency'
>

function rateLimited(effect: { retryAfterSeconds?: number }, now: number): WholeReply {
  const wait = effect.retryAfterSeconds
  if (wait === undefined) return errorReply(429, 'Too many requests')
  return errorReply(
    429,
    'Rate limit exceeded',
    'Rate limit of 100 requests per hour for Table API exceeded',
    {
      'Retry-After': String(wait),
      'X-RateLimit-Limit': '100',
      'X-RateLimit-Reset': String(Math.floor(now / 1000) + wait),
      'X-RateLimit-Rule': 'Table API'
    }
  )
}

function businessRule(effect: { rule?: string }): WholeReply {
  const rule = effect.rule ?? 'Change Model: Check State Transition'
  const text = `Operation against file 'change_request' was aborted by Business Rule '${rule}^0f1e2d3c4b5a69788796a5b4c3d2e1f0'. Business Rule Stack:${rule}`
  return errorReply(403, 'Operation Failed', text)
}

/** What each fault that replaces the answer says. */
const ANSWERS: { readonly [K in ReplacingKind]: Answer<K> } = {
  'login-page': () => htmlReply(200, loginPage()),
  hibernating: () => htmlReply(200, hibernatingPage()),
  redirect: effect =>
    emptyReply(302, {
      Location: effect.location ?? 'https://developer.service-now.example/dev.do#!/home?wu=true'
    }),
  unauthorized: () => errorReply(401, 'User Not Authenticated', 'Required to provide Auth information'),
  acl: () => errorReply(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints'),
  'business-rule': businessRule,
  'not-found': () =>
    errorReply(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval"),
  'rate-limited': rateLimited,
  'server-error': () => errorReply(500, CANCELLED, null),
  unavailable: effect =>
    htmlReply(effect.status ?? 503, unavailablePage(effect.status ?? 503), {
      ...(effect.retryAfterSeconds !== undefined && { 'Retry-After': String(effect.retryAfterSeconds) })
    }),
  error: effect => errorReply(effect.status, effect.message, effect.detail ?? null, effect.headers)
}

/** The answer that takes the place of the right one; undefined for faults that work otherwise. */
export function replacement(effect: FaultEffect, now: number): WholeReply | undefined {
  const answer = ANSWERS[effect.kind as ReplacingKind] as
    | ((effect: FaultEffect, now: number) => WholeReply)
    | undefined
  return answer?.(effect, now)
}

/** Part of a list (or the whole of a record) with an error beside it, as a cancelled long read streams it. */
export function partial(reply: WholeReply): WholeReply {
  if (!reply.headers['Content-Type']?.startsWith('application/json')) return reply
  const { result } = JSON.parse(reply.body.toString('utf8')) as { result?: unknown }
  const part = Array.isArray(result) ? result.slice(0, Math.floor(result.length / 2)) : result
  return jsonReply(200, { result: part, error: { message: CANCELLED, detail: null }, status: 'failure' })
}

/** The same bytes without their last third: no longer JSON. */
export function malformed(reply: WholeReply): WholeReply {
  return { ...reply, body: reply.body.subarray(0, Math.floor((reply.body.length * 2) / 3)) }
}
