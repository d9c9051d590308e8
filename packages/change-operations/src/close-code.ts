import { type JobResult, normaliseCloseCode, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, isClientProblem } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { changeProblem } from './problems.ts'

/** The instance's own codes for the results of jobs; where none is given, the shipped ones. */
export interface CloseCodes {
  readonly success?: string | undefined
  readonly failure?: string | undefined
}

/** The close code for a job's result, as it was given or is shipped. */
export function closeCodeFor(codes: CloseCodes, result: JobResult): string {
  return result === 'success' ? (codes.success ?? 'successful') : (codes.failure ?? 'unsuccessful')
}

/** How a change ended. */
export type CloseResult = 'successful' | 'unsuccessful' | 'canceled'

/**
 * How a change ended, by its close code; where that is one of the instance's own, by the job's result. Undefined for a
 * change that is not over, and for an own code of which nothing more is known.
 */
export function closeResultOf(change: Change, result?: JobResult): CloseResult | undefined {
  const state = stateOf(change.state)
  if (state === 'canceled') return 'canceled'
  if (state !== 'closed') return undefined
  const shipped = normaliseCloseCode(fieldOf(change.fields, 'close_code').value)
  if (shipped !== undefined) return shipped === 'unsuccessful' ? 'unsuccessful' : 'successful'
  if (result === undefined) return undefined
  return result === 'success' ? 'successful' : 'unsuccessful'
}

/** Whether moves took a change to its end. @param entered states in their order, as outputs name them */
export function isEnded(entered: readonly string[]): boolean {
  return ['closed', 'canceled'].includes(entered.at(-1) ?? '')
}

/**
 * The stored value of a close code given by label or value, checked against the instance's list before anything is
 * moved. Where the list may not be read, the shipped codes keep their value and any other text is sent as it is.
 *
 * @param result the job's result that the code stands for; undefined for a code that was given outright
 * @throws Problem `unknown-close-code` that lists the instance's codes
 */
export async function resolveCloseCode(
  { client }: OperationContext,
  change: Change,
  code: string,
  result?: JobResult
): Promise<string> {
  const shipped = normaliseCloseCode(code) ?? code
  try {
    return await storedValue(client, shipped).catch(error => {
      if (shipped === code || !isClientProblem(error, 'lookup-none')) throw error
      return storedValue(client, code)
    })
  } catch (error) {
    if (!isClientProblem(error, 'lookup-none')) throw error
    const facts = { code, result, codes: error.facts.candidates }
    throw changeProblem('unknown-close-code', change, facts, { cause: error })
  }
}

async function storedValue(client: OperationContext['client'], text: string): Promise<string> {
  return (await client.choice('close_code', text)).value
}
