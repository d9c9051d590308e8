/** What the texts of a change say already of a comparison at GitHub, so that it is not asked for again. */
import { BRIEF_TITLE } from './description.ts'
import type { VersionFacts } from './facts.ts'

/** What is known of the comparison. */
export interface RecordedCompare {
  readonly url: string | undefined
  /** A brief of this commit is there: what it does not say was not to be had. */
  readonly briefed: boolean
}

/**
 * The comparison that a brief or an earlier note names. Only one of this repository that ends with the commit counts:
 * people may have edited the texts.
 *
 * @param texts the newest first
 */
export function recordedCompare(
  texts: readonly string[],
  { repositoryUrl, commit }: Pick<VersionFacts, 'repositoryUrl' | 'commit'>
): RecordedCompare {
  const url = repositoryUrl === '' ? undefined : urlIn(texts, `${repositoryUrl}/compare/`, commit)
  const briefed = texts.some(text => text.includes(BRIEF_TITLE) && text.includes(commit.slice(0, 12)))
  return { url, briefed: commit !== '' && briefed }
}

function urlIn(texts: readonly string[], start: string, commit: string): string | undefined {
  for (const rest of texts.flatMap(text => text.split(start).slice(1))) {
    const [page, to] = /^[0-9a-f]{40,64}\.\.\.([0-9a-f]{40,64})\b/.exec(rest) ?? []
    if (page !== undefined && to === commit) return start + page
  }
  return undefined
}
