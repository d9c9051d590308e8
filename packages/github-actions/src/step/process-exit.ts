import { isTitled, messageOf, stackOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Summary } from '../summary.ts'
import type { Env } from './runtime.ts'

const INTERRUPTED = 130

/** The one ending of a step. Whichever comes first counts; later ones change nothing. */
export interface Ending {
  succeed(): void
  /** Reports the error in one annotation; exit code 1. */
  fail(error: unknown): void
}

/** What an ending works with. */
export interface EndingParts {
  readonly log: Log
  readonly summary: Summary
  readonly env: Env
  /** Called on a signal, before the process ends; must not throw. */
  interrupt(): void
}

/**
 * Sees to it that the step has exactly one ending, whatever happens to the process: the step settles,
 * something throws outside of it, the event loop runs dry, or a signal arrives. Until the step succeeds
 * the exit code is 1, so that nothing unforeseen can look like success.
 */
export function createEnding(parts: EndingParts): Ending {
  const { log, summary, env } = parts
  let over = false
  const end = (code: number, report: () => void): boolean => {
    if (over) return false
    over = true
    process.exitCode = code
    report()
    summary.flush()
    return true
  }
  // Sockets and timers left behind are cut off as soon as all is written: Node takes its time to tidy up after them.
  const settle = (code: number, report: () => void): void => {
    if (end(code, report)) process.stdout.write('', () => process.exit())
  }
  const crash = (error: unknown): void => {
    if (!end(1, () => reportError(error, log, env))) log.debug(`After the end of the step: ${stackOf(error)}`)
    process.exit()
  }
  const interrupt = (signal: NodeJS.Signals): void => {
    end(INTERRUPTED, () => {
      parts.interrupt()
      log.info(`Interrupted by ${signal}; the step ends here.`)
    })
    process.exit()
  }
  process.exitCode = 1
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  process.on('exit', () => end(1, () => reportError(new Error(RAN_DRY), log, env)))
  for (const signal of signals()) process.on(signal, interrupt)
  return { succeed: () => settle(0, () => {}), fail: error => settle(1, () => reportError(error, log, env)) }
}

const RAN_DRY = 'the step ended before its work was done: it waited for something that could no longer happen'

/** What a runner sends to cancel a step; on Windows the second signal is a break. */
function signals(): readonly NodeJS.Signals[] {
  return process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK'] : ['SIGINT', 'SIGTERM']
}

/** An error with a title was made for the user; any other one is a defect, and is called one. */
function reportError(error: unknown, log: Log, env: Env): void {
  log.debug(stackOf(error))
  if (isTitled(error)) {
    log.error(error.message, error.title)
    return
  }
  const what =
    error instanceof Error && error.name !== 'Error' ? `${error.name}: ${error.message}` : messageOf(error)
  const action = env.GITHUB_ACTION_REPOSITORY
  const where = action
    ? `at ${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${action}/issues`
    : 'to its maintainers'
  const how = 'A re-run with debug logging shows the stack'
  log.error(`${what}\nThis is a defect of the action. ${how}; please report it ${where}`, 'Unexpected error')
}
