/** Values that bind: how they are compared, and which of them two levels of a policy leave. */

/** Something that is compared by its key. */
export interface Keyed {
  readonly key: string
}

/**
 * The key by which two values of an input are the same: equal after parsing. The order of a map's keys never matters,
 * that of a list only inside of another value.
 */
export function comparisonKey(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(sorted(value)) ?? 'undefined'
  const items = value.map(one => JSON.stringify(sorted(one)))
  return `[${[...new Set(items)].sort().join(',')}]`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]))
}

/** What all levels allow, each value once. A level that says nothing of an input is not among them. */
export function allowedByAll<T extends Keyed>(levels: readonly (readonly T[])[]): readonly T[] {
  const [first = [], ...others] = levels
  const distinct = first.filter((one, n) => first.findIndex(({ key }) => key === one.key) === n)
  return distinct.filter(one => others.every(level => level.some(({ key }) => key === one.key)))
}
