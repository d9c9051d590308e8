/**
 * Owners of files by a CODEOWNERS file, as GitHub documents it ("About code owners"): patterns of gitignore without `!`
 * and `[ ]`; the last pattern that matches a file counts. No regular expressions are made of the patterns, so that none
 * takes long.
 */

interface Rule {
  readonly segments: readonly string[]
  /** Ends in a slash: a folder. */
  readonly folder: boolean
  readonly owners: readonly string[]
}

/** A file that was changed. */
export interface ChangedFile {
  readonly path: string
  /** Where it was before it was moved; undefined for one that was not. */
  readonly before: string | undefined
}

export interface OwnedFiles {
  /** Most files first. An owner is named as in the file: `@anna`. Untrusted text. */
  readonly owners: readonly { readonly owner: string; readonly files: number }[]
  readonly withoutOwner: number
}

/** More rules than GitHub's limit of 3 MB leaves for any file that people keep. */
const MAX_RULES = 5_000

/** Who owns the files; one that was moved is of those here and there, and one file all the same. @param text of CODEOWNERS */
export function ownersOf(text: string, files: readonly ChangedFile[]): OwnedFiles {
  const rules = rulesOf(text).reverse()
  const counts = new Map<string, number>()
  let withoutOwner = 0
  for (const { path, before } of files) {
    const owners = new Set([path, ...(before === undefined ? [] : [before])].flatMap(ownersAt))
    if (owners.size === 0) withoutOwner += 1
    for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  const owners = [...counts].map(([owner, count]) => ({ owner, files: count }))
  return { owners: owners.sort((a, b) => b.files - a.files), withoutOwner }

  function ownersAt(file: string): readonly string[] {
    const path = file.split('/')
    return rules.find(rule => isMatch(rule, path))?.owners ?? []
  }
}

function rulesOf(text: string): Rule[] {
  return text
    .split('\n')
    .slice(0, MAX_RULES)
    .flatMap(line => ruleOf(line.trim()))
}

function ruleOf(line: string): Rule[] {
  const words = line
    // A blank in a path is escaped.
    .replaceAll('\\ ', '\0')
    .split(/\s+/)
    .map(word => word.replaceAll('\0', ' '))
  const comment = words.findIndex(word => word.startsWith('#'))
  const [pattern = '', ...owners] = comment < 0 ? words : words.slice(0, comment)
  if (pattern === '' || pattern.startsWith('!')) return []
  const inner = pattern.replace(/^\//, '').replace(/\/$/, '')
  const anchored = pattern.startsWith('/') || inner.includes('/')
  const segments = inner === '' ? ['**'] : inner.split('/')
  return [
    {
      segments: anchored ? segments : ['**', ...segments],
      folder: pattern.endsWith('/'),
      owners
    }
  ]
}

/** A pattern that names a folder owns all in it, `docs/*` the files right in it alone. */
function isMatch({ segments, folder }: Rule, path: readonly string[]): boolean {
  const whole = !folder && segments.at(-1) === '*'
  const from = whole ? path.length : 1
  const to = folder ? path.length - 1 : path.length
  for (let length = from; length <= to; length += 1)
    if (matches(segments, path.slice(0, length), isSegment)) return true
  return false
}

/**
 * Whether a row of things fits a pattern in which one element stands for any number of them. Of several such elements
 * the last one alone has to be tried anew, so that the time is at most pattern by text.
 */
function matches(
  pattern: ArrayLike<string>,
  text: ArrayLike<string>,
  fits: (pattern: string, text: string) => boolean,
  any = '**'
): boolean {
  let [p, t, star, retry] = [0, 0, -1, 0]
  while (t < text.length) {
    const [one, here] = [pattern[p], text[t] ?? '']
    if (one === any) {
      star = p
      retry = t
      p += 1
    } else if (one !== undefined && fits(one, here)) {
      p += 1
      t += 1
    } else if (star >= 0) {
      p = star + 1
      retry += 1
      t = retry
    } else return false
  }
  while (pattern[p] === any) p += 1
  return p === pattern.length
}

/** One part of a path: `*` is any number of characters, `?` is one. */
function isSegment(pattern: string, text: string): boolean {
  return matches(pattern, text, (one, here) => one === '?' || one === here, '*')
}
