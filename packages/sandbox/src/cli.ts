#!/usr/bin/env node
/** The sandbox as a command: see the README. */
import { lineOf } from './cli-errors.ts'
import { type Flags, readFlags, USAGE } from './cli-flags.ts'
import { loadScripts } from './load-scripts.ts'
import type { Serving } from './recording/recorder.ts'
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
  const flags = readFlags(argv, process.env)
  if (flags.help) {
    process.stdout.write(USAGE)
    return
  }
  const { port = 0, host = '127.0.0.1' } = flags.options
  const serving = await start(flags).catch(error => {
    throw new Error(lineOf(error, port, host), { cause: error })
  })
  const stopped = untilStopped(flags.stopAfterMs)
  process.stdout.write(`${serving.text}\nready ${serving.url}\n`)
  await stopped
  await serving.stop()
}

/** What serves, and what is printed at its start. */
interface Started extends Serving {
  readonly text: string
}

async function start({ options, recording, scripts: folder }: Flags): Promise<Started> {
  if (recording === undefined) {
    const scripts = folder === undefined ? undefined : await loadScripts(folder)
    const sandbox = await startSandbox({ ...options, ...(scripts && { scripts }) })
    const text = welcome(sandbox.url, options.password !== undefined)
    return { text, url: sandbox.url, stop: () => sandbox.stop() }
  }
  const onProblem = (text: string) => void process.stderr.write(`${text}\n`)
  const more = { file: recording.file, port: options.port ?? 0, onProblem }
  if (recording.kind === 'replay') {
    const { startReplayer } = await import('./recording/replayer.ts')
    return { text: `Replays ${recording.file}`, ...(await startReplayer(more)) }
  }
  const { startRecorder } = await import('./recording/recorder.ts')
  const recorder = await startRecorder({ ...more, instance: recording.instance })
  const text = `Records into ${recording.file}. Send requests to the address below instead of the instance, with its credentials.\nRead the file before you share it: texts that people wrote are kept.\n`
  return { text, ...recorder }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
