/** Runs an action's step in the process of the test, against a sandbox, and tells what a user would see of it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { StepDefinition } from '@change-actions/github-actions'
import { OAUTH_CLIENTS, type Sandbox, type SandboxOptions, startSandbox } from '@change-actions/sandbox'
import type { Shape } from '../../packages/github-actions/src/inputs/field.ts'
import { describeError } from '../../packages/github-actions/src/messages/describe-error.ts'
import { createOutputs } from '../../packages/github-actions/src/outputs.ts'
import { createSecrets } from '../../packages/github-actions/src/secrets.ts'
import { performStep } from '../../packages/github-actions/src/step/run-step.ts'
import { readRuntime } from '../../packages/github-actions/src/step/runtime.ts'
import { createSummary } from '../../packages/github-actions/src/summary.ts'

const MAX_SLEEP_MS = 5

/** What is left of a step. */
export interface Performed {
  readonly outputs: Readonly<Record<string, string>>
  /** Lines of the log by level, secrets replaced. */
  readonly info: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
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
}

/** A job on a runner, with an instance to itself. */
export interface World {
  readonly sandbox: Sandbox
  /** An empty folder: the workspace of the job. */
  readonly workspace: string
  /** Puts a change into the instance as it is, past all rules. */
  plant(fields?: Readonly<Record<string, string>>): { readonly number: string; readonly sysId: string }
  /** Runs a step; variables that it exports reach the later ones. */
  perform<S extends Shape>(definition: StepDefinition<S>, given?: Given): Promise<Performed>
}

/**
 * Runs a test in a world of its own. Approvers approve at once; `autoApproveAfterMs: 600_000` leaves it to the test. A
 * wait that is to end without an approval needs `timeout: 0` or a signal.
 */
export async function inWorld(
  options: SandboxOptions & { readonly api?: 'change-management' | 'table' },
  body: (world: World) => Promise<void>
): Promise<void> {
  const { api = 'change-management', ...settings } = options
  const sandbox = await startSandbox({ approvalDelayMs: 5, autoApproveAfterMs: 5, ...settings })
  const workspace = mkdtempSync(join(tmpdir(), 'action-'))
  const exported: Record<string, string> = {}
  const base = { ...jobVariables(sandbox, workspace), SERVICENOW_API: api }
  try {
    await body({
      sandbox,
      workspace,
      plant(fields = {}) {
        const sysId = sandbox.insert('change_request', { short_description: 'Deploy the shop', ...fields })
        return { sysId, number: sandbox.change(sysId)?.number ?? '' }
      },
      async perform(definition, given = {}) {
        const performed = await perform(definition, { ...base, ...exported, ...given.env }, given)
        Object.assign(exported, performed.exported)
        return performed
      }
    })
  } finally {
    await sandbox.stop()
    rmSync(workspace, { recursive: true, force: true })
  }
}

async function perform<S extends Shape>(
  definition: StepDefinition<S>,
  variables: Readonly<Record<string, string>>,
  { inputs = {}, state = {}, interrupt, onInfo, signal = interrupt ?? new AbortController().signal }: Given
): Promise<Performed> {
  const env = { ...variables, ...inputVariables(inputs) }
  const secrets = createSecrets()
  const lines = { info: [] as string[], notices: [] as string[], warnings: [] as string[] }
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
    errors: [...errors],
    outputs: { ...outputs.values },
    summary: summaryText(),
    exported: Object.fromEntries(exported),
    state: Object.fromEntries(saved)
  })
  let ended: ReturnType<typeof left> | undefined
  const callbacks: (() => void)[] = []
  interrupt?.addEventListener('abort', () => {
    for (const callback of callbacks) callback()
    ended = left()
  })
  let error: unknown
  let slept = 0
  try {
    await performStep(definition, {
      runtime: readRuntime(env),
      env,
      log: {
        info: text => {
          print(lines.info)(text)
          onInfo?.(text)
        },
        debug: () => undefined,
        notice: print(lines.notices),
        warning: print(lines.warnings),
        error: (text, title = '') => void errors.push({ title, text: secrets.redact(text) }),
        group: print(lines.info),
        endGroup: () => undefined
      },
      outputs,
      summary,
      signal,
      onInterrupt: callback => void callbacks.push(callback),
      mask: secret => void secrets.add(secret),
      exportVariable: (name, value) => void exported.set(name, value),
      saveState: (name, value) => void saved.set(name, value),
      readState: name => state[name] ?? '',
      now: () => Date.now() + slept,
      // Nobody waits for a poll in a test: the step's clock runs ahead by what it did not sleep.
      async sleep(ms) {
        slept += Math.max(0, ms - MAX_SLEEP_MS)
        await delay(Math.min(ms, MAX_SLEEP_MS), undefined, { signal })
      }
    })
  } catch (thrown) {
    error = thrown
  }
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

/** The job's environment: the runner's variables, the instance, and the deployer's OAuth client. */
function jobVariables(sandbox: Sandbox, workspace: string): Record<string, string> {
  const [client] = OAUTH_CLIENTS
  return {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_REPOSITORY_ID: '77',
    GITHUB_WORKFLOW: 'Deploy',
    GITHUB_RUN_ID: '1001',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'deploy',
    GITHUB_ACTION: 'change',
    GITHUB_SHA: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_ACTOR: 'kim',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_WORKSPACE: workspace,
    SERVICENOW_INSTANCE: sandbox.url,
    SERVICENOW_CLIENT_ID: client?.id ?? '',
    SERVICENOW_CLIENT_SECRET: client?.secret ?? ''
  }
}
