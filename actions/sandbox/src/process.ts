/** The sandbox as a process that outlives the step. */
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Env, StepTools } from '@change-actions/github-actions'

/** What a start needs. */
export interface Launch {
  /** The script of the sandbox's command. */
  readonly script: string
  readonly flags: readonly string[]
  readonly cwd: string
  readonly env: Env
  /** Folder for the log of the process. */
  readonly temp: string
}

export interface Launched {
  /** Undefined when the process could not be started. */
  readonly pid: number | undefined
  /** What it has printed so far: standard output and errors. */
  output(): string
  /** Why it is over; undefined while it runs. */
  ended(): string | undefined
  kill(): void
}

/** Variables that the process needs. Secrets of the job are none of its business. */
const PASSED = ['PATH', 'HOME', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'RUNNER_TRACKING_ID']

/** Starts the process. It prints to a file: a pipe would end with this step. */
export function launch({ script, flags, cwd, env, temp }: Launch): Launched {
  const file = join(mkdtempSync(join(temp, 'servicenow-sandbox-log-')), 'sandbox.log')
  const log = openSync(file, 'a')
  const passed = Object.fromEntries(PASSED.flatMap(name => (env[name] ? [[name, env[name]]] : [])))
  const options = {
    cwd,
    env: passed,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log] as const
  }
  const child = spawn(process.execPath, ['--no-warnings', script, ...flags], {
    ...options,
    stdio: [...options.stdio]
  })
  closeSync(log)
  child.unref()
  let ended: string | undefined
  child.on('error', error => {
    ended = error.message
  })
  child.on('exit', (code, signal) => {
    ended ??= `it ended with ${signal ?? `exit code ${code}`}`
  })
  return {
    pid: child.pid,
    output: () => readFileSync(file, 'utf8'),
    ended: () => ended,
    kill: () => void child.kill()
  }
}

const START_TIMEOUT_MS = 30_000
const POLL_MS = 25

/**
 * The address in the line `ready http://127.0.0.1:PORT`.
 * @throws Error with what the process printed, when it is over or not ready in time
 */
export async function whenReady(
  launched: Launched,
  { now, sleep }: Pick<StepTools, 'now' | 'sleep'>
): Promise<string> {
  const deadline = now() + START_TIMEOUT_MS
  while (true) {
    // In this order: what it printed before its end is read.
    const ended = launched.ended()
    const output = launched.output()
    const [, url] = /^ready (http:\/\/\S+)$/m.exec(output) ?? []
    if (ended !== undefined) throw new Error(output.trim() || ended)
    if (url !== undefined) return url
    if (now() > deadline) throw new Error(`it was not ready within ${START_TIMEOUT_MS / 1000} s`)
    await sleep(POLL_MS)
  }
}
