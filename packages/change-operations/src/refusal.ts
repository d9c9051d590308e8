import { type Change, isClientProblem, type Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'

/** The instance understood the request and refused it: that it refuses to sign in, or for a time, is no refusal. */
export function isRefused(error: unknown): error is Problem {
  if (!isClientProblem(error)) return false
  const status = 'status' in error.facts ? error.facts.status : undefined
  if (typeof status !== 'number' || status === 401 || status === 429) return false
  return status >= 400 && status < 500
}

/**
 * The change after a refused write, where somebody else (a person, a flow of the instance, another job) has done the
 * same just before: that is the reason of many a refusal. undefined where it was not done, or cannot be read.
 */
export async function doneByOthers(
  context: OperationContext,
  sysId: string,
  error: unknown,
  done: (change: Change) => boolean
): Promise<Change | undefined> {
  // Where the write itself may have been carried out, the client has looked already.
  if (!isRefused(error) || error.committed !== 'no') return undefined
  try {
    const current = await context.client.changes.get(sysId)
    return done(current) ? current : undefined
  } catch (failed) {
    if (isClientProblem(failed)) return undefined
    throw failed
  }
}
