/**
 * Takes a real deployment of this repository through change control, with the sandbox: create, wait for approval,
 * implement, deploy, attach evidence, close. It does so twice: with one step for each action, and with the gate.
 *
 *   npm run demo                          takes about ten seconds
 *   npm run demo -- --hold                keeps the sandboxes running afterwards, so that the changes can be seen
 *   npm run demo -- --approve-yourself    waits for you to approve each change in a browser
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkRecord } from './check-record.mjs'
import { deploymentPlan } from './deployment.mjs'
import { changeAddress } from './instance.mjs'
import { connectionEnv, Job } from './job.mjs'
import { printRecord } from './output.mjs'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))

const options = flags()

const HOLD_SECONDS = 3600
const MAX_RUN_SECONDS = 60
/** How long a step waits for the approval: of a person, or of the approver that the demo plays. */
const APPROVAL_SECONDS = options['approve-yourself'] ? 900 : 20

const POLICY = `defaults: { assignment-group: DevOps Team, risk: low }
environments:
  production: { cmdb-ci: prod-k8s-cluster, start-date: +0s, end-date: +2h, timeout: ${APPROVAL_SECONDS}, poll-interval: 1 }
  dev: { change-controlled: false }
`

const root = mkdtempSync(join(tmpdir(), 'change-control-demo-'))
/** @type {Job[]} */
const jobs = []
try {
  process.exitCode = (await demo()) ? 0 : 1
  if (options.hold) await hold()
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  await Promise.all(jobs.map(job => job.instance.stop()))
  rmSync(root, { recursive: true, force: true })
}

/** The command line. An unknown flag ends the demo with a line that says so. */
function flags() {
  try {
    return parseArgs({
      options: {
        hold: { type: 'boolean', default: false },
        'approve-yourself': { type: 'boolean', default: false }
      }
    }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}`)
    console.error('Fix: use --hold, --approve-yourself, or no flag.')
    process.exit(1)
  }
}

/** Returns whether every check passed. */
async function demo() {
  const first = await stepByStep(await startJob('Part 1: one step for each action', '1001'))
  const second = await withGate(await startJob('Part 2: the same deployment with the gate', '1002'))
  return first && second
}

/**
 * @param {string} title
 * @param {string} runId
 */
async function startJob(title, runId) {
  const approveYourself = options['approve-yourself']
  const lifetimeSeconds = options.hold || approveYourself ? HOLD_SECONDS : MAX_RUN_SECONDS
  const job = await Job.start({ repository, root, runId, lifetimeSeconds, approveYourself })
  jobs.push(job)
  console.log(
    `\n════ ${title}\n     ServiceNow sandbox at ${job.instance.url}, commit ${job.sha.slice(0, 12)}`
  )
  return job
}

/** @param {Job} job */
async function stepByStep(job) {
  const { sha } = job
  const plan = join(root, 'deployment-plan.md')
  writeFileSync(plan, deploymentPlan(repository))
  const created = await job.step('Create the change', 'create-change', {
    'short-description': `Deploy "change-actions/servicenow" version ${sha.slice(0, 7)} to "production"`,
    'assignment-group': 'DevOps Team',
    'cmdb-ci': 'prod-k8s-cluster',
    risk: 'low',
    'implementation-plan': 'Pack the tracked files, unpack them, check every file',
    'backout-plan': 'Unpack the archive of the previous commit',
    'start-date': '+0s',
    'end-date': '+2h',
    attachments: `- ${basename(plan)}`
  })
  const approver = options['approve-yourself'] ? 'you are the approver' : 'an approver takes a few seconds'
  await job.stepWithApproval(`Wait for approval (${approver})`, 'wait-approval', {
    timeout: String(APPROVAL_SECONDS),
    'poll-interval': '1'
  })
  await job.step('Move the change to Implement', 'update-change', {
    state: 'implement',
    'work-notes': `Deployment of ${sha.slice(0, 12)} started.`
  })
  const { files, summary, faults } = job.deployAndCheck('first')
  await job.step('Attach the evidence', 'attach-evidence', { files: fileList(files) })
  await job.step('Close the change with the job status', 'update-change', {
    state: 'by-job-status',
    'job-status': faults === 0 ? 'success' : 'failure',
    'work-notes': summary
  })
  return checkAndPrint(job, created.outputs['change-sys-id'] ?? '', [plan, ...files])
}

/** @param {Job} job */
async function withGate(job) {
  job.addPolicy(POLICY)
  const inputs = { environment: 'production', 'own-matrix-index': '0', 'job-status': 'success' }
  const opened = await job.stepWithApproval(
    'Run the gate (approval, planned window, commit, claim)',
    'gate',
    inputs
  )
  const { files, faults } = job.deployAndCheck('second')
  await job.step('Attach the evidence', 'attach-evidence', { files: fileList(files) })
  const postInputs = { ...inputs, 'job-status': faults === 0 ? 'success' : 'failure' }
  await job.step('At the end of the job: the post step of the gate', 'gate', postInputs, opened.state)
  return checkAndPrint(job, opened.outputs['change-sys-id'] ?? '', files)
}

/**
 * The input `files`.
 *
 * @param {string[]} paths
 */
function fileList(paths) {
  return paths.map(path => basename(path)).join('\n')
}

/**
 * Checks the change, prints it, and returns whether every check passed.
 *
 * @param {Job} job
 * @param {string} sysId
 * @param {string[]} evidence
 */
async function checkAndPrint(job, sysId, evidence) {
  job.change = sysId
  const { record, faults } = await checkRecord(job.instance.url, sysId, evidence)
  printRecord(record, faults)
  return faults.length === 0
}

/** Waits for a signal, or until a sandbox ends. */
async function hold() {
  const [url = ''] = jobs.map(job => job.instance.url)
  const variables = Object.entries(connectionEnv(url)).map(([name, value]) => `    ${name}=${value}`)
  const addresses = jobs.map(
    (job, index) => `    part ${index + 1}: ${changeAddress(job.instance.url, job.change)}`
  )
  console.log(`
The sandboxes run for an hour. Ctrl-C stops them.

  Use one with an action, in the env: of a job or in a shell:
${variables.join('\n')}
  Use it with curl:
    curl -u admin:admin-password '${url}/api/now/table/change_request?sysparm_display_value=true'
  See the changes in a browser; log in there as anna.approver with anna-password, or as admin with admin-password:
${addresses.join('\n')}`)
  await new Promise(resolve => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
    for (const job of jobs) void job.instance.ended.then(resolve)
  })
}
