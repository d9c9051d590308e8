/** What all latches have in common: how a deployment is let go at GitHub, and what can come of it. */
import { isOpen, stateOf } from '@change-actions/change-control'
import type { DecidedChange } from '@change-actions/change-operations'
import { nameOf as partsOf } from '@change-actions/github-actions/github'
import type { RepositoryName } from '@change-actions/github-api'

/** Nothing waits in its run, or the run was deleted: another run may use the change. */
export type IdleResult = { readonly kind: 'nothing' } | { readonly kind: 'gone' }

/** What became of one decision. */
export type Result =
  | { readonly kind: 'done'; readonly environment: string }
  /** GitHub has nothing to do for it; `warn` where somebody should know, `later` where the next run may let it go. */
  | {
      readonly kind: 'skipped'
      readonly reason: string
      readonly environment?: string
      readonly warn?: boolean
      readonly later?: boolean
    }
  /** Another step, for another workflow of the repository, looks after it. */
  | { readonly kind: 'not-ours' }
  | IdleResult
  /** The next run will not mend it. */
  | { readonly kind: 'failed'; readonly reason: string; readonly fix: string; readonly environment?: string }

/** The next run of this step does it, and says why. */
export interface Left {
  readonly left: string
}

/** How GitHub holds deployments. Requests that fail throw; a rate limit ends the run. */
export interface Latch {
  letGo(change: DecidedChange): Promise<Result>
  /** Why nothing waits in a run, where `letGo` found so. */
  readonly explain?: ((change: DecidedChange) => Promise<Result>) | undefined
  /** Undefined where nothing waits that could be rejected. */
  readonly reject?: ((change: DecidedChange) => Promise<Result>) | undefined
}

/** How writes are sent. */
export interface Writer {
  /**
   * Sends a write, at most one a second, and not in a dry run.
   *
   * @param find what an attempt may have done whose response was lost: undefined where it did nothing
   */
  write(send: () => Promise<void>, find: () => Promise<true | undefined>): Promise<void>
}

/** The repository of a change, as GitHub's API takes it. */
export function nameOf({ repository }: DecidedChange): RepositoryName {
  return partsOf(repository.repository)
}

/** Runs die after 35 days at GitHub: nothing waits for a change that has not moved for longer. */
export const MAX_RUN_MS = 35 * 24 * 60 * 60_000

/**
 * Whether something may have begun to deploy under a change: a job moves its change to Implement before it deploys. A state
 * of the instance's own counts, for it may come after Implement.
 */
export function isPastScheduled({ change }: DecidedChange): boolean {
  const state = stateOf(change.state)
  return state === undefined || state === 'implement' || !isOpen(state)
}

/** What to do about a change that was left open. */
export const STILL_OPEN =
  'its change is still open: close or move the change; where it has yet to be deployed, start that by hand'

const DAY_MS = 24 * 60 * 60_000

/**
 * What nobody starts any more is a warning for a day, and no longer: it is said in each run of this step.
 *
 * @param now epoch milliseconds, on the instance's clock
 */
export function isNews({ updatedAt }: DecidedChange, now: number): boolean {
  return updatedAt === 0 || updatedAt > now - DAY_MS
}

export const NOTHING = 'nothing waits for it at GitHub'

/** @param ended how its run ended, in words */
export function nothingLeft(ended: string): string {
  return `approved, and nothing waits for it (${ended}): ${START_AGAIN}`
}

/** The fix of an approved change for which no run is left. */
export const START_AGAIN = 'start the deployment again, or close the change'
