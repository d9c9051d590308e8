/**
 * Takes a real deployment of this repository through change control, against the sandbox: create → wait for
 * approval → implement → deploy → evidence → close. Each step is the bundled action in a process of its own.
 *
 *   npm run demo              runs it (about ten seconds)
 *   npm run demo -- --hold    keeps the sandbox up afterwards
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkDeployment, deploy, deploymentPlan, git, sha256, writeReport } from './deployment.mjs'
import { approveAsPerson, DEPLOYER, startInstance } from './instance.mjs'
import { jobEnv, runAction, showLine } from './runner.mjs'
import { judge } from './verdict.mjs'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))
const bundle = (/** @type {string} */ name) => join(repository, 'dist', name, 'index.js')

const { values: options } = parseArgs({ options: { hold: { type: 'boolean', default: false } } })
const root = mkdtempSync(join(tmpdir(), 'change-control-demo-'))
const instance = await startInstance(bundle('sandbox'), [
  '--port',
  '0',
  '--stop-after',
  options.hold ? '3600' : '60'
])
try {
  process.exitCode = await demo(instance.url)
  if (options.hold) await hold(instance.url)
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  await instance.stop()
  rmSync(root, { recursive: true, force: true })
}

/** @param {string} url */
async function demo(url) {
  const sha = git(repository, 'rev-parse', 'HEAD').trim()
  const job = {
    env: jobEnv({ root, workspace: root, sha, env: connection(url) }),
    /** @type {Record<string, string>} */
    outputs: {}
  }
  const [plan, report, checksum] = ['deployment-plan.md', 'deployed-files.xml', 'deployment.tar.sha256'].map(
    name => join(root, name)
  )
  const [archive, production] = [join(root, 'deployment.tar'), join(root, 'production')]
  console.log(`ServiceNow sandbox at ${url}, commit ${sha.slice(0, 12)}`)

  writeFileSync(/** @type {string} */ (plan), deploymentPlan(repository))
  const created = await step(job, 'Create the change', 'create-change', {
    'short-description': `Deploy "change-actions/servicenow" version ${sha.slice(0, 7)} to "production"`,
    'assignment-group': 'DevOps Team',
    'cmdb-ci': 'prod-k8s-cluster',
    risk: 'low',
    'implementation-plan': 'git archive, unpack, check every file',
    'backout-plan': 'Unpack the archive of the previous commit',
    'start-date': '+0s',
    'end-date': '+2h',
    attachments: `- ${basename(/** @type {string} */ (plan))}`
  })
  const sysId = created['change-sys-id'] ?? ''

  const done = new AbortController()
  const approver = approveAsPerson(url, sysId, { thinkMs: 2_500, signal: done.signal })
  await step(job, 'Wait for approval (Anna of the CAB takes a few seconds)', 'wait-approval', {
    timeout: '20',
    'poll-interval': '1'
  })
  done.abort()
  await approver

  await step(job, 'Move the change to Implement', 'update-change', {
    state: 'implement',
    'work-notes': `Deployment of ${sha.slice(0, 12)} started.`
  })

  heading('Deploy')
  deploy(repository, /** @type {string} */ (archive), /** @type {string} */ (production))
  const checks = checkDeployment(repository, /** @type {string} */ (production))
  const faults = checks.filter(check => check.fault !== undefined)
  writeReport(/** @type {string} */ (report), checks)
  writeFileSync(
    /** @type {string} */ (checksum),
    `${sha256(/** @type {string} */ (archive))}  ${basename(/** @type {string} */ (archive))}\n`
  )
  console.log(
    `  Unpacked ${checks.length} files into production; ${faults.length} differ from what git tracks.`
  )

  await step(job, 'Attach the evidence', 'attach-evidence', {
    files: `${basename(/** @type {string} */ (report))}\n*.sha256`
  })

  await step(job, "Close the change by the job's result", 'update-change', {
    state: 'by-job-status',
    'job-status': faults.length === 0 ? 'success' : 'failure',
    'work-notes': `Deployment finished: ${checks.length - faults.length} of ${checks.length} files verified in production.`
  })
  return conclude(url, sysId, /** @type {string[]} */ ([plan, report, checksum]))
}

/**
 * Runs one action and shows it as the log of a job would. A failed step ends the demo, as it ends a job.
 *
 * @param {{ env: Record<string, string>, outputs: Record<string, string> }} job
 * @param {string} title
 * @param {string} action
 * @param {Record<string, string>} inputs
 */
async function step(job, title, action, inputs) {
  heading(title)
  for (const [name, value] of Object.entries(inputs)) console.log(`  ${dim(`${name}: ${value}`)}`)
  const result = await runAction({
    main: bundle(action),
    inputs,
    env: job.env,
    cwd: root,
    onLine: line => {
      const shown = showLine(line)
      if (shown !== undefined && shown !== '') console.log(`  ${shown.replaceAll('\n', '\n  ')}`)
    }
  })
  Object.assign(job.env, result.env)
  if (result.code !== 0) throw new Error(`${action} ended with exit code ${result.code}`)
  return result.outputs
}

/**
 * @param {string} url
 * @param {string} sysId
 * @param {string[]} evidence
 */
async function conclude(url, sysId, evidence) {
  const { record, faults } = await judge(url, sysId, evidence)
  heading('The record of the change')
  for (const [name, value] of record)
    console.log(`  ${`${name}:`.padEnd(19)}${value.replaceAll('\n', `\n${' '.repeat(21)}`)}`)
  console.log('')
  for (const fault of faults) console.log(`  ✗ ${fault}`)
  if (faults.length === 0)
    console.log(
      '  ✓ Closed, successful, approved by a person, evidence attached byte for byte, and the only change.'
    )
  return faults.length === 0 ? 0 : 1
}

/** @param {string} url */
async function hold(url) {
  console.log(`
The sandbox stays up for an hour at most (Ctrl-C ends it):

  Look at it      ${url}
  Point an action at it, in the env: of a job or in your shell:
    SERVICENOW_INSTANCE=${url}
    SERVICENOW_CLIENT_ID=${DEPLOYER.id}
    SERVICENOW_CLIENT_SECRET=${DEPLOYER.secret}
  Or ask it with curl:
    curl -u admin:admin-password '${url}/api/now/table/change_request?sysparm_display_value=true'`)
  await new Promise(resolve => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
    void instance.ended.then(resolve)
  })
}

/** @param {string} url */
function connection(url) {
  return {
    SERVICENOW_INSTANCE: url,
    SERVICENOW_CLIENT_ID: DEPLOYER.id,
    SERVICENOW_CLIENT_SECRET: DEPLOYER.secret
  }
}

/** @param {string} text */
function heading(text) {
  console.log(`\n▸ ${text}`)
}

/** @param {string} text */
function dim(text) {
  return process.stdout.isTTY ? `\u001b[2m${text}\u001b[0m` : text
}
