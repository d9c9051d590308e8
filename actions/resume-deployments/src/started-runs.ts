/** The runs that were started for changes: what says that nothing is to be started again. */
import type { DecidedChange } from '@change-actions/change-operations'
import type { GitHub } from '@change-actions/github-actions/github'
import { dispatchedRuns, type RunFacts } from '@change-actions/github-api'
import { nameOf } from './latch.ts'

/** Clocks of GitHub, ServiceNow and the runner may differ by so much. */
export const SKEW_MS = 60_000

/** The runs of the workflow that name a change, newest first. */
export interface OwnRuns {
  readonly own: readonly RunFacts[]
  /** False when there are more runs than were read. */
  readonly complete: boolean
}

/** What was read of a repository. */
interface Listing {
  readonly runs: ReadonlyMap<number, RunFacts>
  /** All that were created from here on are in it. */
  readonly since: number
  /** When it was read last. */
  readonly at: number
}

/** With so many read of one repository, older ones are not asked for. */
const MANY_RUNS = 2_500

export interface StartedRuns {
  /** As they were read for this or another change of the repository. @param since the creation of the oldest, epoch milliseconds */
  known(one: DecidedChange, since: number): Promise<OwnRuns>
  /** With those that were started since. */
  fresh(one: DecidedChange, since: number): Promise<OwnRuns>
}

/**
 * Lists the runs of a repository once for all its changes: then only those that are newer, or older than any that was
 * asked for.
 *
 * @throws GitHubProblem `not-found` for a workflow that the repository does not have
 */
export function startedRuns(
  { octokit, send }: GitHub,
  { workflow, now }: { readonly workflow: string; now(): number }
): StartedRuns {
  const listings = new Map<string, Listing>()

  const read = async (one: DecidedChange, since: number, until?: number): Promise<Listing> => {
    const at = now()
    const list = () => dispatchedRuns(octokit, nameOf(one), workflow, { since, until })
    const { runs, complete } = await send(list)
    const oldest = Math.min(until ?? at, ...runs.map(run => run.createdAt))
    return { runs: new Map(runs.map(run => [run.id, run])), since: complete ? since : oldest, at }
  }

  const reaching = async (one: DecidedChange, since: number): Promise<Listing> => {
    const { repository } = one.repository
    const before = listings.get(repository)
    if (before !== undefined && (before.since <= since || before.runs.size >= MANY_RUNS)) return before
    const more = await read(one, since, before?.since)
    const listing =
      before === undefined
        ? more
        : { runs: new Map([...before.runs, ...more.runs]), since: more.since, at: before.at }
    listings.set(repository, listing)
    return listing
  }

  return {
    known: async (one, since) => ownOf(one, await reaching(one, since), since),
    fresh: async (one, since) => {
      const before = await reaching(one, since)
      const newer = await read(one, before.at - SKEW_MS)
      // Where even those are too many to be read, what lies between is not known.
      const isWhole = newer.since <= before.at
      const listing = {
        runs: new Map([...newer.runs, ...before.runs, ...newer.runs]),
        since: isWhole ? before.since : newer.since,
        at: newer.at
      }
      listings.set(one.repository.repository, listing)
      return ownOf(one, listing, since)
    }
  }
}

/** By the workflow's `run-name`, which names the change. */
export function namesChange({ change }: DecidedChange, run: RunFacts): boolean {
  const words = run.title.toLowerCase().split(/[^a-z0-9]/)
  return words.includes(change.number.toLowerCase())
}

function ownOf(one: DecidedChange, listing: Listing, since: number): OwnRuns {
  const own = [...listing.runs.values()].filter(run => namesChange(one, run))
  return { own, complete: listing.since <= since }
}
