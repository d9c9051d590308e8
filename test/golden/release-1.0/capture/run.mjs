/** Runs the bundles of a checkout of release 1.0, each scenario against an instance of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [checkout = ''] = process.argv.slice(2)
if (checkout === '') throw new Error('Name the folder of a checkout of tag v1.0.0.')

/** @param {string} file */
const load = file => import(pathToFileURL(resolve(checkout, file)).href)
const { runAction } = await load('demo/runner.mjs')
const { approveAsPerson, DEPLOYER, rows, startInstance } = await load('demo/instance.mjs')

export { rows }

/** @typedef {Record<string, string>} Texts */
/** @typedef {{ url: string, workspace: string }} World */
/**
 * @typedef {object} StepOptions
 * @property {Texts} [env] what differs from {@link RUN}
 * @property {Texts} [inputs]
 * @property {Texts} [state] what the main step saved, for a post step
 * @property {Texts} [job] what earlier steps exported to the job
 * @property {RegExp} [when] the first line that matches calls `act`
 * @property {(child: import('node:child_process').ChildProcess) => unknown} [act]
 */
/** @typedef {keyof typeof SCRIPTS} ActionName */
/** @typedef {{ facts: object, code: number | null, log: string, outputs: Texts, state: Texts, env: Texts }} Step */

/** The first attempt of a run, as the runner tells a step about it. The step has `id: change` in the workflow. */
export const RUN = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'octo/shop',
  GITHUB_REPOSITORY_ID: '4711',
  GITHUB_WORKFLOW: 'Deploy',
  GITHUB_RUN_ID: '1001',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'deploy',
  GITHUB_ACTION: 'change',
  GITHUB_ACTOR: 'octocat',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main',
  GITHUB_SHA: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
  GITHUB_EVENT_NAME: 'push'
}
const SCRIPTS = {
  'create-change': 'dist/create-change/index.js',
  'update-change': 'dist/update-change/index.js',
  'attach-evidence': 'dist/attach-evidence/index.js',
  gate: 'dist/gate/index.js',
  'gate, post step': 'dist/gate/post.js'
}
/** Inputs whose default in action.yml is a context: the runner always gives them. */
const CONTEXTS = {
  'create-change': { 'own-matrix-index': '0' },
  'update-change': { 'own-job-status': 'success' },
  'attach-evidence': {},
  gate: { 'own-matrix-index': '0', 'job-status': 'success' },
  'gate, post step': { 'own-matrix-index': '0', 'job-status': 'success' }
}
export const OTHER_SHA = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334'
export const SHA_256 = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'

export const DEPLOY = { 'short-description': 'Deploy the shop', 'assignment-group': 'DevOps Team' }
/** A gate that checks once and fails, for nobody approves: its change exists all the same. */
export const CHECK_ONCE = { environment: 'production', 'assignment-group': 'DevOps Team', timeout: '0' }
/** A gate that waits until it is told otherwise. */
export const WAIT = { ...CHECK_ONCE, timeout: '60', 'poll-interval': '1' }
/** A gate whose change needs no person: it opens at once. */
export const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }

/**
 * An instance and a workspace of its own for each scenario.
 *
 * @template T
 * @param {(world: World) => Promise<T>} body
 * @param {string[]} [flags]
 */
export async function inWorld(body, flags = []) {
  const instance = await startInstance(resolve(checkout, 'dist/sandbox/index.js'), ['--port', '0', ...flags])
  const workspace = mkdtempSync(join(tmpdir(), 'golden-'))
  try {
    return await body({ url: instance.url, workspace })
  } finally {
    await instance.stop()
    rmSync(workspace, { recursive: true, force: true })
  }
}

/**
 * @param {World} world
 * @param {ActionName} action
 * @param {StepOptions} options
 * @returns {Promise<Step>}
 */
