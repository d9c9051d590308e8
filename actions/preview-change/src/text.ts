/**
 * The preview for people, as blocks of Markdown: the same in the comment, the summary and the check run. What the policy
 * and ServiceNow call things stands in quotation marks: the policy is that of the pull request, so whoever opened it may
 * have written anything there.
 */
import { withoutQuotes, wordOrQuoted } from '@change-actions/change-control'
import type { OtherChanges, PreviewedName } from '@change-actions/change-operations'
import { link, markdown, markdownTable } from '@change-actions/github-actions'
import { inputOf } from './preview.ts'
import { type EnvironmentPreview, mistakesOf, type Preview, type PreviewedChange } from './types.ts'

/** Mistakes of the policy that are listed; the annotation of the step has them too. */
const MAX_MISTAKES = 40

/** Other changes that are listed for one environment. */
const MAX_CHANGES = 10

/** What a text needs beside the preview. */
export interface Places {
  /** Untrusted text as Markdown that renders as itself, without secrets, on one line, cut. */
  plain(text: string): string
  changeUrl(sysId: string): string
  /** Of the newest commit of the pull request, or of the run. */
  readonly commit: string
  /** Of the instance. */
  readonly instance: string
}

/** Blocks of Markdown: first what is about everything, then one list for each environment. */
export interface PreviewText {
  readonly head: readonly string[]
  readonly environments: readonly string[]
}

export function textOf(preview: Preview, places: Places): PreviewText {
  return {
    head: headOf(preview, places),
    environments: preview.environments.map(one => blockOf(one, places))
  }
}

function headOf(preview: Preview, { plain, commit, instance }: Places): string[] {
  const { policy, remark } = preview
  const mistakes = mistakesOf(preview)
  const host = instance.replace(/^https?:\/\//, '')
  const by = policy === undefined ? '' : `, by the policy ${policyText(policy)}`
  return [
    plain(`What a deployment of the commit ${commit.slice(0, 12)} would open in ServiceNow (${host})${by}:`),
    ...(remark === undefined ? [] : [plain(remark)]),
    ...(mistakes.length === 0
      ? []
      : [
          'The policy would stop deployments:',
          [
            ...mistakes.slice(0, MAX_MISTAKES).map(plain),
            ...(mistakes.length > MAX_MISTAKES ? [`and ${mistakes.length - MAX_MISTAKES} more`] : [])
          ]
            .map(text => `- ${text}`)
            .join('\n')
        ])
  ]
}

function policyText({ repository, path, commit }: NonNullable<Preview['policy']>): string {
  return `${wordOrQuoted(`${repository}/${path}`)} at commit ${commit.slice(0, 12)}`
}

/** Untrusted text in quotation marks, with none within. */
function quoted(text: string, { plain }: Places): string {
  return `"${plain(withoutQuotes(text))}"`
}

function blockOf(one: EnvironmentPreview, places: Places): string {
  const { plain } = places
  const heading = `### ${one.environment === '' ? 'Any environment' : quoted(one.environment, places)}`
  if (one.kind === 'free') return [heading, `No change is needed. ${plain(one.why)}`].join('\n\n')
  if (one.kind === 'refused') return [heading, 'Refused: see the reasons above.'].join('\n\n')
  const problems = one.problems.map(
    ({ input, text, fix }) => `- ${markdown(input)}: ${plain(text)} Fix: ${plain(fix)}.`
  )
  const first = problems.length === 0 ? [] : ['To correct before the deployment:', problems.join('\n')]
  return [heading, ...first, markdownTable(['', ''], rowsOf(one, places))].join('\n\n')
}

function rowsOf(one: PreviewedChange, places: Places): (readonly [string, string])[] {
  const { change, open, enforced } = one
  const shown = change.names.map(name => [labelOf(name.field), nameText(name, places)] as const)
  const missing = open.map(name => [labelOf(name.replaceAll('-', '_')), 'given by the workflow'] as const)
  const has = (label: string) => [...shown, ...missing].some(row => row[0] === label)
  const fromTemplate = change.names.some(({ field }) => field === 'template')
  const none = fromTemplate ? 'from the template' : 'not given by the policy'
  const enforcing = Object.entries(enforced).map(
    ([input, value]) => `${markdown(input)}: ${valueText(value, places)}`
  )
  return [
    ['Title', quoted(one.title, places)],
    ...(has('Type') ? [] : [['Type', one.type ?? 'by the change model'] as const]),
    ...missing,
    ...shown,
    ...['Assignment group', 'Configuration item']
      .filter(label => !has(label))
      .map(label => [label, none] as const),
    ['Window', windowText(one)],
    ['Conflicts', conflictsText(one, places)],
    ['Enforced', enforcing.length === 0 ? 'nothing' : enforcing.join('; ')]
  ]
}

const LABELS: Readonly<Record<string, string>> = {
  cmdb_ci: 'Configuration item',
  template: 'Template',
  chg_model: 'Change model'
}

function labelOf(field: string): string {
  const words = inputOf(field).replaceAll('-', ' ')
  return LABELS[field] ?? words.charAt(0).toUpperCase() + words.slice(1)
}

function nameText({ given, display, checked, problem }: PreviewedName, places: Places): string {
  const asGiven = display === given ? '' : ` (given as ${quoted(given, places)})`
  const name = `${quoted(display, places)}${asGiven}`
  if (problem !== undefined) return `${name}: to correct, see above`
  return checked ? name : `${name} (the account may not look it up)`
}

function valueText(value: unknown, places: Places): string {
  if (Array.isArray(value)) return value.map(one => valueText(one, places)).join(' or ')
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value), places)
}

const minute = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function windowText({ change: { start, end }, relative }: PreviewedChange): string {
  if (start === undefined && end === undefined) return 'not given by the policy'
  const from = start === undefined ? 'no start' : minute(start)
  const until = end === undefined ? 'no end' : minute(end)
  return `${from} to ${until}${relative ? ' (relative: for a deployment now)' : ''}`
}

const NOT_ASKED = {
  'no-ci': 'not looked for: no configuration item is known',
  'no-window': 'not looked for: no planned start and end are known'
} as const

function conflictsText({ change: { others }, checkConflicts }: PreviewedChange, places: Places): string {
  const rule = { ignore: '', warn: '; the gate warns of conflicts', fail: '; the gate fails on conflicts' }
  return `${othersText(others, places)}${rule[checkConflicts]}`
}

function othersText(others: OtherChanges, places: Places): string {
  if (others.kind === 'not-asked') return NOT_ASKED[others.why]
  if (others.kind === 'not-read')
    return 'cannot be told: the account may not read the changes, or there are too many'
  const { changes, hidden } = others
  const more = hidden ? '; others are hidden from the account' : ''
  if (changes.length === 0) return `no other change of the configuration item in the window${more}`
  const listed = changes
    .slice(0, MAX_CHANGES)
    .map(({ number, sysId, plannedStart = 0, plannedEnd = 0, ...rest }) => {
      const title = quoted(rest.fields.short_description?.value ?? '', places)
      const change = link(number, places.changeUrl(sysId))
      return `${change} (${minute(plannedStart)} to ${minute(plannedEnd)}) ${title}`
    })
  const rest = changes.length > MAX_CHANGES ? [`and ${changes.length - MAX_CHANGES} more`] : []
  return `${[...listed, ...rest].join('; ')}${more}`
}
