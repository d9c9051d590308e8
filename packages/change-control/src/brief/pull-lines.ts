/** Of a brief: pull requests with authors, reviewers and the labels that an approver should know. */
import type { BriefFacts, BriefPull } from './facts.ts'
import { accountList, accountText, quotedList } from './names.ts'
import { listed, plainText, quoted } from './plain-text.ts'

/** Parts of labels that tell of risk. Others (a size, a component) are left out. */
const RISKY = [
  'break',
  'migrat',
  'schema',
  'database',
  'secur',
  'risk',
  'hotfix',
  'urgent',
  'emergency',
  'incident',
  'rollback',
  'revert',
  'downtime',
  'infra',
  'critical',
  'major',
  'deprecat',
  'feature-flag',
  'do-not'
]

export function pullLines({ pulls }: BriefFacts): string[] {
  if (pulls === undefined) return []
  if (pulls.kind === 'unread') return [`Pull requests: not known, ${plainText(pulls.why, 300)}`]
  if (pulls.value.length === 0) return ['Pull requests: none']
  const ofBots = pulls.value.filter(one => one.isBot && !isRemarkable(one))
  const shown = pulls.value.filter(one => !ofBots.includes(one))
  return [`Pull requests: ${pulls.value.length}`, ...shown.map(lineOf), ...botLine(ofBots)]
}

/** One of a bot is not folded where somebody asks for changes, or a label tells of risk. */
function isRemarkable(pull: BriefPull): boolean {
  return pull.refusedBy.length > 0 || riskyLabels(pull).length > 0
}

function riskyLabels({ labels }: BriefPull): string[] {
  return labels.filter(label => RISKY.some(part => label.toLowerCase().includes(part)))
}

/** What is known comes first: no title can stand before it, or in its place. */
function lineOf(pull: BriefPull): string {
  const { number, title, author, refusedBy } = pull
  const labels = riskyLabels(pull)
  const parts = [
    `- #${number} by ${accountText(author)}`,
    ...approvalParts(pull),
    ...(refusedBy.length === 0 ? [] : [`changes requested by ${accountList(refusedBy)}`]),
    ...(labels.length === 0 ? [] : [`labels ${quotedList(labels)}`]),
    `title ${quoted(title)}`
  ]
  return parts.join('; ')
}

function approvalParts({ approvedBy, approvedWithoutWrite: others }: BriefPull): string[] {
  if (approvedBy.length + others.length === 0) return ['no approving review']
  return [
    ...(approvedBy.length === 0 ? [] : [`approved by ${accountList(approvedBy)}`]),
    ...(others.length === 0 ? [] : [`approved without write access by ${accountList(others)}`])
  ]
}

function botLine(pulls: readonly BriefPull[]): string[] {
  if (pulls.length === 0) return []
  const names = [...new Set(pulls.map(one => one.author))]
  return [`- of bots: ${listed(pulls.map(one => `#${one.number}`))}; by ${accountList(names)}`]
}