export async function run(world, action, options) {
  const env = { ...RUN, ...options.env }
  const inputs = { ...CONTEXTS[action], ...options.inputs }
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  let due = options.when !== undefined
  const result = await runAction({
    main: resolve(checkout, SCRIPTS[action]),
    cwd: world.workspace,
    inputs,
    state: options.state,
    env: {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: world.workspace,
      RUNNER_TEMP: world.workspace,
      SERVICENOW_INSTANCE: world.url,
      SERVICENOW_CLIENT_ID: DEPLOYER.id,
      SERVICENOW_CLIENT_SECRET: DEPLOYER.secret,
      ...options.job,
      ...env
    },
    onStart: (/** @type {import('node:child_process').ChildProcess} */ started) => {
      child = started
    },
    onLine: (/** @type {string} */ line) => {
      if (!due || child === undefined || !options.when?.test(line)) return
      due = false
      options.act?.(child)
    }
  })
  const { state, job } = options
  return {
    ...result,
    facts: { action, env, inputs, ...(job && { exportedBefore: job }), ...(state && { savedState: state }) }
  }
}

/**
 * The change of a step, as an administrator reads it.
 *
 * @param {World} world
 * @param {Step} step
 */
export async function changeOf(world, step) {
  const sysId = step.outputs['change-sys-id'] ?? ''
  const [row] = await rows(world.url, 'change_request', `sys_id=${sysId}`)
  if (row === undefined) throw new Error(`The step has no change:\n${step.log}`)
  return row
}

/**
 * The journal of a change: its rows, oldest first, and the text that the account of the actions reads.
 *
 * @param {World} world
 * @param {string} sysId
 */
export async function journalOf(world, sysId) {
  const found = await rows(world.url, 'sys_journal_field', `element_id=${sysId}`)
  const entries = found.flatMap((/** @type {Record<string, { value: string }>} */ row) => {
    const [element = '', by, on, value] = JOURNAL.map(name => row[name]?.value)
    // The instance keeps a journal of approvals as well.
    if (!['work_notes', 'comments'].includes(element)) return []
    return [{ element, sys_created_by: by, sys_created_on: on, value }]
  })
  const { result } = await ask(world, 'gha.deployer:deployer-password', 'GET', sysId)
  return { entries, workNotes: result.work_notes?.display_value ?? '' }
}

const JOURNAL = ['element', 'sys_created_by', 'sys_created_on', 'value']

/**
 * @param {World} world
 * @param {string} as user and password
 * @param {string} method
 * @param {string} path below the API's list of changes
 * @param {object} [body]
 * @returns {Promise<{ result: Record<string, { value: string, display_value: string }> & { sys_id: { value: string } } }>}
 */
export async function ask(world, as, method, path, body) {
  const response = await fetch(`${world.url}/api/sn_chg_rest/v1/change/${path}`, {
    method,
    headers: {
      Authorization: `Basic ${Buffer.from(as).toString('base64')}`,
      Accept: 'application/json',
      'Content-Type': 'application/json'
    },
    ...(body && { body: JSON.stringify(body) })
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

/**
 * A change that somebody made by hand.
 *
 * @param {World} world
 * @param {Texts} [fields]
 */
export async function byHand(world, fields = {}) {
  const { result } = await ask(world, 'dora.devops:dora-password', 'POST', 'normal', {
    ...DEPLOY_FIELDS,
    ...fields
  })
  return result
}
const DEPLOY_FIELDS = { short_description: 'Deploy the shop', assignment_group: 'DevOps Team' }

/** @param {Step} step @param {number | null} code */
export function expectCode(step, code) {
  if (step.code !== code) throw new Error(`exit code ${step.code}, not ${code}:\n${step.log}`)
}

/** A change made by hand and approved. @param {World} world */
export async function approvedChange(world) {
  const change = await byHand(world)
  await ask(world, 'dora.devops:dora-password', 'PATCH', change.sys_id.value, { state: '-4' })
  await approveAsPerson(world.url, { thinkMs: 0, signal: AbortSignal.timeout(30_000) })
  return change
}
