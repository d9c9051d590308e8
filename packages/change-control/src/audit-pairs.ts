/** A deployment in time. Times are epoch milliseconds. */
interface TimedDeployment {
  readonly createdAt: number
  /** Undefined while it goes on. */
  readonly endedAt: number | undefined
}

interface TimedChange {
  readonly createdAt: number
  readonly canceled: boolean
}

/** A deployment, and the change that it went under. */
export interface AuditPair<D, C> {
  readonly deployment: D
  readonly change: C | undefined
  /** No later deployment went under the same change: the change ends as this one does. */
  readonly last: boolean
}

/**
 * Which change each deployment went under, of those of one run and one environment: attempts and legs of a matrix may
 * share a change, or have one each. As many changes as deployments belong together in the order of time; otherwise a
 * deployment has the last change that was made before it ended. A canceled change counts only where there is no other.
 */
export function pairWithChanges<D extends TimedDeployment, C extends TimedChange>(
  deployments: readonly D[],
  changes: readonly C[]
): readonly AuditPair<D, C>[] {
  const inTime = [...deployments].sort(byCreation)
  const used = changes.filter(one => !one.canceled)
  const candidates = [...(used.length > 0 ? used : changes)].sort(byCreation)
  const changeOf = (deployment: D, n: number): C | undefined => {
    if (candidates.length === inTime.length) return candidates[n]
    const { endedAt = Number.POSITIVE_INFINITY } = deployment
    return candidates.findLast(one => one.createdAt <= endedAt) ?? candidates[0]
  }
  const pairs = inTime.map((deployment, n) => ({ deployment, change: changeOf(deployment, n) }))
  return pairs.map((pair, n) => ({
    ...pair,
    last: !pairs.slice(n + 1).some(later => later.change !== undefined && later.change === pair.change)
  }))
}

function byCreation(a: { readonly createdAt: number }, b: { readonly createdAt: number }): number {
  return a.createdAt - b.createdAt
}
