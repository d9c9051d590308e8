/** The findings as a page of documentation: the same findings give the same page, byte for byte. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expected, FAULTS, type FaultCase } from './faults.ts'
import type { Killed } from './kill.ts'
import type { Load } from './load.ts'
import type { Finding } from './matrix.ts'
import type { Baseline, Point } from './points.ts'
import type { Race } from './race.ts'
import type { Canceled } from './signals.ts'

export interface Results {
  readonly baselines: readonly Baseline[]
  readonly findings: readonly Finding[]
  /** How many of the combinations were run again with the bundles. */
  readonly bundles: number
  readonly killed: readonly Killed[]
  readonly canceled: readonly Canceled[]
  readonly races: readonly Race[]
  readonly load: Load
}

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'fault-matrix.md')

export function writeReport(text: string): void {
  mkdirSync(dirname(PAGE), { recursive: true })
  writeFileSync(PAGE, text)
}

export function isStale(text: string): boolean {
  try {
    return readFileSync(PAGE, 'utf8') !== text
  } catch {
    return true
  }
}

export function report(results: Results): string {
  const sections = [
    introduction(results),
    promises(),
    overview(results),
    legend(results),
    strange(results),
    others(results),
    ...results.baselines.filter(one => one.own.length > 0).map(one => scenarioTable(one, results.findings))
  ]
  return `${sections.join('\n\n')}\n`
}

function introduction({ findings, bundles, killed, canceled, races }: Results): string {
  const survived = findings.filter(isSurvived).length
  return `# What happens when ServiceNow fails

Every action, every request it makes, every way that request can fail: ${findings.length} combinations. In each, the
action runs against the sandbox, the fault occurs once (or from then on, where the table says so), and afterwards the
sandbox's own record is compared with that of an undisturbed run. ${bundles} combinations, drawn anew each time, are run again with
the bundles in processes of their own; so is all that is killed, cancelled or raced.

- **${survived}** are survived: exit code 0, and record and outputs are those of an undisturbed run.
- **${findings.length - survived}** are refused: exit code 1 and one error annotation that says what happened, what to do, and the current
  status of the change. The same step then runs again as the next attempt of its job, without the fault, and each time ends where an
  undisturbed run ends.
- ${killed.length} times a step is killed with \`kill -9\`, ${canceled.length} times it is cancelled by a signal, and ${races.length} times ${races[0]?.jobs} jobs create one
  change at once; see below.

This page is written by \`npm run test:faults -- --report\`. \`npm run test:faults\` (part of CI) does all of it again and
fails when a promise is broken. When this page no longer matches the results, it prints a line that says so.`
}

function promises(): string {
  return `## Promises

Checked after every run on this page, whatever the fault:

- never two changes for one deployment
- never a lost or doubled attachment, never a doubled work note
- never \`approved=true\` without an approved record
- never exit code 0 when the work was not done
- never a hang beyond the time-outs
- exactly one error annotation when the step fails, none when it does not
- outputs that were known are written, and the files for the runner are well formed
- a failed or killed job that is run again ends where an undisturbed one ends`
}

function overview({ baselines, findings }: Results): string {
  const rows = baselines.map(one => {
    const own = findings.filter(finding => finding.baseline === one)
    const survived = own.filter(isSurvived).length
    return [
      one.scenario.name,
      one.scenario.api,
      one.points.length,
      own.length,
      survived,
      own.length - survived
    ]
  })
  return `## By scenario

A request that two scenarios send in the same way is tested in the first of them. Over the Table API, only those faults
are tested that its own code handles: how a response is read, and how a write is searched for.

${table(['scenario', 'API', 'requests', 'combinations', 'survived', 'refused'], rows)}`
}

function legend({ findings }: Results): string {
  const rows = FAULTS.map(fault => {
    const own = findings.filter(finding => finding.fault === fault)
    const survived = own.filter(isSurvived).length
    return [code(fault.key), fault.title, survived, own.length - survived]
  })
  return `## By fault

The mark ✓ after a fault's name means that the instance processed the request all the same, ∞ that the fault occurs
every time the request is made from then on.

${table(['fault', 'what happens to the request', 'survived', 'refused'], rows)}`
}

