/** Of a brief: checks of the commit, and the files that will be attached. */
import type { BriefFacts } from './facts.ts'
import { counted, plainList, plainText } from './plain-text.ts'
import { shortCommit } from './version-lines.ts'

export function checkLines({ checks, commit }: BriefFacts): string[] {
  const name = `Checks of ${shortCommit(commit)}`
  if (checks.kind === 'unread') return [`${name}: not known, ${plainText(checks.why, 300)}`]
  const { checks: all, total } = checks.value
  if (total === 0) return [`${name}: none`]
  const with_ = (result: string) => all.filter(one => one.result === result).map(one => one.name)
  const [passed, skipped, failed, pending] = ['passed', 'skipped', 'failed', 'pending'].map(with_)
  const named = (names: readonly string[] = [], word: string) =>
    names.length === 0 ? [] : [`${names.length} ${word} (${plainList(names, 5)})`]
  const counts = [
    ...((passed?.length ?? 0) > 0 ? [`${passed?.length} passed`] : []),
    ...named(failed, 'failed'),
    ...named(pending, 'not finished'),
    ...((skipped?.length ?? 0) > 0 ? [`${skipped?.length} skipped`] : []),
    ...(total > all.length ? [`${total - all.length} not read`] : [])
  ]
  return [`${name}: ${counts.join(', ')}`]
}

const MAX_FILES = 10

export function evidenceLines({ evidence }: BriefFacts): string[] {
  if (evidence.length === 0) return []
  const lines = evidence
    .slice(0, MAX_FILES)
    .map(({ name, counts }) =>
      counts === undefined ? `- ${plainText(name)}` : `- ${plainText(name)}: ${plainText(counts, 300)}`
    )
  const more = evidence.length - lines.length
  const rest = more > 0 ? [`- and ${counted(more, 'more file')}`] : []
  return [`Evidence that is attached: ${counted(evidence.length, 'file')}`, ...lines, ...rest]
}
