/**
 * Takes a real deployment of this repository through change control, against the sandbox: create → wait for
 * approval → implement → deploy → evidence → close, step by step and then through the gate. Each step is the bundled action in a process of its own.
 *
 *   npm run demo              runs it (about ten seconds)
 *   npm run demo -- --hold    keeps the sandbox up afterwards
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkDeployment, deploy, deploymentPlan, git, sha256, writeReport } from './deployment.mjs'
import { approveAsPerson, DEPLOYER, startInstance } from './instance.mjs'
import { jobEnv, runAction, showLine } from './runner.mjs'
import { judge } from './verdict.mjs'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))

const { values: options } = parseArgs({ options: { hold: { type: 'boolean', default: false } } })

const POLICY = `defaults: { assignment-group: DevOps Team, risk: low }
environments:
  production: { cmdb-ci: prod-k8s-cluster, start-date: +0s, end-date: +2h, timeout: 20, poll-interval: 1 }
  dev: { change-controlled: false }
`

const root = mkdtempSync(join(tmpdir(), 'change-control-demo-'))
/** @type {Awaited<ReturnType<typeof startInstance>>[]} */
const instances = []
try {
  process.exitCode = await demo()
  if (options.hold) await hold()
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  await Promise.all(instances.map(instance => instance.stop()))
  rmSync(root, { recursive: true, force: true })
}

/**
 * @typedef {object} Job
 * @property {string} url
 * @property {string} sha
 * @property {Record<string, string>} env what every step of the job sees
 */

async function demo() {
  const first = await stepByStep(await newJob('First act: a step for each action', '1001'))
  const second = await throughTheGate(
    await newJob('Second act: the same deployment through the gate alone', '1002')
  )
  return first && second ? 0 : 1
}

/**
 * A job, with a sandbox of its own: each act must end with exactly one change.
 *
 * @param {string} title
 * @param {string} runId
 */
async function newJob(title, runId) {
  const lifetime = options.hold ? '3600' : '60'
  const args = ['--port', '0', '--stop-after', lifetime]
  const instance = await startInstance(join(repository, 'dist', 'sandbox', 'index.js'), args)
  instances.push(instance)
  const { url } = instance
  const sha = git(repository, 'rev-parse', 'HEAD').trim()
  console.log(`\n════ ${title}\n     ServiceNow sandbox at ${url}, commit ${sha.slice(0, 12)}`)
  const env = { ...jobEnv({ root, workspace: root, sha, env: connection(url) }), GITHUB_RUN_ID: runId }
  return { url, sha, env }
}

/** @param {Job} job */
async function stepByStep(job) {
  const { sha, url } = job
  const plan = join(root, 'deployment-plan.md')
  writeFileSync(plan, deploymentPlan(repository))
  const created = await step(job, 'Create the change', 'create-change', {
    'short-description': `Deploy "change-actions/servicenow" version ${sha.slice(0, 7)} to "production"`,
    'assignment-group': 'DevOps Team',
    'cmdb-ci': 'prod-k8s-cluster',
    risk: 'low',
    'implementation-plan': 'Pack what git tracks, unpack, check every file',
    'backout-plan': 'Unpack the archive of the previous commit',
    'start-date': '+0s',
    'end-date': '+2h',
    attachments: `- ${basename(plan)}`
  })
  const sysId = created.outputs['change-sys-id'] ?? ''
  const waiting = { timeout: '20', 'poll-interval': '1' }
  await approvedMeanwhile(url, () =>
    step(job, 'Wait for approval (Anna of the CAB takes a few seconds)', 'wait-approval', waiting)
  )
  const note = `Deployment of ${sha.slice(0, 12)} started.`
  await step(job, 'Move the change to Implement', 'update-change', { state: 'implement', 'work-notes': note })
  const { files, summary, faults } = deployAndCheck('first')
  await step(job, 'Attach the evidence', 'attach-evidence', {
    files: files.map(file => basename(file)).join('\n')
  })
  await step(job, "Close the change by the job's result", 'update-change', {
    state: 'by-job-status',
    'job-status': faults === 0 ? 'success' : 'failure',
    'work-notes': summary
  })
  return conclude(url, sysId, [plan, ...files])
}

