import { stripVTControlCharacters } from 'node:util'
import { withoutMarkers } from '@change-actions/change-control'

/** UTF-16 units. */
const MAX_VALUE = 300

// White space, control characters, and the characters that reorder what is displayed.
const BREAKS = /[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu

/** Untrusted text as a value in a note: on one line, cut where it is long, and never read as a marker. */
export function noteValue(text: string): string {
  const plain = stripVTControlCharacters(text).replace(/\p{Cs}/gu, '\ufffd')
  const line = withoutMarkers(plain.replace(BREAKS, ' ').trim())
  if (line.length <= MAX_VALUE) return line
  // Never half a surrogate pair.
  return `${line.slice(0, MAX_VALUE - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
