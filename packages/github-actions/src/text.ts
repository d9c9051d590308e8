/**
 * Untrusted text (names, comments, commit messages, responses of servers) made fit to print.
 * The runner reads commands from every line of a step's output: `::name ...::data` at the start of a
 * line, and the older `##[name]data` anywhere in it. Both are broken in place, wherever they stand.
 */
import { stripVTControlCharacters } from 'node:util'

/** Zero width: the text reads as before, and the pair of characters is no longer a pair. */
const BREAK = '\u200b'
const REPLACEMENT = '\ufffd'

// Marks that turn the direction of what stands beside them. Texts of some languages have them.
const DIRECTION_MARKS = /[\u061c\u200e\u200f]/g

// Control characters but newline and tab, halves of surrogate pairs, and characters that nobody sees, which hide text or
// reorder what is displayed. Three of them stay: our own break, and the joiners of scripts and emoji.
const UNPRINTABLE = /[^\P{Cc}\n\t]|\p{Cs}|[^\P{Cf}\u200b-\u200d]/gu

/**
 * Text from which no workflow command can come. Newlines and tabs stay (every other line ending becomes
 * a newline), terminal escape sequences and marks of direction go, other control characters and characters
 * that nobody sees are shown as U+FFFD. Applying it twice changes nothing.
 */
export function harmless(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(DIRECTION_MARKS, '')
    .replace(UNPRINTABLE, REPLACEMENT)
    .replace(/:(?=:)/g, `:${BREAK}`)
    .replace(/##(?=\[)/g, `##${BREAK}`)
}

/** Harmless text on one line: white space collapsed, at most `max` UTF-16 units, an ellipsis where cut. */
export function oneLine(text: string, max = 500): string {
  return shorten(harmless(text).replace(/\s+/g, ' ').trim(), max)
}

/** At most `max` UTF-16 units, ending in an ellipsis when cut; never half a surrogate pair. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, Math.max(0, max - 1)).replace(/[\ud800-\udbff]$/, '')}…`
}

/**
 * Text as one line of Markdown that renders as itself: no link (also no automatic one), image, HTML,
 * emphasis, formula, heading, list, table break, mention, issue reference or code fence comes of it.
 * Fit for a table cell and for the start of a line; not for use between backticks.
 */
export function markdown(text: string): string {
  return (
    oneLine(text, Number.POSITIVE_INFINITY)
      .replace(/[\\`*_[\]|~]/g, '\\$&')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // Formulas, mentions, references and bare addresses are found in the rendered text, where an
      // escape is gone already.
      .replace(/\$/g, '&dollar;')
      .replace(/@/g, `@${BREAK}`)
      .replace(/#(?=\d)/g, `#${BREAK}`)
      .replace(/(gh)-(?=\d)/gi, `$1-${BREAK}`)
      .replace(/:(?=\/\/)/g, `:${BREAK}`)
      .replace(/(www)\./gi, `$1${BREAK}.`)
      .replace(/^[#+=-]/, '\\$&')
      .replace(/^(\d+)([.)])/, '$1\\$2')
  )
}

/** A Markdown link. Only http(s) addresses without user info become one; otherwise just the text. */
export function link(text: string, url: string): string {
  const label = markdown(text)
  const target = webAddress(url)
  return target === undefined || label === '' ? label : `[${label}](${target})`
}

function webAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  // Characters that would end the link, the table cell or the attribute; and `::`, which harmless() breaks.
  const rest = url.href
    .slice(url.origin.length)
    .replace(/[()<>[\]|"'`\\]|:(?=:)/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/&/g, '&amp;')
  return url.origin + rest
}
