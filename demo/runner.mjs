/**
 * A small GitHub Actions runner: starts one action as a process of its own and speaks the runner's file protocol
 * with it. The demo and the end-to-end tests use it, so that what they run is what a runner runs.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * @typedef {object} StepResult
 * @property {number | null} code exit code; null when a signal ended the process
 * @property {NodeJS.Signals | null} signal
 * @property {string} log everything printed, as the action printed it
 * @property {Record<string, string>} outputs
 * @property {Record<string, string>} state
 * @property {Record<string, string>} env what the step added to the job's environment
 * @property {string} summary Markdown
 * @property {Annotation[]} annotations
 * @property {string[]} masks
 */

/**
 * @typedef {object} Annotation
 * @property {'error' | 'warning' | 'notice' | 'debug'} kind
 * @property {string} title
 * @property {string} message
 */

/**
 * @typedef {object} StepOptions
 * @property {string} main the script to run
 * @property {Record<string, string>} [inputs] by input name
 * @property {Record<string, string>} [env] the job's environment
 * @property {string} [node] the node binary; default: the one that runs this
 * @property {string} [cwd] the workspace
 * @property {(line: string) => void} [onLine] called with each line as it is printed
 * @property {(child: import('node:child_process').ChildProcess) => void} [onStart]
 * @property {Record<string, string>} [state] what the action's main step saved, for its post step
 */

/**
 * Runs one action to its end.
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
    const ended = await start(options, env)
    const read = (/** @type {string} */ name) => readFileSync(/** @type {string} */ (files[name]), 'utf8')
    return {
      ...ended,
      ...parseLog(ended.log),
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
 * Only what a process needs to start: nothing of the caller's own settings leaks into a step.
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
function start(options, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(options.node ?? process.execPath, [options.main], {
      cwd: options.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let log = ''
    let rest = ''
    const take = (/** @type {string} */ chunk) => {
      log += chunk
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) options.onLine?.(line)
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', take)
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
 * `name=value` lines and `name<<delimiter` blocks, read as strictly as the runner reads them.
 *
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parsePairs(text) {
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

const COMMAND = /^\s*::([a-z-]+)(?: ([^:]*(?:%3A[^:]*)*))?::(.*)$/

/**
 * The workflow commands in a log, found the way the runner finds them: at the start of a line.
 *
 * @param {string} log
 * @returns {{ annotations: Annotation[]; masks: string[] }}
 */
export function parseLog(log) {
  /** @type {Annotation[]} */
  const annotations = []
  /** @type {string[]} */
  const masks = []
  for (const line of log.split('\n')) {
    const [, command, properties = '', data = ''] = COMMAND.exec(line) ?? []
    if (command === 'add-mask') masks.push(decode(data))
    if (command === 'error' || command === 'warning' || command === 'notice' || command === 'debug') {
      const title = /(?:^|,)title=([^,]*)/.exec(properties)?.[1] ?? ''
      annotations.push({ kind: command, title: decode(title), message: decode(data) })
    }
  }
  return { annotations, masks }
}

/** @param {string} text */
function decode(text) {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')
}

/**
 * A line as the runner shows it; undefined for what it hides.
 *
 * @param {string} line
 * @returns {string | undefined}
 */
export function showLine(line) {
  const [, command] = COMMAND.exec(line) ?? []
  if (command === undefined) return line
  const [annotation] = parseLog(line).annotations
  if (annotation === undefined || annotation.kind === 'debug') return undefined
  const kind = annotation.kind[0]?.toUpperCase() + annotation.kind.slice(1)
  return `${kind}: ${annotation.title === '' ? '' : `${annotation.title}: `}${annotation.message}`
}

/**
 * A job's folders and the variables every step of it sees.
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
