import type { Claim, RecordedClaim } from './change-marks.ts'
import { isInScope, type ScopeParts } from './identity.ts'

/** Who claims, and where. */
export interface Claimant extends ScopeParts {
  readonly runId: string
}

/** A claim of this run for this environment, by whatever attempt, leg or step. A step may name no environment. */
export function isOwnClaim(claim: Claim, own: Claimant): boolean {
  return claim.runId === own.runId && (isInScope(claim.scope, own) || isOldOfAny(claim, own))
}

/** A claim of the first release does not show its repository where no environment is named: its run tells. */
function isOldOfAny({ scope }: Claim, { environment }: Claimant): boolean {
  return !scope.includes('.') && environment.trim() === ''
}

/** Who has the change: the first claim of the latest generation. @param claims oldest first */
export function holderOf(claims: readonly RecordedClaim[]): RecordedClaim | undefined {
  const latest = Math.max(...claims.map(one => one.generation))
  return claims.find(one => one.generation === latest)
}

/**
 * The claims of others that stand against a run.
 *
 * @param claims oldest first
 * @param proved it is known who wrote them: the holder decides. Where it is not, no claim in the run's own name can set
 *   aside that of another run, unless both are of one generation and the own one came first
 */
export function opposingClaims(
  claims: readonly RecordedClaim[],
  own: Claimant,
  proved: boolean
): RecordedClaim[] {
  if (proved) {
    const holder = holderOf(claims)
    return holder === undefined || isOwnClaim(holder, own) ? [] : [holder]
  }
  return claims.filter((claim, n) => {
    if (isOwnClaim(claim, own)) return false
    const earlier = claims.slice(0, n).filter(one => isOwnClaim(one, own))
    return !earlier.some(one => one.generation === claim.generation)
  })
}

const LAST_GENERATION = 999_999

/** The generation of the next claim: one that no claim in sight has, where there is room for it. */
export function nextGeneration(claims: readonly RecordedClaim[], inSight: readonly RecordedClaim[]): number {
  const after = (list: readonly RecordedClaim[]) => Math.max(0, ...list.map(one => one.generation)) + 1
  return after(inSight) <= LAST_GENERATION ? after(inSight) : Math.min(after(claims), LAST_GENERATION)
}
