/** A work note that is too long for one entry of the journal, as several: nothing of it is cut. */
import { noteMarker } from '@change-actions/change-control'

/** A work note and the marker by which a repeat is recognised. */
export interface Note {
  readonly text: string
  readonly marker: string
  /** Another note that goes before it in the same entry. */
  readonly before?: Note | undefined
}

/** UTF-16 units of one entry, without its marker. */
export const MAX_NOTE = 16_000

/** What some instances keep of an entry, all of it counted. */
export const SMALL_NOTE = 4_000

/** Room for the marker and the line break before it. */
const MARKER_ROOM = 40

/** The first part of a note and the rest; undefined when it is short enough. */
export function splitOff(note: Note, limit: number): { first: Note; rest: Note } | undefined {
  const { text, marker } = note
  if (text.length <= limit) return undefined
  const end = endOfPart(text, limit)
  const part = text.slice(0, end)
  const rest = text.slice(end).replace(/^\n/, '')
  return {
    // By its text: a part is the same one however the rest is divided.
    first: { text: part, marker: noteMarker([marker, 'part', part]) },
    rest: { text: rest, marker }
  }
}

/** Between lines, or else between words, or else within a word, but never within a surrogate pair. */
function endOfPart(text: string, limit: number): number {
  const start = text.slice(0, limit + 1)
  for (const separator of ['\n', ' ']) {
    const at = start.lastIndexOf(separator)
    if (at > limit / 2) return at
  }
  return /[\ud800-\udbff]/.test(text[limit - 1] ?? '') ? limit - 1 : limit
}

/** The limit of a part so that an entry of so many units holds it with its marker. */
export function limitFor(entry: number): number {
  return entry - MARKER_ROOM
}

/** Less than this is no sign of a cut: another note may begin with the same words. */
const MIN_KEPT = 200

/**
 * How much of a text the journal holds where an entry was cut, in UTF-16 units; undefined where there is no such
 * entry.
 *
 * @param journal all entries as one text
 */
export function keptOf(journal: string, text: string): number | undefined {
  const plain = journal.replace(/\r\n/g, '\n')
  if (text.length <= MIN_KEPT || !plain.includes(text.slice(0, MIN_KEPT))) return undefined
  let [kept, tooMuch] = [MIN_KEPT, text.length + 1]
  while (tooMuch - kept > 1) {
    const middle = Math.floor((kept + tooMuch) / 2)
    if (plain.includes(text.slice(0, middle))) kept = middle
    else tooMuch = middle
  }
  // A cut entry ends there; another one that begins with the same words goes on.
  const start = text.slice(0, kept).trimEnd()
  return endsEntry(plain.slice(plain.indexOf(start) + start.length)) ? kept : undefined
}

/** Whether an empty line follows, the line that begins another entry, or nothing. */
function endsEntry(rest: string): boolean {
  const [here = '', next = '', ...more] = rest.split('\n', 3)
  if (here.trim() !== '') return false
  return next.trim() === '' || (more.length > 0 && isHeader(next))
}

/** `2026-11-25 10:00:00 - svc (Work notes)`, in whatever form the account has for dates. */
function isHeader(line: string): boolean {
  const time = line.search(/\d:\d\d/)
  const name = line.indexOf(' - ', time)
  return time >= 0 && name > time && line.trimEnd().endsWith(')')
}
