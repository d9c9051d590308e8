/** A time from `start` to before `end`, in epoch milliseconds. */
export interface Period {
  readonly start: number
  readonly end: number
}

/** The same times in order, with those that overlap or touch as one. Empty periods are left out. */
export function merged(periods: readonly Period[]): Period[] {
  const result: Period[] = []
  const inOrder = periods.filter(one => one.start < one.end).sort((one, other) => one.start - other.start)
  for (const next of inOrder) {
    const last = result.at(-1)
    if (last === undefined || last.end < next.start) result.push(next)
    else if (last.end < next.end) result[result.length - 1] = { start: last.start, end: next.end }
  }
  return result
}

/** What both have. */
export function common(these: readonly Period[], those: readonly Period[]): Period[] {
  const overlaps = these.flatMap(one =>
    those.map(other => ({ start: Math.max(one.start, other.start), end: Math.min(one.end, other.end) }))
  )
  return merged(overlaps)
}

/** The periods without the times that are taken. */
export function without(periods: readonly Period[], taken: readonly Period[]): Period[] {
  return merged(taken).reduce(
    (left, { start, end }) =>
      left
        .flatMap(one => [
          { start: one.start, end: Math.min(one.end, start) },
          { start: Math.max(one.start, end), end: one.end }
        ])
        .filter(one => one.start < one.end),
    merged(periods)
  )
}
