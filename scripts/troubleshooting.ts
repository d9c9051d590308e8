/** The troubleshooting page: every title an error can have, with cause and fix, from the lists the code itself uses. */
import {
  CHANGE_PROBLEMS,
  OTHER_PROBLEMS,
  type Problem,
  WAIT_PROBLEMS
} from '../packages/change-operations/src/problems.ts'
import { CATALOGUE, type Fault } from '../packages/servicenow-client/src/errors/catalogue.ts'
import { workflowTitles } from './workflow-titles.ts'

interface Entry extends Problem {
  /** `…` stands for any text. */
  readonly title: string
  readonly more?: string
}

interface Section {
  readonly heading: string
  readonly text: string
  readonly entries: readonly Entry[]
}

/** Titles of errors that no list in the code has: each is made in one place. */
const SINGLE: Readonly<Record<string, Problem>> = {
  'ServiceNow connection: …': {
    cause: 'check-connection found rows that fail; they follow the colon',
    fix: 'each failing row has its own fix, in the message, the log and the summary'
  },
  'Change after the deployment: not finished': {
    cause: 'the post step of the gate could not finish the change; the result of the job is left alone',
    fix: 'the message ends in "Left to do by hand": do that in ServiceNow'
  },
  'Unexpected error': {
    cause: 'a defect of the action',
    fix: 'run the job again with debug logging and report what it prints'
  }
}

export function sections(): readonly Section[] {
  return [
    {
      heading: 'ServiceNow <status>: …',
      text: 'What the instance, or the network on the way to it, answered. The status is that of HTTP, or the layer that failed: `DNS`, `TLS`, `connection`, `proxy`. It is missing where the answer was right and its content was not.',
      entries: Object.values<Fault>(CATALOGUE).map(fault => ({
        title: `ServiceNow …: ${fault.what}`,
        cause: fault.cause,
        fix: fault.fix,
        more: repeatOf(fault)
      }))
    },
    {
      heading: 'Change <number>: … from a wait or the gate',
      text: 'The word is also the `outcome` output.',
      entries: entriesOf(WAIT_PROBLEMS, title => `Change …: ${title}`)
    },
    {
      heading: 'Change <number>: … from any action',
      text: 'Something in the change itself stands in the way. The message names it; `…` stands for the label of a state.',
      entries: entriesOf(CHANGE_PROBLEMS, title => `Change …: ${title}`)
    },
    {
      heading: 'Other titles',
      text: 'Without the number of a change.',
      entries: [...entriesOf(OTHER_PROBLEMS, title => title), ...entriesOf(SINGLE, title => title)]
    },
    {
      heading: 'From the reusable workflows',
      text: 'Printed by a step of the workflow itself, before or after the actions. `Input error` stands above.',
      entries: workflowEntries()
    }
  ]
}

/** A title that an action has as well is explained there. */
function workflowEntries(): Entry[] {
  return workflowTitles().flatMap(({ title, cause, fix, workflows }) =>
    title in OTHER_PROBLEMS
      ? []
      : [
          {
            title,
            cause: cause || 'named in the message',
            fix: fix || 'named in the message',
            more: `In ${workflows.map(name => `\`${name}\``).join(', ')}.`
          }
        ]
  )
}

function entriesOf(problems: Readonly<Record<string, Problem>>, titleOf: (key: string) => string): Entry[] {
  return Object.entries(problems).map(([key, problem]) => ({ title: titleOf(key), ...problem }))
}

function repeatOf({ transient, mayHaveCommitted }: Fault): string {
  if (!transient) return 'It does not pass by itself: not retried, and it ends a wait.'
  const written = mayHaveCommitted ? ' A write is looked for before it is sent again.' : ''
  return `It may pass by itself: retried (\`max-retries\`), and a wait goes on through it.${written}`
}

export function troubleshooting(): string {
  return sections().map(sectionText).join('\n\n')
}

function sectionText({ heading, text, entries }: Section): string {
  return [`## ${plain(heading)}`, text, ...entries.map(entryText)].join('\n\n')
}

function entryText({ title, cause, fix, more }: Entry): string {
  const lines = [`Cause: ${plain(cause)}.`, `Fix: ${plain(fix)}.`, ...(more === undefined ? [] : [more])]
  return [`### ${plain(title)}`, ...lines.map(line => `- ${line}`)].join('\n').replace('\n-', '\n\n-')
}

function plain(text: string): string {
  return text.replaceAll('<', '&lt;')
}

/** Whether the page has a title: `ServiceNow 403: permission missing`, `Change CHG0030001: stayed in Scheduled`. */
export function isExplained(title: string): boolean {
  return PATTERNS.some(pattern => pattern.test(title))
}

/** Every title of the page; `…` stands for any text. */
export const TITLES: readonly string[] = sections().flatMap(({ entries }) =>
  entries.map(entry => entry.title)
)

const PATTERNS = TITLES.map(patternOf)

/** The part before a colon may be missing: `ServiceNow: no such record`, `Change : error`. */
function patternOf(title: string): RegExp {
  const parts = title.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*').replace(' .*:', '(?: .*)?:')}$`)
}
