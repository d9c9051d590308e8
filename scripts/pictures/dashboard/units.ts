/** Values with the units of a Grafana panel. */

const TIMES = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'min']
] as const

/** @param unit `s`, `percentunit` or `none` @throws Error for another one */
export function withUnit(value: number, unit: string): string {
  switch (unit) {
    case 's':
      return time(value)
    case 'percentunit':
      return `${rounded(100 * value)}%`
    case 'none':
      return rounded(value)
    default:
      throw new Error(`No picture has the unit ${unit} yet`)
  }
}

function time(seconds: number): string {
  const [size, name] = TIMES.find(([limit]) => seconds >= limit) ?? []
  if (size !== undefined) {
    const count = rounded(seconds / size)
    return `${count} ${name}${count === '1' ? '' : 's'}`
  }
  return seconds >= 1 || seconds === 0 ? `${rounded(seconds)} s` : `${rounded(1_000 * seconds)} ms`
}

/** Three digits, or all before the point. */
function rounded(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
}