/** @param {Job} job */
async function throughTheGate(job) {
  const policy = join(root, '.github', 'servicenow-change.yml')
  mkdirSync(dirname(policy), { recursive: true })
  writeFileSync(policy, POLICY)
  const inputs = { environment: 'production', 'own-matrix-index': '0', 'job-status': 'success' }
  const opened = await approvedMeanwhile(job.url, () =>
    step(job, 'Open the gate (approval, window, commit, claim)', 'gate', inputs)
  )
  const { files, faults } = deployAndCheck('second')
  await step(job, 'Attach the evidence', 'attach-evidence', {
    files: files.map(file => basename(file)).join('\n')
  })
  const ended = { ...inputs, 'job-status': faults === 0 ? 'success' : 'failure' }
  await step(job, 'After the job: the post step of the gate', 'gate', ended, opened.state)
  return conclude(job.url, opened.outputs['change-sys-id'] ?? '', files)
}

/**
 * A person approves while a step waits.
 *
 * @template T
 * @param {string} url
 * @param {() => Promise<T>} wait
 * @returns {Promise<T>}
 */
async function approvedMeanwhile(url, wait) {
  const done = new AbortController()
  const approver = approveAsPerson(url, { thinkMs: 2_500, signal: done.signal })
  try {
    return await wait()
  } finally {
    done.abort()
    await approver
  }
}

/**
 * The real deployment, and the evidence of it.
 *
 * @param {string} name
 */
function deployAndCheck(name) {
  heading('Deploy')
  const [archive, production] = [join(root, `${name}.tar`), join(root, `${name}-production`)]
  const [report, checksum] = [join(root, `${name}-deployed-files.xml`), join(root, `${name}.tar.sha256`)]
  deploy(repository, archive, production)
  const checks = checkDeployment(repository, production)
  const faults = checks.filter(check => check.fault !== undefined).length
  writeReport(report, checks)
  writeFileSync(checksum, `${sha256(archive)}  ${basename(archive)}\n`)
  const summary = `Deployment finished: ${checks.length - faults} of ${checks.length} files verified in production.`
  console.log(`  ${summary}`)
  return { files: [report, checksum], summary, faults }
}

/**
 * Runs one action and shows it as the log of a job would. A failed step ends the demo, as it ends a job.
 *
 * @param {Job} job
 * @param {string} title
 * @param {string} action
 * @param {Record<string, string>} inputs
 * @param {Record<string, string>} [state] what the main step saved: runs the post step
 */
async function step(job, title, action, inputs, state) {
  heading(title)
  for (const [name, value] of Object.entries(inputs)) {
    if (!name.startsWith('own-')) console.log(`  ${dim(`${name}: ${value.replaceAll('\n', ' ')}`)}`)
  }
  const result = await runAction({
    main: join(repository, 'dist', action, state === undefined ? 'index.js' : 'post.js'),
    inputs,
    env: job.env,
    cwd: root,
    ...(state === undefined ? {} : { state }),
    onLine: line => {
      const shown = showLine(line)
      if (shown !== undefined && shown !== '') console.log(`  ${shown.replaceAll('\n', '\n  ')}`)
    }
  })
  Object.assign(job.env, result.env)
  if (result.code !== 0) throw new Error(`${action} ended with exit code ${result.code}`)
  return result
}

/**
 * @param {string} url
 * @param {string} sysId
 * @param {string[]} evidence
 */
async function conclude(url, sysId, evidence) {
  const { record, faults } = await judge(url, sysId, evidence)
  heading('The record of the change')
  for (const [name, value] of record) {
    console.log(`  ${`${name}:`.padEnd(19)}${value.replaceAll('\n', `\n${' '.repeat(21)}`)}`)
  }
  console.log('')
  for (const fault of faults) console.log(`  ✗ ${fault}`)
  if (faults.length === 0) {
    console.log(
      '  ✓ Closed, successful, approved by a person, evidence attached byte for byte, and the only change.'
    )
  }
  return faults.length === 0
}

async function hold() {
  const [first, second] = instances.map(instance => instance.url)
  console.log(`
The sandboxes stay up for an hour at most (Ctrl-C ends them):

  Look at them    ${first} (first act), ${second} (second act)
  Point an action at one, in the env: of a job or in your shell:
    SERVICENOW_INSTANCE=${first}
    SERVICENOW_CLIENT_ID=${DEPLOYER.id}
    SERVICENOW_CLIENT_SECRET=${DEPLOYER.secret}
  Or ask it with curl:
    curl -u admin:admin-password '${first}/api/now/table/change_request?sysparm_display_value=true'`)
  await new Promise(resolve => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
    for (const instance of instances) void instance.ended.then(resolve)
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
