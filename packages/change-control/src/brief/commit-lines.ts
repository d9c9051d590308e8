/** Of a brief: commits, files and their owners. */
import { ownersOf } from './code-owners.ts'
import type { BriefCommit, BriefComparison, BriefFacts, BriefPull, Part } from './facts.ts'
import { authorText, ownerText } from './names.ts'
import { counted, listed, plainText, quoted } from './plain-text.ts'
import { shortCommit } from './version-lines.ts'

/** How many commits, by whom, and how many files. */
export function commitLines({ comparison }: BriefFacts): string[] {
  if (comparison === undefined) return []
  if (comparison.kind === 'unread') return [`Commits and files: not known, ${plainText(comparison.why, 300)}`]
  const { ahead, behind, commits, files, filesCut } = comparison.value
  const people = commits.length >= ahead ? peopleText(commits) : ' (too many to list: see the comparison)'
  const lines = [`Commits: ${ahead}${people}`, `Files: ${files.length}${filesCut ? ' or more' : ''} changed`]
  if (behind === 0) return lines
  const lost = `${counted(behind, 'commit')} of the deployed version ${behind === 1 ? 'is' : 'are'} not in this one`
  return [`Attention: ${lost}.`, ...lines]
}

/** Those of bots, and merges, as numbers; those of people by author. */
function peopleText(commits: readonly BriefCommit[]): string {
  const merges = commits.filter(one => one.isMerge).length
  const bots = commits.filter(one => one.isBot && !one.isMerge).length
  const folded = [
    ...(bots === 0 ? [] : [`${bots} of bots`]),
    ...(merges === 0 ? [] : [counted(merges, 'merge')])
  ]
  const counts = new Map<string, number>()
  for (const one of commits.filter(({ isMerge, isBot }) => !isMerge && !isBot)) {
    const name = authorText(one)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const people = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`)
  const ofBots = folded.length === 0 ? '' : ` (${folded.join(', ')})`
  return people.length === 0 ? ofBots : `${ofBots}; authors: ${listed(people)}`
}

/** The owners of what was changed. */
export function ownerLines({ codeOwners, comparison }: BriefFacts): string[] {
  if (codeOwners === undefined || comparison?.kind !== 'read') return []
  if (codeOwners.kind === 'unread') return [`Code owners: not known, ${plainText(codeOwners.why, 300)}`]
  // A repository without the file says nothing of owners.
  if (codeOwners.value === undefined) return []
  const { owners, withoutOwner } = ownersOf(codeOwners.value, comparison.value.files)
  const named = owners.map(one => `${ownerText(one.owner)} (${counted(one.files, 'file')})`)
  const rest = withoutOwner === 0 ? [] : [`${counted(withoutOwner, 'file')} without an owner`]
  const parts = [...(named.length === 0 ? [] : [listed(named)]), ...rest]
  return parts.length === 0 ? [] : [`Code owners of the files: ${parts.join('; ')}`]
}

/** Commits that came in without a pull request: nobody reviewed them there. */
export function directLines(
  comparison: BriefComparison,
  pulls: Part<readonly BriefPull[]> | undefined
): string[] {
  if (pulls?.kind !== 'read') return []
  const inPulls = new Set(pulls.value.flatMap(one => one.commits))
  const direct = comparison.commits.filter(one => !one.isMerge && !inPulls.has(one.id))
  const ofBots = direct.filter(one => one.isBot).length
  const lines = direct
    .filter(one => !one.isBot)
    .map(one => `- ${shortCommit(one.id)} by ${authorText(one)}; title ${quoted(one.title)}`)
  if (direct.length === 0) return []
  return [
    `Commits without a pull request: ${direct.length}`,
    ...lines.reverse(),
    ...(ofBots === 0 ? [] : [`- of bots: ${ofBots}`])
  ]
}
