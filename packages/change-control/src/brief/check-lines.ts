/** Of a brief: checks of the commit, and the files that will be attached. */
import type { BriefFacts } from './facts.ts'
import { quotedList } from './names.ts'
import { counted, plainText, quoted } from './plain-text.ts'
import { shortCommit } from './version-lines.ts'

export function checkLines({ checks, commit }: BriefFacts): string[] {
  const name = `Checks of ${shortCommit(commit)}`
  if (checks.kind === 'unread') return [`${name}: not known, ${plainText(checks.why, 300)}`]
  const { checks: all, total } = checks.value
  if (total === 0) return [`${name}: none`]
  const with_ = (result: string) => all.filter(one => one.result === result).map(one => one.name)
  const [failed, pending] = [with_('failed'), with_('pending')]
  const counts = [
    numbered(with_('passed').length, 'passed'),
    numbered(failed.length, 'failed'),
    numbered(pending.length, 'not finished'),
    numbered(with_('skipped').length, 'skipped'),
    numbered(total - all.length, 'not read')
  ]
  const names = [...named(failed, 'failed'), ...named(pending, 'not finished')]
  return [[`${name}: ${counts.flat().join(', ')}`, ...names].join('; ')]
}

function numbered(number: number, word: string): string[] {
  return number <= 0 ? [] : [`${number} ${word}`]
}

function named(names: readonly string[], word: string): string[] {
  return names.length === 0 ? [] : [`${word}: ${quotedList(names, 5)}`]
}

const MAX_FILES = 10

export function evidenceLines({ evidence }: BriefFacts): string[] {
  if (evidence.length === 0) return []
  const lines = evidence
    .slice(0, MAX_FILES)
    .map(({ name, counts }) =>
      counts === undefined ? `- ${quoted(name)}` : `- ${quoted(name)}: ${plainText(counts, 300)}`
    )
  const more = evidence.length - lines.length
  const rest = more > 0 ? [`- and ${counted(more, 'more file')}`] : []
  return [`Evidence that is attached: ${counted(evidence.length, 'file')}`, ...lines, ...rest]
}
