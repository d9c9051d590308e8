import { messageOf, stackOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Summary } from '../summary.ts'
import type { Env } from './runtime.ts'

const INTERRUPTED = 130

/** How the process of a step ends. Whichever comes first counts; later ones change nothing. */
export interface ProcessExit {
  succeed(): void
  /** Reports the error in one annotation; exit code 1. */
  fail(error: unknown): Promise<void>
}

/** An error in words: the title of its annotation, and its lines. */
export interface ErrorText {
  readonly title: string
  readonly lines: readonly string[]
}

/** What a process exit works with. */
export interface ProcessExitParts {
  readonly log: Log
  readonly summary: Summary
  readonly env: Env
  /** The words for an error that was made for people; undefined for any other one, which is a defect. */
  describe(error: unknown): Promise<ErrorText | undefined>
  /** Called on a signal, before the process ends; must not throw. */
  interrupt(): void
}

/**
 * Sees to it that the process of a step ends exactly once, whatever happens: the step settles, something throws
 * outside of it, the event loop runs dry, or a signal arrives. Until the step succeeds the exit code is 1, so that
 * nothing unforeseen can look like success.
 */
export function createProcessExit(parts: ProcessExitParts): ProcessExit {
  const { log, summary, env } = parts
  let over = false
  let reporting: Promise<void> | undefined
  let unreported: { readonly error: unknown } | undefined
  const begin = (code: number): boolean => {
    if (over) return false
    over = true
    process.exitCode = code
    return true
  }
  const print = ({ title, lines }: ErrorText): void => {
    unreported = undefined
    log.error(lines.join('\n'), title)
    summary.flush()
  }
  const describeAndPrint = async (error: unknown): Promise<void> => {
    log.debug(stackOf(error))
    unreported = { error }
    const text = await parts.describe(error).catch(() => undefined)
    print(text ?? defectText(error, env))
  }
  const report = (error: unknown): Promise<void> => {
    reporting = describeAndPrint(error)
    return reporting
  }
  const crash = async (error: unknown): Promise<void> => {
    if (begin(1)) await report(error)
    else {
      log.debug(`After the end of the step: ${stackOf(error)}`)
      await reporting
    }
    process.exit()
  }
  const interrupt = (signal: NodeJS.Signals): void => {
    if (begin(INTERRUPTED)) {
      parts.interrupt()
      log.info(`Interrupted by ${signal}; the step ends here.`)
      summary.flush()
    }
    process.exit()
  }
  // Texts are loaded when they are needed: the process may be told to end before they are there.
  const leave = (): void => {
    if (unreported !== undefined) print(defectText(unreported.error, env))
    else if (begin(1)) print(defectText(new Error(RAN_DRY), env))
  }
  process.exitCode = 1
  process.on('uncaughtException', error => void crash(error))
  process.on('unhandledRejection', error => void crash(error))
  process.on('exit', leave)
  for (const signal of signals()) process.on(signal, interrupt)
  return {
    succeed() {
      if (!begin(0)) return
      summary.flush()
      exitWhenWritten()
    },
    async fail(error) {
      if (!begin(1)) return
      await report(error)
      exitWhenWritten()
    }
  }
}

/** Sockets and timers left behind are cut off as soon as all is written: Node takes its time to tidy up after them. */
function exitWhenWritten(): void {
  process.stdout.write('', () => process.exit())
}

const RAN_DRY = 'the step ended before its work was done: it waited for something that could no longer happen'

/** What a runner sends to cancel a step; on Windows the second signal is a break. */
function signals(): readonly NodeJS.Signals[] {
  return process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK'] : ['SIGINT', 'SIGTERM']
}

/** An error that nobody made for people is a defect, and is called one. */
function defectText(error: unknown, env: Env): ErrorText {
  const what =
    error instanceof Error && error.name !== 'Error' ? `${error.name}: ${error.message}` : messageOf(error)
  const action = env.GITHUB_ACTION_REPOSITORY
  const where = action
    ? `at ${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${action}/issues`
    : 'to its maintainers'
  const how = 'A re-run with debug logging shows the stack'
  const lines = [what, `This is a defect of the action. ${how}; please report it ${where}`]
  return { title: 'Unexpected error', lines }
}
