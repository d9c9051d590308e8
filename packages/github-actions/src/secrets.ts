import { formsOf } from './secret-forms.ts'

/** Lines of a longer secret that are shorter than this say nothing, and masking them ruins the log. */
const MIN_LINE = 4

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
  return {
    add(secret) {
      const pieces = maskable(secret).filter(piece => !announced.has(piece))
      for (const piece of pieces) announced.add(piece)
      for (const piece of pieces) for (const form of formsOf(piece)) known.add(form)
      // The longest first, or a secret that begins with another one would be left half readable.
      longestFirst = [...known].sort((a, b) => b.length - a.length)
      return pieces
    },
    // Not as one expression: long secrets do not fit in one.
    redact: text => longestFirst.reduce((left, secret) => left.replaceAll(secret, '***'), text)
  }
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
