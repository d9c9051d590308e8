import { ms, ratio, table } from './format.ts'
import { median, quantile } from './statistics.ts'

/** What was timed beside `node -e 0`, which is among it under `node`. */
export type Times = Readonly<Record<string, readonly number[]>>

/** A median as a multiple of the bare start's. */
export function factorOf(times: Times, name: string): number {
  return median(times[name] ?? []) / median(times.node ?? [])
}

/** The times as a table. On a busy machine the fastest tells more than it does on a quiet one. */
export function timesTable(times: Times): string {
  const bare = quantile(times.node ?? [], 0)
  return table(
    ['process', 'median', 'middle half', 'of bare node', 'fastest', 'of bare node'],
    Object.entries(times).map(([name, taken]) => [
      name === 'node' ? '`node -e 0`' : name,
      ms(median(taken)),
      `${ms(quantile(taken, 0.25))} – ${ms(quantile(taken, 0.75))}`,
      ratio(factorOf(times, name)),
      ms(quantile(taken, 0)),
      ratio(quantile(taken, 0) / bare)
    ])
  )
}
