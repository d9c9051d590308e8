/** Names that other people chose, within a text of ours. */

// All that looks like a double quotation mark, from which side it may be.
const QUOTES = /["\u00ab\u00bb\u02ba\u02dd\u02ee\u201c-\u201f\u2033\u2036\u275d\u275e\u301d-\u301f\uff02]/g

/** A text that can stand in quotation marks and ends where they end: `'` stands for those within. */
export function withoutQuotes(text: string): string {
  return text.replace(QUOTES, "'")
}

/** As it is where it is one word, which cannot be read as a part of our own sentence; else in quotation marks. */
export function wordOrQuoted(name: string): string {
  return /^[\p{L}\p{N}…][\p{L}\p{N}\p{M}._/+#~…-]*$/u.test(name) ? name : `"${withoutQuotes(name)}"`
}
