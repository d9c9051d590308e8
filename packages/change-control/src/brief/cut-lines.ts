/**
 * Lines as one text of at most `max` UTF-16 units: whole lines, and in place of those that do not fit the last line.
 *
 * @returns '' where not even the first line fits
 */
export function cutLines(lines: readonly string[], max: number, rest: string): string {
  const whole = lines.join('\n')
  if (whole.length <= max) return whole
  const kept: string[] = []
  let length = rest.length
  for (const line of lines) {
    length += line.length + 1
    if (length > max) break
    kept.push(line)
  }
  return kept.length === 0 ? '' : [...kept, rest].join('\n')
}
