import { checkLines, evidenceLines } from './check-lines.ts'
import { commitLines, directLines, ownerLines } from './commit-lines.ts'
import { BRIEF_TITLE, type Brief } from './description.ts'
import type { BriefFacts } from './facts.ts'
import { plainText } from './plain-text.ts'
import { pullLines } from './pull-lines.ts'
import { backoutLines, compareUrl, versionLines } from './version-lines.ts'

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
