/** The report: a table to paste. */

export interface Answer {
  readonly question: string
  readonly answer: string
  /** How it was found out. */
  readonly seen: string
}

export interface ReportFacts {
  /** `acme/shop` */
  readonly repository: string
  readonly apiUrl: string
  readonly webhook: string
  /** Epoch milliseconds. */
  readonly at: number
  /** What could not be removed. */
  readonly left: readonly string[]
}

/** Questions that would do harm, or need what nobody has by chance. */
const NOT_ASKED = [
  'Whether decisions, dispatches and re-runs count as created content for the secondary limits (it would take more than 80 writes a minute)',
  'What a ServiceNow instance does: its REST trigger, `jsonv2`, `dataString`, the index of `correlation_display`'
]

/** Markdown. */
export function reportOf(answers: readonly Answer[], facts: ReportFacts): string {
  const { repository, apiUrl, webhook, at, left } = facts
  const rows = answers.map(
    ({ question, answer, seen }) => `| ${cell(question)} | ${cell(answer)} | ${cell(seen)} |`
  )
  return [
    `## GitHub, checked in ${repository}`,
    '',
    `${new Date(at).toISOString().slice(0, 16)}Z, ${apiUrl}, webhook of the App: ${webhook}`,
    '',
    '| question | answer | seen by |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'Not asked:',
    ...NOT_ASKED.map(one => `- ${one}`),
    ...(left.length === 0
      ? ['', 'All that was made has been removed.']
      : [
          '',
          'Could not be removed; do it by hand, or run the script with --clean:',
          ...left.map(one => `- ${one}`)
        ]),
    ''
  ].join('\n')
}

/** Texts of GitHub may hold what ends a cell. */
function cell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replaceAll('|', '\\|')
}
