/**
 * Texts that other people wrote (titles, names, labels), made fit for a field that people read as plain text, and that
 * some screens, mails and tools show as HTML, as Markdown, or search for mentions, commands and markers.
 */
import { stripVTControlCharacters } from 'node:util'

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

/** Untrusted names as a list: at most `max`, then how many more. */
export function plainList(names: readonly string[], max = 10): string {
  const shown = names.slice(0, max).map(one => plainText(one, 60))
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** `1 commit`, `2 commits`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
