import { formsOf } from './secret-forms.ts'

/** Lines of a longer secret that are shorter than this say nothing, and masking them ruins the log. */
const MIN_LINE = 4

/**
 * Words in which a signed JSON Web Token may be, also escaped for Markdown or encoded in base64. Identity tokens and
 * assertions are made by the hundred in a long wait: they are known by their shape, for a list of them would slow down
 * every line.
 */
const LONG_WORD = /[\w\\./+=-]{32,}/g
const WHOLE_JWT = /^eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}$/

/** A token in plain or escaped, and in base64, from where it begins. */
const JWT = /^eyJ[\w\\-]{8,}\.eyJ[\w\\-]{8,}\.[\w\\-]{8,}/
const ENCODED_JWT = /^ZXlK[\w/+=-]{28,}/

/** So many of them are announced to the runner, which compares each line with each of them too. */
const MAX_ANNOUNCED_JWTS = 100

/** The secrets of a step, and their removal from what it prints. */
export interface Secrets {
  /** Takes a secret and returns what the runner has to be told to mask, and was not told yet. */
  add(secret: string): readonly string[]
  /** The text with `***` for every known secret, in plain and in the usual encodings. */
  redact(text: string): string
}

/** An empty store of secrets. */
export function createSecrets(): Secrets {
  const announced = new Set<string>()
  const known = new Set<string>()
  let longestFirst: readonly string[] = []
  let jwts = 0
  return {
    add(secret) {
      const jwt = secret.trim()
      if (WHOLE_JWT.test(jwt)) {
        if (announced.has(jwt) || jwts === MAX_ANNOUNCED_JWTS) return []
        jwts += 1
        announced.add(jwt)
        return [jwt]
      }
      const pieces = maskable(secret).filter(piece => !announced.has(piece))
      for (const piece of pieces) announced.add(piece)
      for (const piece of pieces) for (const form of formsOf(piece)) known.add(form)
      // The longest first, or a secret that begins with another one would be left half readable.
      longestFirst = [...known].sort((a, b) => b.length - a.length)
      return pieces
    },
    redact: text => withoutSecrets(text, longestFirst).replace(LONG_WORD, withoutJwt)
  }
}

/**
 * The text between secrets is cut into pieces, and the pieces joined in the end: a mask is never searched for secrets,
 * or one that is an asterisk would be found in it. Not as one expression: long secrets do not fit in one.
 */
function withoutSecrets(text: string, longestFirst: readonly string[]): string {
  return longestFirst
    .reduce<readonly string[]>(
      (pieces, secret) =>
        pieces.some(piece => piece.includes(secret)) ? pieces.flatMap(piece => piece.split(secret)) : pieces,
      [text]
    )
    .join('***')
}

/**
 * The strings to mask for one secret: the whole value and, when it has several lines, each line.
 * The runner splits what it is told into lines by itself and masks every one, however short; a value
 * with short lines (a JSON key file and its braces) is therefore announced by its longer lines only.
 */
function maskable(secret: string): readonly string[] {
  const whole = secret.trim()
  if (whole === '') return []
  const lines = whole
    .split(/[\r\n]+/)
    .map(line => line.trim())
    .filter(line => line !== '')
  if (lines.length === 1) return [whole]
  const long = [...new Set(lines.filter(line => line.length >= MIN_LINE))]
  return long.length === lines.length || long.length === 0 ? [whole, ...long] : long
}

/** A word from which a token was taken, with all that follows it. */
function withoutJwt(word: string): string {
  for (const [begin, form] of [
    ['eyJ', JWT],
    ['ZXlK', ENCODED_JWT]
  ] as const) {
    const at = word.indexOf(begin)
    if (at >= 0 && form.test(word.slice(at))) return `${word.slice(0, at)}***`
  }
  return word
}
