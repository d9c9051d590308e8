import { hibernatingPage, loginPage, unavailablePage } from '../pages/static-pages.ts'
import {
  type BufferedResponse,
  emptyResponse,
  errorResponse,
  htmlResponse,
  jsonResponse
} from '../server/response.ts'
import type { FaultEffect } from './spec.ts'

const CANCELLED = 'Transaction cancelled: maximum execution time exceeded'

/** @param now epoch milliseconds of the instance's clock */
type ResponseBuilder<K extends FaultEffect['kind']> = (
  effect: Extract<FaultEffect, { kind: K }>,
  now: number
) => BufferedResponse

/** Faults that send a response of their own. */
type ReplacingKind = Exclude<
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

function rateLimited(effect: { retryAfterSeconds?: number }, now: number): BufferedResponse {
  const waitSeconds = effect.retryAfterSeconds
  if (waitSeconds === undefined) return errorResponse(429, 'Too many requests')
  return errorResponse(
    429,
    'Rate limit exceeded',
    'Rate limit of 100 requests per hour for Table API exceeded',
    {
      'Retry-After': String(waitSeconds),
      'X-RateLimit-Limit': '100',
      'X-RateLimit-Reset': String(Math.floor(now / 1000) + waitSeconds),
      'X-RateLimit-Rule': 'Table API'
    }
  )
}

function businessRule(effect: { rule?: string }): BufferedResponse {
  const rule = effect.rule ?? 'Change Model: Check State Transition'
  const text = `Operation against file 'change_request' was aborted by Business Rule '${rule}^0f1e2d3c4b5a69788796a5b4c3d2e1f0'. Business Rule Stack:${rule}`
  return errorResponse(403, 'Operation Failed', text)
}

const RESPONSES: { readonly [K in ReplacingKind]: ResponseBuilder<K> } = {
  'login-page': () => htmlResponse(200, loginPage()),
  hibernating: () => htmlResponse(200, hibernatingPage()),
  redirect: effect =>
    emptyResponse(302, {
      Location: effect.location ?? 'https://developer.service-now.example/dev.do#!/home?wu=true'
    }),
  unauthorized: () => errorResponse(401, 'User Not Authenticated', 'Required to provide Auth information'),
  acl: () =>
    errorResponse(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints'),
  'business-rule': businessRule,
  'not-found': () =>
    errorResponse(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval"),
  'rate-limited': rateLimited,
  'server-error': () => errorResponse(500, CANCELLED, null),
  unavailable: effect =>
    htmlResponse(effect.status ?? 503, unavailablePage(effect.status ?? 503), {
      ...(effect.retryAfterSeconds !== undefined && { 'Retry-After': String(effect.retryAfterSeconds) })
    }),
  json: effect => jsonResponse(200, effect.body),
  error: effect => errorResponse(effect.status, effect.message, effect.detail ?? null, effect.headers)
}

/**
 * The response that a fault sends instead of the real one; undefined for faults that do not replace it.
 * @param now epoch milliseconds of the instance's clock
 */
export function replacementResponse(effect: FaultEffect, now: number): BufferedResponse | undefined {
  const build = RESPONSES[effect.kind as ReplacingKind] as
    | ((effect: FaultEffect, now: number) => BufferedResponse)
    | undefined
  return build?.(effect, now)
}

/** Half of a list (a single record stays whole) with an error beside it: how a cancelled read is streamed. */
export function partialResult(response: BufferedResponse): BufferedResponse {
  if (!response.headers['Content-Type']?.startsWith('application/json')) return response
  const { result } = JSON.parse(response.body.toString('utf8')) as { result?: unknown }
  const part = Array.isArray(result) ? result.slice(0, Math.floor(result.length / 2)) : result
  return jsonResponse(200, { result: part, error: { message: CANCELLED, detail: null }, status: 'failure' })
}

/** The first two thirds of the body: no longer valid JSON. */
export function malformedJson(response: BufferedResponse): BufferedResponse {
  return { ...response, body: response.body.subarray(0, Math.floor((response.body.length * 2) / 3)) }
}
