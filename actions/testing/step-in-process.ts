/** Runs an action's step in this process, on its sources, and tells what a user would see of it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { StepDefinition } from '@change-actions/github-actions'
import type { Shape } from '../../packages/github-actions/src/inputs/field.ts'
import { describeError } from '../../packages/github-actions/src/messages/describe-error.ts'
import { createOutputs } from '../../packages/github-actions/src/outputs.ts'
import { createSecrets } from '../../packages/github-actions/src/secrets.ts'
import type { StepTools } from '../../packages/github-actions/src/step/definition.ts'
import { performStep } from '../../packages/github-actions/src/step/run-step.ts'
import { readRuntime } from '../../packages/github-actions/src/step/runtime.ts'
import { createSummary } from '../../packages/github-actions/src/summary.ts'
import { startTelemetry } from '../../packages/github-actions/src/telemetry/start.ts'

const MAX_SLEEP_MS = 5

/** What is left of a step. */
export interface Performed {
  readonly outputs: Readonly<Record<string, string>>
  /** Lines of the log by level, secrets replaced. */
  readonly info: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
  readonly debug: readonly string[]
  /** Error annotations that the step printed by itself (a post step does). */
  readonly errors: readonly { readonly title: string; readonly text: string }[]
  /** What failed the step, in words; undefined when it passed. */
  readonly failure: { readonly title: string; readonly text: string } | undefined
  /** The error itself, for what has no words. */
  readonly error: unknown
  readonly summary: string
  /** Variables exported to the job. */
  readonly exported: Readonly<Record<string, string>>
  /** State saved for the post step. */
  readonly state: Readonly<Record<string, string>>
}

/** What differs from step to step. */
export interface Given {
  /** By kebab-case name. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** What the main step left, for a post step. */
  readonly state?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Ends the step as a canceled job does: what is told of it is what it had left at that moment. */
  readonly interrupt?: AbortSignal
  /** Told each line of the log at level info when it is printed. */
  readonly onInfo?: (line: string) => void
  /** Told how far the step's clock has moved by sleeping, in milliseconds, whenever it sleeps. */
  readonly onSleep?: (sleptMs: number) => void
  /** A clock that others share, in epoch milliseconds. Default: the system's, ahead by what the step did not sleep. */
  readonly clock?: { now(): number; sleep(ms: number): Promise<void> }
}

/** Runs one step with these variables as its environment, inputs apart. */
export async function performInProcess<S extends Shape>(
  definition: StepDefinition<S>,
  variables: Readonly<Record<string, string>>,
  given: Given
): Promise<Performed> {
  const { inputs = {}, state = {}, interrupt, signal = interrupt ?? new AbortController().signal } = given
  const env = { ...variables, ...inputVariables(inputs) }
  const secrets = createSecrets()
  const lines = {
    info: [] as string[],
    notices: [] as string[],
    warnings: [] as string[],
    debug: [] as string[]
  }
  const errors: { title: string; text: string }[] = []
  const exported = new Map<string, string>()
  const saved = new Map<string, string>()
  const outputs = createOutputs()
  const { summary, text: summaryText } = recordedSummary(text => secrets.redact(text))
  const print = (list: string[]) => (text: string) => void list.push(secrets.redact(text))
  const left = () => ({
    info: [...lines.info],
    notices: [...lines.notices],
    warnings: [...lines.warnings],
    debug: [...lines.debug],
    errors: [...errors],
    outputs: { ...outputs.values },
    summary: summaryText(),
    exported: Object.fromEntries(exported),
    state: Object.fromEntries(saved)
  })
  let ended: ReturnType<typeof left> | undefined
  const callbacks: (() => void)[] = []
  interrupt?.addEventListener('abort', () => {
    for (const callback of callbacks.toReversed()) callback()
    ended = left()
  })
  let error: unknown
  let slept = 0
  const tools: StepTools = {
    runtime: readRuntime(env),
    env,
    log: {
      info: text => {
        print(lines.info)(text)
        given.onInfo?.(text)
      },
      debug: print(lines.debug),
      notice: print(lines.notices),
      warning: print(lines.warnings),
      error: (text, title = '') => void errors.push({ title, text: secrets.redact(text) })
    },
    outputs,
    summary,
    signal,
    onInterrupt: callback => void callbacks.push(callback),
    mask: secret => void secrets.add(secret),
    redact: secrets.redact,
    exportVariable: (name, value) => void exported.set(name, value),
    saveState: (name, value) => void saved.set(name, value),
    readState: name => state[name] ?? '',
    now: () => given.clock?.now() ?? Date.now() + slept,
    // Nobody waits for a poll in a test: the step's clock runs ahead by what it did not sleep.
    async sleep(ms) {
      if (given.clock !== undefined) return await given.clock.sleep(ms)
      slept += Math.max(0, ms - MAX_SLEEP_MS)
      given.onSleep?.(slept)
      await delay(Math.min(ms, MAX_SLEEP_MS), undefined, { signal })
    }
  }
  const telemetry = await startTelemetry(definition.name, tools)
  try {
    await performStep(definition, { ...tools, telemetry })
  } catch (thrown) {
    error = thrown
  }
  await telemetry?.flush(error)
  const failure = error === undefined ? undefined : await inWords(error)
  return { ...(ended ?? left()), failure, error }
}

async function inWords(error: unknown): Promise<{ title: string; text: string }> {
  const words = await describeError(error)
  if (words === undefined) return { title: 'Unexpected error', text: String(error) }
  return { title: words.title, text: words.lines.join('\n') }
}

/** The real summary, into a file that nobody else reads. */
function recordedSummary(redact: (text: string) => string) {
  const folder = mkdtempSync(join(tmpdir(), 'summary-'))
  const file = join(folder, 'summary.md')
  const summary = createSummary({ file, redact, warn: () => undefined })
  return {
    summary,
    text(): string {
      summary.flush()
      const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
      rmSync(folder, { recursive: true, force: true })
      return text
    }
  }
}

function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  )
}
