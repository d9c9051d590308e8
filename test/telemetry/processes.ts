/** Programs of the tests as processes. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const MAX_START_MS = 30_000

export interface Program {
  readonly path: string
  /** What to say where there is none. */
  readonly missing: string
}

/** A program on the PATH, or at the path that a variable names. @param fix how to get it */
export function program(variable: string, name: string, fix: string): Program {
  return {
    path: process.env[variable] || name,
    missing: `there is no ${name}: ${fix}, or set ${variable} to its path`
  }
}

/** A process that was started. */
export interface Started {
  /** Why it is not running; undefined while it is. */
  failure(): string | undefined
  /** Ends it, and waits for that. */
  stop(): Promise<void>
}

/** Starts a program with these variables and the PATH alone. */
export function start({ path, missing }: Program, args: readonly string[], env = {}): Started {
  const child = spawn(path, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let written = ''
  let failure: string | undefined
  child.stderr.on('data', chunk => {
    written = `${written}${chunk}`.slice(-4_000)
  })
  const ended = new Promise<void>(resolve => {
    child.on('error', error => {
      failure = 'code' in error && error.code === 'ENOENT' ? missing : error.message
      resolve()
    })
    child.on('exit', code => {
      failure ??= `${path} ended with ${code}: ${written}`
      resolve()
    })
  })
  return {
    failure: () => failure,
    async stop() {
      child.kill()
      await ended
    }
  }
}

/** Waits until an address responds with success. @throws Error that says why the process ended, or that it took too long */
export async function isUp(url: string, { failure }: Started): Promise<void> {
  for (const end = Date.now() + MAX_START_MS; Date.now() < end; await delay(50)) {
    const problem = failure()
    if (problem !== undefined) throw new Error(problem)
    const ok = await fetch(url).then(
      response => response.ok,
      () => false
    )
    if (ok) return
  }
  throw new Error(`${url} did not respond within ${MAX_START_MS} ms`)
}

/** `data` of a response of Prometheus. @throws Error with its reason */
export async function get<T>(url: string): Promise<T> {
  const response = await fetch(url)
  const { data, error } = (await response.json()) as { data: T; error?: string }
  if (!response.ok) throw new Error(error ?? `status ${response.status}`)
  return data
}

/** A port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
