import { checkLines, evidenceLines } from './check-lines.ts'
import { commitLines, directLines, ownerLines } from './commit-lines.ts'
import type { BriefFacts } from './facts.ts'
import { plainText } from './plain-text.ts'
import { pullLines } from './pull-lines.ts'
import { backoutLines, compareUrl, versionLines } from './version-lines.ts'

/** The first line of every brief: what stands before it in a description is not of the brief. */
export const BRIEF_TITLE = 'For approvers, from GitHub:'

/** What approvers read of a deployment, ready to be cut to a field. */
export interface Brief {
  readonly lines: readonly string[]
  /** Stands in place of lines that do not fit. */
  readonly rest: string
}

/** The brief of a deployment: what decides comes first, so that the lists are cut where the field is short. */
export function briefOf(facts: BriefFacts): Brief {
  const { comparison, pulls, repositoryUrl, commit } = facts
  const known = comparison?.kind === 'read' ? comparison.value : undefined
  const more = compareUrl(facts) ?? (repositoryUrl === '' ? undefined : `${repositoryUrl}/commit/${commit}`)
  return {
    lines: [
      BRIEF_TITLE,
      ...versionLines(facts),
      ...commitLines(facts),
      ...ownerLines(facts),
      ...checkLines(facts),
      ...backoutLines(facts),
      ...evidenceLines(facts),
      ...pullLines(facts),
      ...(known === undefined ? [] : directLines(known, pulls))
    ],
    rest: more === undefined ? '(cut)' : `(cut; all of it: ${more})`
  }
}

/** The brief of a deployment that could not be read at all. @param why for people; may hold untrusted text */
export function briefless(why: string): Brief {
  return { lines: [BRIEF_TITLE, `What changes is not known: ${plainText(why, 300)}.`], rest: '(cut)' }
}
