import { markdown, oneLine, type Step } from '@change-actions/github-actions'
import { connect, reported, signInName, stepProblem, stopped } from '@change-actions/github-actions/change'
import { parseApiPath, proxyOf, type ServiceNowClient } from '@change-actions/servicenow-client'
import {
  checkApis,
  checkClock,
  checkContact,
  checkCreator,
  checkJournal,
  checkName,
  checkProxy,
  checkReads,
  checkRoles
} from './checks.ts'
import { checkDoor } from './door.ts'
import type { Finding } from './finding.ts'
import type { CheckInputs } from './inputs.ts'
import { checkLatch } from './latch.ts'
import { type CheckedNames, checkNames, type KnownName, namesYaml } from './names.ts'
import { checkStates } from './states.ts'

/**
 * Checks everything that the other actions need, and changes nothing.
 *
 * @throws Problem `connection-check` when a row fails that the actions cannot do without
 */
export async function run(step: Step<CheckInputs>): Promise<void> {
  // Read-only whatever happens: the client refuses every write.
  const connection = connect({ ...step, inputs: { ...step.inputs, dryRun: true } })
  await reported(step, connection, { as: 'list', title: 'ServiceNow connection' }, async report => {
    report.aboutChange = false
    const examined = await examine(step, connection.client)
    const findings = [...examined.findings, ...(await checkLatch(step))]
    const failures = findings.filter(one => one.result === 'fail')
    report.result = failures.length === 0 ? 'ok' : 'failed'
    report.story.verdict = verdictOf(findings)
    step.outputs.set('ok', failures.length === 0)
    step.outputs.set(
      'report',
      findings.map(one => ({ ...one }))
    )
    writeLog(step, findings)
    writeNames(step, examined.known)
    report.sections.push(summary => writeTable(summary, findings))
    if (failures.length > 0) throw stepProblem('connection-check', { rows: failures })
  })
}

async function examine(step: Step<CheckInputs>, client: ServiceNowClient): Promise<CheckedNames> {
  const proxy = proxyOf(client.instance)
  const before = [checkProxy(proxy), await checkName(client.instance, proxy)]
  const contact = before.some(one => one.result === 'fail')
    ? { findings: [], signedIn: false }
    : await checkContact(client, {
        apiPath: parseApiPath(step.inputs.apiPath ?? ''),
        signIn: signInName(step.inputs),
        now: step.now
      })
  if (!contact.signedIn) return { findings: [...before, ...contact.findings], known: [] }
  const apis = await checkApis(client, step.inputs.api)
  const rights = [
    ...(await checkRoles(client)),
    ...(await checkReads(client)),
    await checkCreator(client, step.inputs.trustedAccounts),
    await checkJournal(client, step.inputs.bindingKey)
  ]
  const { findings: names, known } = await checkNames(client, step.inputs)
  const more = [...(await checkStates(client, step.inputs.states)), ...(await checkDoor(client, step))]
  const rows = [...before, ...contact.findings, checkClock(client, step.now()), ...apis]
  return { findings: [...rows, ...rights, ...names, ...more], known }
}

function verdictOf(findings: readonly Finding[]): string {
  const count = (result: Finding['result']) => findings.filter(one => one.result === result).length
  const [fails, warns] = [count('fail'), count('warn')]
  const failing = fails === 0 ? 'nothing that is needed is missing' : `${fails} to be mended`
  return warns === 0 ? failing : `${failing}, ${warns} to look at`
}

const SIGNS = { ok: '✓', warn: '!', fail: '✗', skipped: '–' } as const

const MAX_TEXT = 300

function writeLog({ log }: Step<CheckInputs>, findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(one => one.check.length))
  for (const { check, result, detail, fix } of findings) {
    const todo = fix === '' ? '' : `. Fix: ${oneLine(fix, MAX_TEXT)}`
    log.info(`${SIGNS[result]} ${check.padEnd(width)}  ${oneLine(detail, MAX_TEXT)}${todo}`)
  }
  const warnings = findings.filter(one => one.result === 'warn')
  if (warnings.length > 0) log.warning(warnings.map(textOf).join(' '), 'ServiceNow connection')
}

/** For the policy: a step that finds these names there does not look them up. */
function writeNames({ log, outputs }: Step<CheckInputs>, known: readonly KnownName[]): void {
  const yaml = namesYaml(known)
  outputs.set('names', yaml)
  if (yaml === '') return
  log.info('For the policy, so that these records are not looked up (see the output names):')
  for (const line of ['names:', ...yaml.split('\n')]) log.info(line)
}

function writeTable(summary: Step<CheckInputs>['summary'], findings: readonly Finding[]): void {
  summary.table(
    ['', 'Check', 'Found', 'Fix'],
    findings.map(({ check, result, detail, fix }) => [
      SIGNS[result],
      markdown(check),
      markdown(oneLine(detail, MAX_TEXT)),
      markdown(oneLine(fix, MAX_TEXT))
    ])
  )
}

function textOf({ check, detail, fix }: Finding): string {
  const todo = fix === '' ? '' : ` Fix: ${stopped(oneLine(fix, MAX_TEXT))}`
  return `${check}: ${stopped(oneLine(detail, MAX_TEXT))}${todo}`
}
