import { type Change, fieldOf } from '@change-actions/servicenow-client'

/** Who deploys under a change: written to its journal on entering Implement, and read back. */
export interface Claim {
  readonly runId: string
  readonly attempt: string
  /** Hash of server, repository and environment, 12 hex digits. */
  readonly scope: string
}

/**
 * A claim as it stands in the journal. Whoever finds the change free claims the next turn; of several claims of one
 * turn the first counts, so that runs which claim at once agree on one of them.
 */
export interface Held extends Claim {
  readonly turn: number
}

const CLAIM = /\[gha claim (\d{1,6}) (\d{1,20}) (\d{1,6}) ([0-9a-f]{12})\]/g

/** The end of a claim's note. */
export function marker({ turn, runId, attempt, scope }: Held): string {
  return `[gha claim ${turn} ${runId} ${attempt} ${scope}]`
}

/** The claims on a change, oldest first; undefined when its journal may not be read. */
export function readClaims(change: Change): readonly Held[] | undefined {
  if (change.fields.work_notes === undefined) return undefined
  const found = [...fieldOf(change.fields, 'work_notes').display.matchAll(CLAIM)]
  return found
    .map(([, turn = '', runId = '', attempt = '', scope = '']) => ({
      turn: Number(turn),
      runId,
      attempt,
      scope
    }))
    .reverse()
}

/** Who has the change now: the first claim of the latest turn. */
export function holderOf(claims: readonly Held[]): Held | undefined {
  const latest = Math.max(...claims.map(one => one.turn))
  return claims.find(one => one.turn === latest)
}

/** The same run deploying to the same environment, in whatever attempt. */
export function isSameRun(a: Claim, b: Claim): boolean {
  return a.runId === b.runId && a.scope === b.scope
}
