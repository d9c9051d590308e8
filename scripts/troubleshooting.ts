/** The troubleshooting page: every title an error can have, with cause and fix, from the table the front itself uses. */
import { EXPLANATIONS, type Explanation, type Variant } from '@change-actions/github-actions/messages'
import { type ClientCode, flagsOf } from '@change-actions/servicenow-client'
import { workflowTitles } from './workflow-titles.ts'

interface Entry {
  /** `…` stands for any text. */
  readonly title: string
  /** Annotations link to these anchors. */
  readonly codes: readonly string[]
  /** Cause and fix of each problem that has this title. */
  readonly meanings: readonly { readonly cause: string; readonly fix: string }[]
  readonly more?: string
}

interface Section {
  readonly heading: string
  readonly text: string
  readonly entries: readonly Entry[]
}

/** What is no problem with a code. */
const DEFECT: Entry = {
  title: 'Unexpected error',
  codes: ['defect'],
  meanings: [
    { cause: 'a defect of the action', fix: 'run the job again with debug logging and report what it prints' }
  ]
}

const WAIT_WORDS =
  /^Change …: (?:rejected|canceled|closed|unauthorized|window-closed|window-not-open|withdrawn|stale-approval|unexpected-state|timeout)$/

/** The page, section by section. */
export function sections(): readonly Section[] {
  const entries = entriesOfCodes()
  const about = (pattern: RegExp) => entries.filter(({ title }) => pattern.test(title))
  return [
    {
      heading: 'ServiceNow <status>: …',
      text: 'The response of the instance, or of the network on the way to it. The status is that of HTTP, or the layer that failed: `DNS`, `TLS`, `connection`, `proxy`. It is missing where the response was right and its content was not.',
      entries: about(/^ServiceNow …: /)
    },
    {
      heading: 'Change <number>: … from a wait or the gate',
      text: 'The word is also the `outcome` output.',
      entries: about(WAIT_WORDS)
    },
    {
      heading: 'Change <number>: … from any action',
      text: 'The change itself cannot be used, moved or written. The message names the reason; `…` stands for the label of a state.',
      entries: about(/^Change …: /).filter(({ title }) => !WAIT_WORDS.test(title))
    },
    {
      heading: 'Other titles',
      text: 'Without the number of a change.',
      entries: [...entries.filter(({ title }) => !/^(?:ServiceNow|Change) …: /.test(title)), DEFECT]
    },
    {
      heading: 'From the reusable workflows',
      text: 'Printed by a step of the workflow itself, before or after the actions. `Input error` stands above.',
      entries: workflowEntries(entries)
    }
  ]
}

/** One entry for each title; several codes may share one. */
function entriesOfCodes(): Entry[] {
  const byTitle = new Map<string, Entry>()
  for (const [code, explanation] of Object.entries(EXPLANATIONS)) {
    for (const title of titlesOf(explanation)) {
      const before = byTitle.get(title)
      const meanings = [...(before?.meanings ?? []), ...meaningsOf(explanation)]
      const more = repeatOf(code) ?? before?.more
      // A code with several titles: its anchor stands at the first one.
      const isFirst = ![...byTitle.values()].some(entry => entry.codes.includes(code))
      const codes = [...(before?.codes ?? []), ...(isFirst ? [code] : [])]
      byTitle.set(title, {
        title,
        codes,
        meanings: distinct(meanings),
        ...(more === undefined ? {} : { more })
      })
    }
  }
  return [...byTitle.values()]
}

function titlesOf(explanation: Explanation<never>): readonly string[] {
  const variants = Object.values<Variant>(explanation.variants ?? {}).flatMap(({ title }) => title ?? [])
  const titles = explanation.titles ?? [explanation.title, ...variants]
  return [...new Set(titles.map(title => title.replace(/\{\w+\}/g, '…')))]
}

function meaningsOf({ cause, fix, variants = {} }: Explanation<never>): Entry['meanings'] {
  const others = Object.values<Variant>(variants).map(variant => ({ cause, fix, ...variant }))
  return [{ cause, fix }, ...others].map(one => ({
    cause: open(one.cause ?? cause),
    fix: open(one.fix ?? fix)
  }))
}

function open(text: string): string {
  return text.replace(/\{\w+\}/g, '…')
}

function distinct(meanings: Entry['meanings']): Entry['meanings'] {
  const keys = meanings.map(one => JSON.stringify([one.cause, one.fix]))
  return meanings.filter((_, n) => keys.indexOf(keys[n] as string) === n)
}

/** Whether a request that failed is repeated. */
function repeatOf(code: string): string | undefined {
  const flags = flagsOf(code as ClientCode) as ReturnType<typeof flagsOf> | undefined
  if (flags === undefined) return undefined
  if (!flags.temporary) return 'It is not temporary: not retried, and it ends a wait.'
  const written = flags.committed === 'maybe' ? ' A write is looked for before it is sent again.' : ''
  return `It may be temporary: retried (\`max-retries\`), and a wait goes on through it.${written}`
}

/** A title that an action has as well is explained there. */
function workflowEntries(entries: readonly Entry[]): Entry[] {
  return workflowTitles().flatMap(({ title, cause, fix, workflows }) =>
    entries.some(entry => entry.title === title)
      ? []
      : [
          {
            title,
            codes: [],
            meanings: [{ cause: cause || 'named in the message', fix: fix || 'named in the message' }],
            more: `In ${workflows.map(name => `\`${name}\``).join(', ')}.`
          }
        ]
  )
}

/** The generated part of docs/troubleshooting.md. */
export function troubleshooting(): string {
  return sections().map(sectionText).join('\n\n')
}

function sectionText({ heading, text, entries }: Section): string {
  return [`## ${plain(heading)}`, text, ...entries.map(entryText)].join('\n\n')
}

function entryText({ title, codes, meanings, more }: Entry): string {
  const lists = meanings.map(({ cause, fix }) => `- Cause: ${plain(cause)}.\n- Fix: ${plain(fix)}.`)
  const last = more === undefined ? [] : [more]
  const anchors = codes.map(code => `<a id="${code}"></a>`).join('')
  return [
    ...(anchors === '' ? [] : [anchors]),
    `### ${plain(title)}`,
    lists.join('\n\nOr:\n\n'),
    ...last
  ].join('\n\n')
}

function plain(text: string): string {
  return text.replaceAll('<', '&lt;')
}

/** Every anchor of the page that an annotation may link to. */
export const ANCHORS: readonly string[] = sections().flatMap(({ entries }) =>
  entries.flatMap(entry => entry.codes)
)

/** Every title of the page; `…` stands for any text. */
export const TITLES: readonly string[] = sections().flatMap(({ entries }) =>
  entries.map(entry => entry.title)
)

const PATTERNS = TITLES.map(patternOf)

/** Whether the page has a title: `ServiceNow 403: permission missing`, `Change CHG0030001: did not leave Scheduled`. */
export function isExplained(title: string): boolean {
  return PATTERNS.some(pattern => pattern.test(title))
}

/** The part before a colon may be missing: `ServiceNow: no such record`, `Change : error`. */
function patternOf(title: string): RegExp {
  const parts = title.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*').replace(' .*:', '(?: .*)?:')}$`)
}
