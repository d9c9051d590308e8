import {
  type Claim,
  correlationScope,
  formatClaim,
  parseClaims,
  type RecordedClaim
} from '@change-actions/change-control'
import { type Change, fieldOf } from '@change-actions/servicenow-client'
import type { Deployment } from '../deployment.ts'

export type { Claim, RecordedClaim } from '@change-actions/change-control'

/** The claim of a deployment. Away from a CI system there is no run: those claims have the run 0. */
export function claimOf(deployment: Deployment): Claim {
  const { server: serverUrl, repository, environment, run, attempt } = deployment
  const scope = correlationScope({ serverUrl, repository, environment })
  return { runId: run || '0', attempt: attempt || '1', scope }
}

/** The claims on a change, newest last; undefined when its journal may not be read. */
export function readClaims(change: Change): readonly RecordedClaim[] | undefined {
  if (change.fields.work_notes === undefined) return undefined
  // A journal shows its newest entry first.
  return parseClaims(fieldOf(change.fields, 'work_notes').display).reverse()
}

/** Who has the change: the first claim of the latest generation. */
export function holderOf(claims: readonly RecordedClaim[]): RecordedClaim | undefined {
  const latest = Math.max(...claims.map(one => one.generation))
  return claims.find(one => one.generation === latest)
}

/** The same run deploying to the same environment, in whatever attempt. */
export function isSameRun(a: Claim, b: Claim): boolean {
  return a.runId === b.runId && a.scope === b.scope
}

/** The very same claim, attempt and generation included. */
export function isSameClaim(a: RecordedClaim, b: RecordedClaim): boolean {
  return formatClaim(a) === formatClaim(b)
}
