/** The value as a record; an empty one for anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  const usable = typeof value === 'object' && value !== null && !Array.isArray(value)
  return usable ? (value as Record<string, unknown>) : {}
}

/** The value as a list; an empty one for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value as lower-case text without blanks at its ends; '' for anything but text. */
export function word(value: unknown): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : ''
}

/** Digits, and zeros behind a point, as some tools write them. */
const NUMBER = /^\d+(\.0{0,9})?$/

/** A higher one is no number of anything, and not for that reason none. */
const MAX_COUNT = 999_999_999

/** The value as a whole number from 0 to 999,999,999, which stands for all above; 0 for anything else. */
export function count(value: unknown): number {
  const number = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value
  if (typeof number !== 'number' || !(number > 0)) return 0
  return number > MAX_COUNT ? MAX_COUNT : Number.isInteger(number) ? number : 0
}

/** The value where it is text, or a number as text; '' for anything else. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** How often each of the words is there. */
export function tally(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of words) counts.set(one, (counts.get(one) ?? 0) + 1)
  return counts
}
