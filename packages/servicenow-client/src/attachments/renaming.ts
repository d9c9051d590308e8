/** Names of at least this many characters may be cut ones. */
const MIN_CUT = 40

/**
 * Whether an instance may have stored a file of this name under that one. Some put names in composed form, replace or
 * leave out signs, transliterate, cut long names (at 100 characters) or add an extension; the content has to tell the
 * rest.
 */
export function mayBeStoredAs(name: string, stored: string): boolean {
  if (stored === name) return true
  const theirs = letters(stored)
  if (theirs === '') return false
  // With the letters under the accents, or without the accented letters; with or without those of other scripts.
  const ours = [letters(name), ascii(letters(name)), ascii(name.normalize('NFC').toLowerCase())]
  if (ours.includes(theirs) || stored.startsWith(`${name}.`)) return true
  const stem = letters(stored.replace(/\.[a-z0-9]{1,10}$/i, ''))
  const isCut = stored.length >= MIN_CUT && stored.length < name.length
  return isCut && ours.some(one => one.startsWith(theirs) || one.startsWith(stem))
}

/** Letters and digits in lower case, without accents. */
function letters(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}

function ascii(text: string): string {
  return text.replace(/[^a-z0-9]/g, '')
}
