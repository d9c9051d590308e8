import { ms, ratio, table } from './format.ts'
import { median, quantile } from './statistics.ts'

/** Milliseconds of each process, by name. `node` is `node -e 0`. */
export type Times = Readonly<Record<string, readonly number[]>>

/** The median of a process as a multiple of the median of `node -e 0`. */
export function factorOf(times: Times, name: string): number {
  return median(times[name] ?? []) / median(times.node ?? [])
}

/** The times as a Markdown table. On a busy machine the minimum is more reliable than the median. */
export function timesTable(times: Times): string {
  const bare = quantile(times.node ?? [], 0)
  return table(
    ['process', 'median', 'middle half', 'of bare node', 'minimum', 'of bare node'],
    Object.entries(times).map(([name, values]) => [
      name === 'node' ? '`node -e 0`' : name,
      ms(median(values)),
      `${ms(quantile(values, 0.25))} – ${ms(quantile(values, 0.75))}`,
      ratio(factorOf(times, name)),
      ms(quantile(values, 0)),
      ratio(quantile(values, 0) / bare)
    ])
  )
}
