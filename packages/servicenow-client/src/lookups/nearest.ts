import { typingDistance } from './typing-distance.ts'

/** The candidates closest to what was given, closest first, at most `count`. */
export function nearest(given: string, candidates: readonly string[], count = 5): string[] {
  const wanted = given.toLowerCase()
  const scored = [...new Set(candidates)]
    .filter(text => text !== '')
    .map(text => ({ text, score: score(wanted, text.toLowerCase()) }))
  return scored
    .sort((a, b) => a.score - b.score || a.text.localeCompare(b.text))
    .slice(0, count)
    .map(({ text }) => text)
}

/** Edit distance relative to length; containing the other counts as close. */
function score(wanted: string, text: string): number {
  const edits = typingDistance(wanted, text) / Math.max(wanted.length, text.length, 1)
  return text.includes(wanted) || wanted.includes(text) ? edits / 2 : edits
}