/** Refusals that are survived all the same, and passing faults where one would not expect to pass. */
function strange({ findings }: Results): string {
  const odd = findings.filter(
    one =>
      isSurvived(one) &&
      !one.fault.passes &&
      expected(one.baseline.scenario, one.point, one.fault) !== 'refused'
  )
  const lines = [...new Set(odd.map(reasonOf))].map(reason => {
    const some = odd.filter(one => reasonOf(one) === reason)
    const requests = [...new Set(some.map(requestOf))].map(request => {
      const faults = some.filter(one => requestOf(one) === request).map(one => code(one.fault.key))
      return `  - ${code(request)}: ${[...new Set(faults)].join(', ')}`
    })
    return `- ${reason}:\n${requests.join('\n')}`
  })
  const costly = findings.filter(one => one.fault.passes && isSilent(one.fault)).length
  return `## Slow and unusual results

The slowest: a request without a response, or with a response that comes a byte at a time, costs its whole
\`request-timeout\` and a pause before it is sent again (${costly} combinations). A rate limit that resets later than a step
may sleep ends the step at once. During the wait for approval, the step waits for the limit to reset, up to the deadline.

Refused, and survived all the same:

${lines.join('\n')}`
}

function isSilent({ key }: FaultCase): boolean {
  return key.startsWith('silence') || key === 'drip'
}

function reasonOf({ fault, point, baseline }: Finding): string {
  const { script } = baseline.scenario
  if (point.path.endsWith('/sysapproval_approver'))
    return 'Approvers are listed where they may be read; the decision is in the change itself'
  if (script === 'gate, post' && point.method === 'PATCH')
    return 'The post step closes the change also without the actual times of the work'
  if (fault.key === '429 120s')
    return 'During the wait for approval, the step also waits for the limit to reset, up to the deadline'
  return 'A name or label that may not be looked up is resolved by the instance, and the record is read back'
}

function requestOf({ point }: Finding): string {
  return `${point.method} ${point.path}`
}

function others({ killed, canceled, races, load }: Results): string {
  return `## Kills, signals, races and rate limits

- **Killed:** each step is killed with \`kill -9\` after each of its requests has reached the instance, before the response:
  once not processed and, where the request writes, once processed. ${killed.length} kills; run again with the next attempt number,
  the job ends with the same record as an undisturbed one, each time.
- **Cancelled:** SIGINT and SIGTERM during each request and between the polls of a wait, ${canceled.length} times: the process ends
  within two seconds with exit code 130, summary, metrics and known outputs are written; wait-approval says \`outcome=interrupted\`, \`approved=false\`.
- **Raced:** ${races[0]?.jobs} processes create the change of one deployment at once: ${races.map(one => one.name).join('; ')}.
  One change stays, with one copy of each file and its approval requested; the others are cancelled with one note that names
  it, and all ${races[0]?.jobs} jobs report it.
- **Throttled:** 300 waits for approval behind a limit of 100 requests a minute, on a virtual clock: all notice their approval,
  ${percent(load.refused)} of the requests after the first minute are refused, and the slowest wait notices its approval
  ${Math.ceil(load.worstLagMinutes)} minutes after it was given.`
}

function scenarioTable({ scenario, own }: Baseline, findings: readonly Finding[]): string {
  const mine = findings.filter(one => one.baseline.scenario === scenario)
  const requests = own.map(
    (point, n) => `${n + 1}. ${code(`${point.method} ${point.path}`)}${again(own, point)}`
  )
  const rows = FAULTS.flatMap(fault => {
    const cells = own.map(point => cell(mine.find(one => one.fault === fault && one.point === point)))
    return cells.every(text => text === '') ? [] : [[code(fault.key), ...cells]]
  })
  return `## ${scenario.name}, ${scenario.api} API

${requests.join('\n')}

✓ survived · ✗ refused with a clear error, and finished by the next attempt

${table(['fault', ...own.map((_, n) => String(n + 1))], rows)}`
}

function again(all: readonly Point[], point: Point): string {
  const same = all.filter(one => one.method === point.method && one.path === point.path)
  return same.length > 1 ? ` (${point.nth})` : ''
}

function cell(finding: Finding | undefined): string {
  if (finding === undefined) return ''
  return isSurvived(finding) ? '✓' : '✗'
}

function isSurvived({ result }: Finding): boolean {
  return result === 'survived'
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function code(text: string): string {
  return `\`${text}\``
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
