import { type GitHubProblem, isGitHubProblem } from './problem.ts'

export interface Attempts<T> {
  send(): Promise<T>
  /**
   * Looks for what an earlier attempt may have written; undefined: it was not written. Without it, a write that may
   * have been carried out is not sent again.
   */
  readonly find?: (() => Promise<T | undefined>) | undefined
  /** After the first attempt. */
  readonly maxRetries?: number | undefined
  /** After a rate limit; default: as many as after any other temporary problem. */
  readonly maxRateLimitRetries?: number | undefined
  /** Milliseconds; a longer pause that GitHub asks for fails instead. */
  readonly maxPauseMs?: number | undefined
  sleep(ms: number): Promise<void>
  /** A number in [0, 1). */
  random(): number
  readonly onRetry?: ((retry: number, pauseMs: number, problem: GitHubProblem) => void) | undefined
}

const MAX_RETRIES = 3
const MAX_PAUSE_MS = 60_000
const FIRST_PAUSE_MS = 1_000

/**
 * Sends a request until it succeeds, its problem is not temporary, or the retries are used up. A write that may have been
 * carried out is looked for before it is sent again, and before its failure is reported.
 *
 * @throws GitHubProblem of the last attempt. Where `find` fails, it is that of the write: its `committed` says `maybe`.
 */
export async function sendUntilDone<T>(attempts: Attempts<T>): Promise<T> {
  const { maxRetries = MAX_RETRIES, maxPauseMs = MAX_PAUSE_MS } = attempts
  const { maxRateLimitRetries = maxRetries } = attempts
  let doubt = false
  for (let retry = 0; ; retry += 1) {
    try {
      return await attempts.send()
    } catch (error) {
      if (!isGitHubProblem(error)) throw error
      doubt ||= error.committed === 'maybe'
      const pauseMs = pauseBefore(retry, error.retry.afterMs, attempts.random())
      const retries = error.code === 'rate-limit' ? maxRateLimitRetries : maxRetries
      const again = error.retry.temporary && retry < retries && pauseMs <= maxPauseMs
      if (!again || (doubt && attempts.find === undefined)) return await foundOr(attempts, doubt, error)
      attempts.onRetry?.(retry, pauseMs, error)
      await attempts.sleep(pauseMs)
      const found = doubt ? await look(attempts, error) : undefined
      if (found !== undefined) return found
    }
  }
}

/** What GitHub asks for and up to a tenth more, else 1, 2, 4… seconds, of which a random half is taken off. */
function pauseBefore(retry: number, asked: number | undefined, random: number): number {
  if (asked !== undefined) return Math.round(asked * (1 + random / 10))
  return Math.round(FIRST_PAUSE_MS * 2 ** retry * (0.5 + random / 2))
}

async function foundOr<T>(attempts: Attempts<T>, doubt: boolean, problem: GitHubProblem): Promise<T> {
  const found = doubt ? await look(attempts, problem) : undefined
  if (found !== undefined) return found
  throw problem
}

/** When the look-up fails too, the problem to report is that of the write. */
async function look<T>({ find }: Attempts<T>, problem: GitHubProblem): Promise<T | undefined> {
  try {
    return await find?.()
  } catch (error) {
    throw isGitHubProblem(error) ? problem : error
  }
}
