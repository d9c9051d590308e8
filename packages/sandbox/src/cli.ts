#!/usr/bin/env node
/** The sandbox as a command: see the README. */
import { lineOf } from './cli-errors.ts'
import { readFlags, USAGE } from './cli-flags.ts'
import { startSandbox } from './sandbox.ts'
import { welcome } from './welcome.ts'

/** Resolves on SIGINT or SIGTERM, or after `stopAfterMs`. */
async function untilStopped(stopAfterMs: number | undefined): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = stopAfterMs === undefined ? undefined : setTimeout(resolve, stopAfterMs)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        clearTimeout(timer)
        resolve()
      })
    }
  })
}

/** The second command. */
async function initHere(rest: readonly string[]): Promise<void> {
  if (rest.length > 0)
    throw new Error(`init takes no flags, but "${rest.join(' ')}" was given. Fix: leave it out.`)
  const { init } = await import('./init/init.ts')
  const print = (text: string) => void process.stdout.write(text)
  await init({ folder: process.cwd(), input: process.stdin, print })
}

async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === 'init') return initHere(argv.slice(1))
  const flags = readFlags(argv, process.env.SANDBOX_PASSWORD)
  if (flags.help) {
    process.stdout.write(USAGE)
    return
  }
  const { port = 0, host = '127.0.0.1', password } = flags.options
  const sandbox = await startSandbox(flags.options).catch(error => {
    throw new Error(lineOf(error, port, host), { cause: error })
  })
  const stopped = untilStopped(flags.stopAfterMs)
  process.stdout.write(`${welcome(sandbox.url, password !== undefined)}\nready ${sandbox.url}\n`)
  await stopped
  await sandbox.stop()
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
