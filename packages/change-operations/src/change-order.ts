import type { Change } from '@change-actions/servicenow-client'

/** Oldest first: by creation time, which has a resolution of one second, then by number. */
export function oldestFirst(changes: readonly Change[]): Change[] {
  return [...changes].sort((a, b) => compare(a.createdAt, b.createdAt) || compareNumbers(a.number, b.number))
}

/** Epoch milliseconds; NaN when the account may not read it. */
export function createdAt(change: Change): number {
  return Date.parse(`${change.createdAt.replace(' ', 'T')}Z`)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** CHG999 comes before CHG1000. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compare(a, b)
}
