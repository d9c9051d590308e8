import { type GatePolicy, listedStates } from '@change-actions/change-control'
import {
  type DecidedChange,
  type DecidedChanges,
  decidedChanges,
  usedBy
} from '@change-actions/change-operations'
import { oneLine, type Step } from '@change-actions/github-actions'
import {
  type Connection,
  connect,
  reasonText,
  reported,
  type StepReport,
  stepProblem
} from '@change-actions/github-actions/change'
import { type GitHub, gitHubOf, repositoryNames, type Unread } from '@change-actions/github-actions/github'
import { mapOf } from '@change-actions/github-actions/input-sets'
import { Problem } from '@change-actions/servicenow-client'
import { askingWorkflows } from './asking.ts'
import { carryOut, type Entry } from './decisions.ts'
import { dispatch } from './dispatch.ts'
import type { ResumeInputs } from './inputs.ts'
import type { Latch } from './latch.ts'
import { warnOfNotedAlone } from './noted-alone.ts'
import { protectionRule } from './protection-rule.ts'
import { refusalsOf } from './refusals.ts'
import { rerun } from './rerun.ts'
import { writeBacklog, writeReport } from './tell.ts'
import { pacedWriter } from './writer.ts'

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/**
 * Lets go at GitHub what is decided in ServiceNow. Nothing is written to ServiceNow, and nothing is kept.
 *
 * @throws Problem `resume-failed`, `untrusted-creators`
 */
export async function run(step: Step<ResumeInputs>): Promise<void> {
  // Nothing is written to ServiceNow whatever happens: the client refuses every write.
  const connection = connect({ ...step, inputs: { ...step.inputs, dryRun: true } })
  await reported(step, connection, { as: 'list', title: 'Resumed deployments' }, async report => {
    report.aboutChange = false
    await resume(step, connection, report)
  })
}

async function resume(step: Step<ResumeInputs>, connection: Connection, report: StepReport): Promise<void> {
  const { client } = connection
  const github = await gitHubOf(step)
  const { names, unread } = await repositoryNames(step, step.inputs.repositories, github)
  const repositories = names.map(({ owner, repo }) => ({
    server: step.runtime.serverUrl,
    repository: `${owner}/${repo}`,
    environments: []
  }))
  for (const { repository, reason, temporary } of unread)
    if (temporary)
      step.log.warning(
        `${repository}: ${oneLine(reason, 300)}; the next run asks again.`,
        'Resumed deployments'
      )
  const found = await decided(step, connection, repositories)
  if (found === undefined) return notAsked(step, report, 'ServiceNow could not be asked')
  if (found.hidden)
    step.log.warning(
      'Some bound changes are hidden from the account: give it read access to change_request where they are of these repositories.',
      'Resumed deployments'
    )
  await warnOfNotedAlone(step, connection, {
    repositories,
    updatedSince: endedSince(client.now(), step.inputs.interval)
  })
  const entries = await carryOut(found, {
    github,
    refusals: refusalsOf(github),
    latch: latchOf(step, github, client),
    maxDecisions: step.inputs.maxDecisions,
    runsEnd: step.inputs.latch !== 'dispatch',
    now: client.now,
    othersOf: changes => othersOf(step, connection, changes),
    reasonOf: one => oneLine(reasonText(one.decision.reason), 300),
    onEntry: entry => log(step, entry),
    isInterrupted: () => step.signal.aborted,
    debug: step.log.debug
  })
  finish(step, report, { entries, now: client.now(), unread })
  fail(
    entries,
    found,
    unread.filter(one => one.temporary !== true)
  )
}

/** Undefined where ServiceNow cannot be asked now: the next run asks again. */
async function decided(
  step: Step<ResumeInputs>,
  { context }: Connection,
  repositories: Parameters<typeof decidedChanges>[1]['repositories']
): Promise<DecidedChanges | undefined> {
  const { trustedAccounts, bindingKey, reject, latch, interval } = step.inputs
  const looksBack = reject && latch === 'protection-rule'
  try {
    return await decidedChanges(context, {
      repositories,
      trustedAccounts,
      bindingKey,
      policy: policyOf(step.inputs),
      endedSince: looksBack ? endedSince(context.client.now(), interval) : undefined
    })
  } catch (error) {
    if (!(error instanceof Problem) || !error.retry.temporary) throw error
    step.log.warning(
      `ServiceNow could not be asked (${error.code}); the next run asks again.`,
      'Resumed deployments'
    )
    return undefined
  }
}

/** Undefined where ServiceNow cannot be asked now. */
async function othersOf(
  step: Step<ResumeInputs>,
  { context }: Connection,
  changes: readonly DecidedChange[]
): Promise<ReadonlyMap<string, readonly DecidedChange[]> | undefined> {
  try {
    return await usedBy(context, changes, step.inputs)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    // The others are decided all the same, and the next run asks again.
    const say = error.retry.temporary ? step.log.info : step.log.warning
    say(`Further runs of the changes could not be looked for (${error.code})`)
    return undefined
  }
}

