/** The value in the middle; of an even number, the mean of the two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** @param share from 0 (the smallest) to 1 (the largest), in between by interpolation */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('there is nothing to take a quantile of')
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [below, above] = [Math.floor(place), Math.ceil(place)]
  const [low = 0, high = 0] = [sorted[below], sorted[above]]
  return low + (high - low) * (place - below)
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * Measures several things round by round, in turn, so that what else the machine does meets all of them alike; each
 * round begins with another one, so that none always follows the same. The first round warms caches and is not
 * counted.
 */
export async function interleaved<K extends string, T>(
  rounds: number,
  subjects: Readonly<Record<K, () => Promise<T>>>
): Promise<Record<K, T[]>> {
  const names = Object.keys(subjects) as K[]
  const taken = Object.fromEntries(names.map(name => [name, [] as T[]])) as Record<K, T[]>
  for (let round = 0; round <= rounds; round += 1) {
    const first = round % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const one = await subjects[name]()
      if (round > 0) taken[name].push(one)
    }
  }
  return taken
}
