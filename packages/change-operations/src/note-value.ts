import { stripVTControlCharacters } from 'node:util'
import { withoutMarkers } from '@change-actions/change-control'

// White space, control characters, and the characters that reorder what is displayed.
const BREAKS = /[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu

/** Untrusted text as a value in a note: on one line, and never read as a marker. */
export function noteValue(text: string): string {
  const plain = stripVTControlCharacters(text).replace(/\p{Cs}/gu, '\ufffd')
  return withoutMarkers(plain.replace(BREAKS, ' ').trim())
}