/**
 * How far back changes that ended are looked at: four intervals, and two days in the first runs of a day (UTC), so that a
 * rejection that was missed is made up for.
 */
function endedSince(now: number, intervalMs: number): number {
  const isFirst = now % DAY_MS < 2 * intervalMs
  return now - (isFirst ? 2 * DAY_MS : Math.max(4 * intervalMs, HOUR_MS))
}

function policyOf(inputs: ResumeInputs): GatePolicy {
  return {
    proceedStates: listedStates(mapOf(inputs), inputs.proceedStates),
    waitStates: [],
    requireApproval: inputs.requireApproval,
    requireApprover: inputs.requireApprover,
    selfApproval: inputs.selfApproval,
    respectWindow: inputs.changeWindow === 'respect',
    minimumWindowMs: inputs.minimumWindow,
    allowNewCommit: true
  }
}

function latchOf(step: Step<ResumeInputs>, github: GitHub, client: Connection['client']): Latch {
  const { latch, job = '', workflow = '', interval: intervalMs, reject, repositories } = step.inputs
  const writer = pacedWriter(step)
  if (latch === 'protection-rule') {
    const rule = protectionRule(github, writer, { urlOf: client.changeUrl, now: client.now })
    return reject ? rule : { ...rule, reject: undefined }
  }
  const asking = askingWorkflows({
    fromWorkflow: step.inputs.fromWorkflow,
    warnOfSeveral: latch === 'dispatch',
    warn: text => step.log.warning(text, 'Resumed deployments'),
    debug: text => step.log.debug(text)
  })
  const shared = { asking, named: !repositories.includes('installation'), intervalMs, now: step.now }
  return latch === 'rerun'
    ? rerun(github, writer, { job, clock: client.now, ...shared })
    : dispatch(github, writer, {
        workflow,
        sweep: `${step.runtime.runId} ${step.runtime.runAttempt}`,
        sleep: ms => step.sleep(ms),
        ...shared
      })
}

function log({ log: { info, warning }, inputs: { dryRun } }: Step<ResumeInputs>, entry: Entry): void {
  const { one, decision, reason, environment, warn } = entry
  const where = `${one.repository.repository} run ${one.binding.runId}${environment === '' ? '' : ` to ${environment}`}`
  const isWrite = decision === 'resumed' || decision === 'rejected'
  const word = dryRun && isWrite ? `would be ${decision}` : decision
  const line = oneLine(`${one.change.number} (${where}): ${word}: ${reason}`, 500)
  if (warn === true || decision === 'failed') warning(line, 'Resumed deployments')
  else info(line)
}

/** Not known is not nothing: what waits stays empty. */
function notAsked(step: Step<ResumeInputs>, report: StepReport, why: string): void {
  writeReport(step, report, [])
  report.result = 'not-asked'
  report.story.verdict = `nothing was decided: ${why}`
}

function finish(
  step: Step<ResumeInputs>,
  report: StepReport,
  swept: { readonly entries: readonly Entry[]; readonly now: number; readonly unread: readonly Unread[] }
): void {
  const { entries, now, unread } = swept
  if (unread.length > 0 && entries.length === 0)
    notAsked(step, report, 'GitHub could not list the repositories')
  else {
    report.result = 'ok'
    writeReport(step, report, entries)
    // What waits in the repositories that are not known is not known either.
    if (unread.length === 0) writeBacklog(step, report, entries, now)
  }
  const isFailed =
    entries.some(one => one.decision === 'failed') || unread.some(one => one.temporary !== true)
  if (isFailed) report.result = 'failed'
}

/** Fails the step where the next run would not mend it. */
function fail(entries: readonly Entry[], { creators }: DecidedChanges, unread: readonly Unread[]): void {
  const failed = [
    ...unread.map(({ repository, reason, code }) => ({ what: repository, reason, fix: fixOf(code) })),
    ...entries.flatMap(({ one, decision, reason, fix = '' }) =>
      decision === 'failed'
        ? [{ what: `${one.change.number} (${one.repository.repository})`, reason, fix }]
        : []
    )
  ]
  if (failed.length > 0) throw stepProblem('resume-failed', { failed, creators })
  if (creators.length > 0) throw stepProblem('untrusted-creators', { creators })
}

const INSTALL =
  'install the GitHub App on the repository, with the permissions that the page of this action names'

function fixOf(code: Unread['code']): string {
  const isAway = code === 'network' || code === 'timeout' || code === 'redirect' || code === 'not-github'
  return isAway ? "see that the runner reaches GitHub's API, through its proxy where there is one" : INSTALL
}
