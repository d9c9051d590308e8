/** Where the axes of a chart have a line, and what stands beside it. */
import { withUnit } from './units.ts'

export interface Axis {
  readonly range: readonly [number, number]
  readonly at: readonly number[]
  readonly texts: readonly string[]
}

const DAY = 86_400
const MAX_LINES = 5
/** Round numbers of seconds, from a tenth to two days. */
const ROUND_SECONDS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800],
  ...[3_600, 7_200, 14_400, 21_600, 43_200, DAY, 2 * DAY]
]

/** From zero to above the highest value. */
export function valueAxis(values: readonly number[], unit: string): Axis {
  const max = Math.max(...values, unit === 'none' ? 1 : Number.EPSILON)
  const step = (unit === 's' ? ROUND_SECONDS : roundNumbers(max)).find(one => max / one <= MAX_LINES) ?? max
  const count = Math.ceil((1.02 * max) / step)
  const at = Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)))
  return { range: [0, at.at(-1) ?? step], at, texts: at.map(one => withUnit(one, unit)) }
}

function roundNumbers(max: number): number[] {
  const size = 10 ** Math.floor(Math.log10(max) - 1)
  return [1, 2, 5, 10, 20, 50].map(one => one * size)
}

/** A line at each midnight, UTC. @param from and `to` in epoch seconds */
export function timeAxis(from: number, to: number): Axis {
  const at: number[] = []
  for (let day = Math.ceil(from / DAY) * DAY; day <= to; day += DAY) at.push(day)
  return { range: [from, to], at, texts: at.map(one => new Date(1_000 * one).toISOString().slice(5, 10)) }
}
