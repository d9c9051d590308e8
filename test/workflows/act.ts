import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type Run, readRun } from './run-log.ts'

const VERSION = 'v0.2.87'

/**
 * The act binary: `ACT`, else on PATH, else where `go install` puts it.
 * @throws Error with the command that installs it
 */
export function findAct(): string {
  const given = process.env.ACT
  const places = given ? [given] : [...onPath(), ...inGo()]
  const found = places.find(path => existsSync(path))
  if (found !== undefined) return found
  const looked = given ? `ACT says ${given}, and nothing is there.` : 'act is not installed.'
  throw new Error(`${looked} Install it with\n  go install github.com/nektos/act@${VERSION}`)
}

function onPath(): string[] {
  return (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'act'))
}

function inGo(): string[] {
  try {
    return [
      join(execFileSync('go', ['env', 'GOPATH'], { encoding: 'utf8', stdio: 'pipe' }).trim(), 'bin/act')
    ]
  } catch {
    return []
  }
}

export interface ActOptions {
  readonly act: string
  /** The caller's repository. */
  readonly folder: string
  readonly home: string
  readonly event: string
  readonly eventPath?: string | undefined
  readonly inputs: Readonly<Record<string, string>>
  readonly vars: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** Folders that stand for repositories, by `owner/name@ref`. */
  readonly repositories: Readonly<Record<string, string>>
}

const MAX_WAIT_MS = 180_000

/** Runs the workflows of a repository that listen to an event, as processes of this machine. */
export function runAct(options: ActOptions): Promise<Run> {
  const started = performance.now()
  const child = spawn(options.act, argumentsOf(options), {
    cwd: options.folder,
    // Nothing of this machine's own environment reaches the steps.
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: options.home,
      TMPDIR: options.home
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MAX_WAIT_MS,
    killSignal: 'SIGKILL'
  })
  const text: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => text.push(part))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve(readRun(text.join(''), code, (performance.now() - started) / 1000)))
  })
}

function argumentsOf(options: ActOptions): string[] {
  const { event, eventPath, inputs, vars, secrets, env, repositories } = options
  return [
    event,
    '--json',
    ...['ubuntu-latest', 'self-hosted'].flatMap(label => ['-P', `${label}=-self-hosted`]),
    '--no-cache-server',
    '--pull=false',
    ...(eventPath === undefined ? [] : ['--eventpath', eventPath]),
    ...flags('--input', inputs),
    ...flags('--var', vars),
    ...flags('--secret', secrets),
    ...flags('--env', env),
    ...flags('--local-repository', repositories)
  ]
}

function flags(name: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => [name, `${key}=${value}`])
}
