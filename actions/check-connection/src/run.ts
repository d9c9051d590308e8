import { markdown, oneLine, type Step } from '@change-actions/github-actions'
import { connect, reported } from '@change-actions/github-actions/change'
import { proxyOf } from '@change-actions/servicenow-client'
import {
  checkApis,
  checkClock,
  checkContact,
  checkName,
  checkNames,
  checkProxy,
  checkReads,
  checkRoles
} from './checks.ts'
import type { Finding } from './finding.ts'
import type { CheckInputs } from './inputs.ts'

/** Looks at everything the other actions need, and changes nothing. */
export async function run(step: Step<CheckInputs>): Promise<void> {
  // The doctor is read-only whatever happens: its client refuses every write.
  const connection = connect({ ...step, inputs: { ...step.inputs, dryRun: true } })
  await reported(step, connection, 'ServiceNow connection', async report => {
    report.aboutChange = false
    const findings = await examine(step, connection.client)
    const failures = findings.filter(one => one.result === 'fail')
    report.result = failures.length === 0 ? 'ok' : 'failed'
    step.outputs.set('ok', failures.length === 0)
    step.outputs.set(
      'report',
      findings.map(one => ({ ...one }))
    )
    show(step, findings)
    if (failures.length > 0) throw failure(failures)
  })
}

async function examine(
  step: Step<CheckInputs>,
  client: ReturnType<typeof connect>['client']
): Promise<Finding[]> {
  const proxy = proxyOf(client.instance)
  const before = [checkProxy(proxy), await checkName(client.instance, proxy)]
  const contact = before.some(one => one.result === 'fail')
    ? { findings: [], signedIn: false }
    : await checkContact(client)
  if (!contact.signedIn) return [...before, ...contact.findings]
  const apis = await checkApis(client, step.inputs.api)
  return [
    ...before,
    ...contact.findings,
    checkClock(client, step.now()),
    ...apis,
    ...(await checkRoles(client)),
    ...(await checkReads(client)),
    ...(await checkNames(client, step.inputs))
  ]
}

const SIGNS = { ok: '✓', warn: '!', fail: '✗', skipped: '–' } as const

function show(step: Step<CheckInputs>, findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(one => one.check.length))
  for (const { check, result, detail, fix } of findings) {
    step.log.info(
      `${SIGNS[result]} ${check.padEnd(width)}  ${oneLine(detail, 300)}${fix === '' ? '' : `. Fix: ${oneLine(fix, 300)}`}`
    )
  }
  const doubts = findings.filter(one => one.result === 'warn')
  if (doubts.length > 0) step.log.warning(doubts.map(textOf).join(' '), 'ServiceNow connection')
  step.summary.heading('What was checked')
  step.summary.table(
    ['', 'Check', 'Found', 'Fix'],
    findings.map(({ check, result, detail, fix }) => [
      SIGNS[result],
      markdown(check),
      markdown(oneLine(detail, 300)),
      markdown(oneLine(fix, 300))
    ])
  )
}

function textOf({ check, detail, fix }: Finding): string {
  return `${check}: ${oneLine(detail, 300)}.${fix === '' ? '' : ` Fix: ${oneLine(fix, 300)}.`}`
}

function failure(failures: readonly Finding[]): Error {
  const lines = failures.map(one => `${one.check}: ${one.detail}. Fix: ${one.fix}.`)
  const names = failures.map(one => one.check).join(', ')
  return Object.assign(new Error(lines.join('\n')), { title: `ServiceNow connection: ${names}` })
}
