/**
 * A small GitHub Actions runner. It runs one action in a process of its own, and reads outputs, state and variables
 * from files, as the runner does. The demo, the bench and the end-to-end tests use it.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseLog } from './workflow-commands.mjs'

/** @import { Annotation } from './workflow-commands.mjs' */

/**
 * @typedef {object} StepResult
 * @property {number | null} code exit code; null after a signal
 * @property {NodeJS.Signals | null} signal
 * @property {string} log stdout and stderr
 * @property {Record<string, string>} outputs
 * @property {Record<string, string>} state
 * @property {Record<string, string>} env variables that the step added to the environment of the job
 * @property {string} summary Markdown
 * @property {Annotation[]} annotations
 * @property {string[]} masks
 */

/**
 * @typedef {object} StepOptions
 * @property {string} main the script to run
 * @property {Record<string, string>} [inputs] by input name
 * @property {Record<string, string>} [env] environment of the job
 * @property {string} [node] the node binary; default: that of this process
 * @property {string} [cwd] the workspace
 * @property {(line: string) => void} [onLine] called with each line of the log
 * @property {(child: import('node:child_process').ChildProcess) => void} [onStart]
 * @property {Record<string, string>} [state] state that the main step saved, for the post step
 */

/**
 * Runs one action until its process exits.
 *
 * @param {StepOptions} options
 * @returns {Promise<StepResult>}
 */
export async function runAction(options) {
  const folder = mkdtempSync(join(tmpdir(), 'step-'))
  const files = Object.fromEntries(
    ['OUTPUT', 'STATE', 'ENV', 'STEP_SUMMARY'].map(name => [name, join(folder, name.toLowerCase())])
  )
  for (const file of Object.values(files)) writeFileSync(file, '')
  try {
    const env = {
      ...baseEnv(),
      ...options.env,
      ...inputEnv(options.inputs ?? {}),
      ...stateEnv(options.state ?? {})
    }
    for (const [name, file] of Object.entries(files)) env[`GITHUB_${name}`] = file
    const result = await runProcess(options, env)
    const read = (/** @type {string} */ name) => readFileSync(/** @type {string} */ (files[name]), 'utf8')
    return {
      ...result,
      ...parseLog(result.log),
      outputs: parsePairs(read('OUTPUT')),
      state: parsePairs(read('STATE')),
      env: parsePairs(read('ENV')),
      summary: read('STEP_SUMMARY')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The variables that a process needs to start. Other variables of this process are not passed to a step.
 *
 * @returns {Record<string, string>}
 */
function baseEnv() {
  const names = ['PATH', 'HOME', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'NODE_EXTRA_CA_CERTS']
  return Object.fromEntries(
    names.flatMap(name =>
      process.env[name] === undefined ? [] : [[name, /** @type {string} */ (process.env[name])]]
    )
  )
}

/** @param {Record<string, string>} inputs */
function inputEnv(inputs) {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value])
  )
}

/** @param {Record<string, string>} state */
function stateEnv(state) {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]))
}

/**
 * @param {StepOptions} options
 * @param {Record<string, string>} env
 * @returns {Promise<Pick<StepResult, 'code' | 'signal' | 'log'>>}
 */
function runProcess(options, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(options.node ?? process.execPath, [options.main], {
      cwd: options.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let log = ''
    let rest = ''
    const append = (/** @type {string} */ chunk) => {
      log += chunk
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) options.onLine?.(line)
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', append)
    }
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (rest !== '') options.onLine?.(rest)
      resolve({ code, signal, log })
    })
    options.onStart?.(child)
  })
}

/**
 * Reads `name=value` lines and `name<<delimiter` blocks.
 *
 * @param {string} text
 * @returns {Record<string, string>}
 * @throws {Error} for a line that the runner does not accept
 */
function parsePairs(text) {
  /** @type {Record<string, string>} */
  const pairs = {}
  const lines = text.split('\n')
  for (let n = 0; n < lines.length; n += 1) {
    const line = /** @type {string} */ (lines[n])
    if (line === '') continue
    const equals = line.indexOf('=')
    const block = line.indexOf('<<')
    if (equals >= 0 && (block < 0 || equals < block)) {
      pairs[line.slice(0, equals)] = line.slice(equals + 1)
      continue
    }
    if (block < 0) throw new Error(`Invalid format: ${line}`)
    const delimiter = line.slice(block + 2)
    const end = lines.indexOf(delimiter, n + 1)
    if (end < 0) throw new Error(`Missing delimiter ${delimiter}`)
    pairs[line.slice(0, block)] = lines.slice(n + 1, end).join('\n')
    n = end
  }
  return pairs
}

/**
 * Creates the temporary folder of a job. Returns the variables of its steps.
 *
 * @param {{ root: string, workspace: string, sha: string, env?: Record<string, string> }} job
 * @returns {Record<string, string>}
 */
export function jobEnv({ root, workspace, sha, env = {} }) {
  const temp = join(root, 'temp')
  mkdirSync(temp, { recursive: true })
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'change-actions/servicenow',
    GITHUB_REPOSITORY_ID: '4711',
    GITHUB_WORKFLOW: 'Deploy',
    GITHUB_RUN_ID: '1001',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'deploy',
    GITHUB_ACTOR: 'octocat',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_SHA: sha,
    GITHUB_EVENT_NAME: 'push',
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temp,
    RUNNER_OS: 'Linux',
    ...env
  }
}
