import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditDeployments } from '@change-actions/change-operations'
import { resolveDate, type Step } from '@change-actions/github-actions'
import { connect, reported, type StepReport } from '@change-actions/github-actions/change'
import { gitHubOf } from '@change-actions/github-actions/github'
import { csvOf } from './csv.ts'
import { failureOf } from './failure.ts'
import { readRepositories } from './github.ts'
import type { AuditInputs } from './inputs.ts'
import { jsonOf } from './json.ts'
import { type Report, reportOf } from './report.ts'
import { auditSources } from './sources.ts'
import { writeLog, writeSummary } from './summary.ts'

/**
 * Holds GitHub's deployments against ServiceNow's changes. It only reads.
 *
 * @throws Problem `untrusted-creators`, `audit-incomplete`, `audit-findings`, after the report was written
 */
export async function run(step: Step<AuditInputs>): Promise<void> {
  // Read-only whatever happens: the client refuses every write.
  const connection = connect({ ...step, inputs: { ...step.inputs, dryRun: true } })
  const { client, context } = connection
  await reported(step, connection, { as: 'list', title: 'Deployment audit' }, async report => {
    report.aboutChange = false
    const found = await examine(step, context)
    writeFiles(step, found)
    writeLog(step.log, found)
    report.sections.push(summary => writeSummary(summary, found, placesOf(step, client)))
    tell(step, report, found)
  })
}

async function examine(
  step: Step<AuditInputs>,
  context: ReturnType<typeof connect>['context']
): Promise<Report> {
  const { trustedAccounts, bindingKey, environments } = step.inputs
  const now = step.now()
  const span = { since: resolveDate(step.inputs.since, now), until: resolveDate(step.inputs.until, now) }
  const github = await gitHubOf(step)
  const { repositories, unread } = await readRepositories(step, github, span)
  const question = { ...span, repositories, environments, trustedAccounts, bindingKey }
  const audit = await auditDeployments(context, question, auditSources(step, github))
  const { instance } = context.client
  return reportOf(audit, { ...span, instance, repositories, unread, environments })
}

/** Below the runner's temporary folder, which the job's later steps can read. */
function writeFiles({ runtime, outputs }: Step<AuditInputs>, report: Report): void {
  const folder = join(runtime.temp, `deployment-audit-${runtime.step.replace(/\W/g, '_') || 'step'}`)
  mkdirSync(folder, { recursive: true })
  const files = {
    'report-csv': ['deployments.csv', csvOf(report)],
    'report-json': ['deployments.json', jsonOf(report)]
  }
  for (const [output, [name = '', text = '']] of Object.entries(files)) {
    const file = join(folder, name)
    writeFileSync(file, text)
    outputs.set(output, file)
  }
}

function placesOf({ runtime }: Step<AuditInputs>, { changeUrl }: { changeUrl(sysId: string): string }) {
  return {
    runUrl: (repository: string, runId: string) => `${runtime.serverUrl}/${repository}/actions/runs/${runId}`,
    changeUrl
  }
}

/** Writes the count, and fails the step where the report is not whole, or has what it was asked to fail on. */
function tell(step: Step<AuditInputs>, report: StepReport, found: Report): void {
  step.outputs.set(
    'findings',
    found.rows.reduce((sum, row) => sum + row.findings.length, 0)
  )
  const failure = failureOf(found, step.inputs.failOn)
  report.result = failure === undefined ? 'ok' : 'failed'
  const rows = found.rows.filter(row => row.findings.length > 0).length
  report.story.verdict = rows === 0 ? 'no findings' : `${rows} of ${found.rows.length} with findings`
  if (failure !== undefined) throw failure
}
