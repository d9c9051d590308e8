/**
 * Texts that other people wrote (titles, names, labels), made fit for a field that people read as plain text, and that
 * some screens, mails and tools show as HTML, as Markdown, or search for mentions, commands and markers. A brief has
 * them in quotation marks: they can say anything, and what an approver relies on stands beside them.
 */
import { stripVTControlCharacters } from 'node:util'
import { withoutQuotes } from '../quotation.ts'

/** Zero width: the text reads as before, and the pair of characters is no longer a pair. */
const BREAK = '\u200b'

// White space, control and format characters: the latter hide text, and turn the direction in which it is shown.
const SPACES = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** Characters that begin markup of HTML, Markdown or of ServiceNow's journals, and what is shown in their place. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '[': '(',
  ']': ')',
  '`': "'"
}

/**
 * Untrusted text on one line, of which no markup, link, mention, workflow command or marker of ours comes.
 *
 * @param max UTF-16 units; a longer text ends in an ellipsis
 */
export function plainText(text: string, max = 120): string {
  const line = stripVTControlCharacters(text)
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(SPACES, ' ')
    .trim()
  const cut =
    line.length <= max
      ? line
      : `${line
          .slice(0, max - 1)
          .replace(/[\ud800-\udbff]$/, '')
          .trimEnd()}…`
  return cut
    .replace(/[<>[\]`]/g, sign => LOOKALIKES[sign] ?? sign)
    .replace(/@/g, `@${BREAK}`)
    .replace(/:(?=:|\/\/)/g, `:${BREAK}`)
    .replace(/##/g, `#${BREAK}#`)
    .replace(/(www)\./gi, `$1${BREAK}.`)
}

/**
 * Untrusted text in quotation marks, with none within: whatever it says, it ends where it ends, and nothing outside of
 * quotation marks is untrusted.
 *
 * @param max as of `plainText`, without the marks
 */
export function quoted(text: string, max?: number): string {
  return `"${withoutQuotes(plainText(text, max))}"`
}

/** At most `max` of some names that are fit to be read, then how many more. */
export function listed(names: readonly string[], max = 10): string {
  const more = names.length - max
  return more > 0 ? `${names.slice(0, max).join(', ')} and ${more} more` : names.join(', ')
}

/** `1 commit`, `2 commits`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
