import { messageOf, stackOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { entryOf } from '../product.ts'
import type { Summary } from '../summary.ts'
import type { Env } from './runtime.ts'

const INTERRUPTED = 130

/** How the process of a step ends. Whichever comes first counts; later ones change nothing. */
export interface ProcessExit {
  succeed(): Promise<void>
  /** Reports the error in one annotation; exit code 1. */
  fail(error: unknown): Promise<void>
}

/** An error in words: the title of its annotation, and its lines. */
export interface ErrorText {
  readonly title: string
  readonly lines: readonly string[]
  /** Address of its entry on the troubleshooting page. */
  readonly page?: string
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
  /** Sends what is left to send, when the exit code is decided and all is printed. A signal does not wait for it. */
  flush(error: unknown): Promise<void>
}

/**
 * Sees to it that the process of a step ends exactly once, whatever happens: the step settles, something throws
 * outside of it, the event loop runs dry, or a signal arrives. Until the step succeeds the exit code is 1, so that
 * nothing unforeseen can look like success.
 */
export function createProcessExit(parts: ProcessExitParts): ProcessExit {
  const end = new End(parts)
  process.exitCode = 1
  process.on('uncaughtException', error => void end.crash(error))
  process.on('unhandledRejection', error => void end.crash(error))
  process.on('exit', () => end.leave())
  for (const signal of signals()) process.on(signal, name => end.interrupt(name))
  return end
}

class End implements ProcessExit {
  readonly #parts: ProcessExitParts
  #over = false
  #reporting: Promise<void> | undefined
  /** An error whose annotation is not printed yet: its words are loaded when they are needed. */
  #unreported: { readonly error: unknown } | undefined

  constructor(parts: ProcessExitParts) {
    this.#parts = parts
  }

  async succeed(): Promise<void> {
    if (!this.#begin(0)) return
    this.#parts.summary.flush()
    await this.#flush(undefined)
    exitWhenWritten()
  }

  async fail(error: unknown): Promise<void> {
    if (!this.#begin(1)) return
    await this.#report(error)
    await this.#flush(error)
    exitWhenWritten()
  }

  /** Something threw outside of the step. */
  async crash(error: unknown): Promise<void> {
    if (this.#begin(1)) await this.#report(error)
    else {
      this.#parts.log.debug(`After the end of the step: ${stackOf(error)}`)
      await this.#reporting
    }
    process.exit()
  }

  interrupt(signal: NodeJS.Signals): void {
    const { log, summary } = this.#parts
    if (this.#begin(INTERRUPTED)) {
      this.#parts.interrupt()
      log.info(`Interrupted by ${signal}; the step ends here.`)
      summary.flush()
    }
    process.exit()
  }

  /** The process is ending: what has not been told by now is told without the words that were to be loaded. */
  leave(): void {
    const { env } = this.#parts
    if (this.#unreported !== undefined) this.#print(defectText(this.#unreported.error, env))
    else if (this.#begin(1)) this.#print(defectText(new Error(RAN_DRY), env))
  }

  /** False when the end has begun already. */
  #begin(code: number): boolean {
    if (this.#over) return false
    this.#over = true
    process.exitCode = code
    return true
  }

  /** Whatever becomes of it, the step has ended as it has. */
  async #flush(error: unknown): Promise<void> {
    await this.#parts.flush(error).catch(() => undefined)
  }

  #report(error: unknown): Promise<void> {
    this.#reporting = this.#describeAndPrint(error)
    return this.#reporting
  }

  async #describeAndPrint(error: unknown): Promise<void> {
    const { log, env } = this.#parts
    log.debug(stackOf(error))
    this.#unreported = { error }
    const text = await this.#parts.describe(error).catch(() => undefined)
    this.#print(text ?? defectText(error, env))
  }

  #print(text: ErrorText): void {
    this.#unreported = undefined
    this.#parts.log.error(annotationOf(text), text.title)
    this.#parts.summary.flush()
  }
}

/** The text of an annotation. */
export function annotationOf({ lines, page }: ErrorText): string {
  return [...lines, ...(page === undefined ? [] : [`More: ${page}`])].join('\n')
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
  return { title: 'Unexpected error', lines, page: entryOf('defect') }
}
