/** Why a step failed, as its summary tells. */
import type { GateFailure } from '@change-actions/change-operations'
import { describeError } from '../../messages/index.ts'
import { entryOf } from '../../product.ts'
import type { Summary } from '../../summary.ts'
import { link, markdown, shorten } from '../../text.ts'

/** What happened, the likely cause and the fix, a line each, and the entry on the troubleshooting page. Untrusted texts. */
export type Failure = GateFailure

const DEFECT: Failure = { title: 'Unexpected error', lines: [], page: entryOf('defect') }

/** Characters of one line of a failure in the summary. */
const MAX_LINE = 1_000

/** More lines are those of approvers with many words: the log and ServiceNow have them. */
const MAX_LINES = 12

/** An error in words. What was not made for people is told as unexpected. */
export async function failureOf(error: unknown): Promise<Failure> {
  return (await describeError(error)) ?? DEFECT
}

/** A failure that a later step is to tell, in little room: cause and fix stand at its end. @param redact replaces secrets */
export function keptFailure({ title, lines, page }: Failure, redact: (text: string) => string): Failure {
  const first = lines.slice(0, Math.max(1, MAX_LINES - 2))
  const kept = lines.length <= MAX_LINES ? lines : [...first, ...lines.slice(-2)]
  return {
    title: shorten(redact(title), 200),
    lines: kept.map(line => shorten(redact(line), MAX_LINE)),
    ...(page === undefined ? {} : { page })
  }
}

/** Title and lines, with a link to the entry. */
export function writeFailure(summary: Summary, { title, lines, page }: Failure): void {
  summary.line(`**${markdown(title)}**`)
  for (const line of lines) summary.plain(line, MAX_LINE)
  if (page !== undefined) summary.line(link('More about this error, with every cause and fix', page))
}
