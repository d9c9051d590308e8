/** The middle value; of an even number of values, the mean of the two middle ones. @throws Error without values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/**
 * A quantile, interpolated between values.
 *
 * @param share from 0 (minimum) to 1 (maximum)
 * @throws Error without values
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('A quantile needs at least one value.')
  const sorted = [...values].sort((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const [below, above] = [Math.floor(position), Math.ceil(position)]
  const [low = 0, high = 0] = [sorted[below], sorted[above]]
  return low + (high - low) * (position - below)
}

/** NaN without values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * Measures several subjects alternately, so that other load on the machine affects all of them. Each round starts with
 * another subject. The first round fills caches and is not counted.
 *
 * @returns the measurements of each subject, one for each counted round
 */
export async function interleaved<K extends string, T>(
  rounds: number,
  subjects: Readonly<Record<K, () => Promise<T>>>
): Promise<Record<K, T[]>> {
  const names = Object.keys(subjects) as K[]
  const measured = Object.fromEntries(names.map(name => [name, [] as T[]])) as Record<K, T[]>
  for (let round = 0; round <= rounds; round += 1) {
    const first = round % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const one = await subjects[name]()
      if (round > 0) measured[name].push(one)
    }
  }
  return measured
}
