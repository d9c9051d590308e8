import type { FaultEffect } from './faults.ts'
import { type Outgoing, outgoing } from './outgoing.ts'
import { notFound, Refusal } from './refusal.ts'

/** What is sent instead of the response of the operation. */
type Instead = Extract<FaultEffect, { kind: 'forbidden' | 'primary-limit' | 'secondary-limit' | 'vanished' }>

const UNICORN =
  '<html><head><title>Unicorn!</title></head><body>This page is taking too long to load.</body></html>'

function refusalFor(effect: Instead, now: number): Refusal {
  switch (effect.kind) {
    case 'vanished':
      return notFound()
    case 'forbidden': {
      const { message = 'Resource not accessible by integration', accepted } = effect
      return new Refusal(
        403,
        message,
        accepted ? { headers: { 'x-accepted-github-permissions': accepted } } : {}
      )
    }
    case 'primary-limit': {
      const reset = String(Math.ceil(now / 1000) + (effect.resetInSeconds ?? 600))
      const headers = {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': reset
      }
      return new Refusal(effect.status ?? 403, 'API rate limit exceeded for installation.', { headers })
    }
    case 'secondary-limit': {
      const { retryAfterSeconds = 60, status = 403 } = effect
      const message = 'You have exceeded a secondary rate limit.'
      return new Refusal(
        status,
        message,
        retryAfterSeconds === null ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }
      )
    }
  }
}

/**
 * Carries out a request with a fault. Undefined: the connection is to be cut.
 * @param now epoch milliseconds of the server's clock
 */
export async function carryOutWith(
  effect: FaultEffect,
  carryOut: () => Promise<Outgoing>,
  now: number
): Promise<Outgoing | undefined> {
  switch (effect.kind) {
    case 'held':
      return carryOut()
    case 'cut':
      return undefined
    case 'lost-response':
      await carryOut()
      return undefined
    case 'slow':
      await new Promise(resolve => setTimeout(resolve, effect.ms))
      return carryOut()
    case 'unavailable':
      if (effect.committed) await carryOut()
      return { status: effect.status ?? 502, headers: { 'content-type': 'text/html' }, text: UNICORN }
    default:
      return outgoing(refusalFor(effect, now))
  }
}
