import { type ClientProblem, isClientProblem } from '../../problems/codes.ts'
import type { RequestEvent } from '../events.ts'
import type { Policy } from '../message.ts'

interface Options {
  readonly now: () => number
  readonly emit: (event: RequestEvent) => void
}

/** Tells the listeners of each attempt: that it starts, and how it ended after how long. */
export function trace({ now, emit }: Options): Policy {
  return async ({ operation, method, path, attempt, resigned, ...rest }, next) => {
    const started = now()
    const about = { operation, method, path, attempt, ...(resigned ? { resigned } : {}) }
    const ended = (status: number | string, problem?: ClientProblem) =>
      emit({ type: 'attempt-ended', ...about, status, ms: now() - started, problem })
    emit({ type: 'attempt-started', ...about })
    try {
      const response = await next({ ...about, ...rest })
      ended(response.status)
      return response
    } catch (error) {
      if (isClientProblem(error)) ended(statusOf(error), error)
      else ended('interrupted')
      throw error
    }
  }
}

function statusOf({ facts }: ClientProblem): number | string {
  return ('status' in facts ? facts.status : undefined) ?? 'no response'
}
