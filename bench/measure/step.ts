import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { OAUTH_CLIENTS } from '@change-actions/sandbox'
import { parse } from 'yaml'
import { jobEnv, runAction, type StepResult } from '../../demo/runner.mjs'
import { commitFiles } from '../../packages/github-actions/src/testing/commit.ts'
import { timeToExit } from './process.ts'

export const ROOT = join(import.meta.dirname, '..', '..')

export const ACTIONS = [
  'attach-evidence',
  'check-connection',
  'create-change',
  'gate',
  'update-change',
  'wait-approval'
] as const

export type ActionName = (typeof ACTIONS)[number]

export interface MeasuredStep extends StepResult {
  /** Until the process exits. */
  readonly ms: number
}

type Texts = Readonly<Record<string, string>>

/** The script and the default inputs in `action.yml`; inputs without a default are empty, as on a runner. */
function manifestOf(action: ActionName): { readonly main: string; readonly inputs: Texts } {
  const folder = action === 'gate' ? ROOT : join(ROOT, 'actions', action)
  const { inputs, runs } = parse(readFileSync(join(folder, 'action.yml'), 'utf8'))
  const defaults = Object.entries<{ default?: unknown }>(inputs).map(([name, input]) => {
    const value = String(input.default ?? '')
    return [name, value.startsWith('${{') ? '' : value]
  })
  return { main: join(folder, runs.main), inputs: Object.fromEntries(defaults) }
}

/** A job: its workspace, and the environment that its steps share. */
export class BenchJob {
  readonly workspace: string
  readonly #root: string
  readonly #env: Record<string, string>

  /** @param instance URL of the sandbox; absent: the steps have no connection */
  constructor(instance?: string, env: Texts = {}) {
    this.#root = mkdtempSync(join(tmpdir(), 'bench-'))
    this.workspace = join(this.#root, 'work')
    mkdirSync(this.workspace)
    this.#env = jobEnv({
      root: this.#root,
      workspace: this.workspace,
      sha: commitFiles(this.workspace, {}),
      env: { ...connection(instance), ...env }
    })
  }

  /** Writes a file in the workspace. Returns its path. */
  file(name: string, content: string | Buffer): string {
    const path = join(this.workspace, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  /** Runs a step. The time includes the creation of the files for its outputs. */
  async run(action: ActionName, inputs: Texts = {}, env: Texts = {}): Promise<MeasuredStep> {
    const { main, inputs: defaults } = manifestOf(action)
    let elapsed: Promise<number> | undefined
    const started = performance.now()
    const result = await runAction({
      main,
      inputs: { ...defaults, ...inputs },
      env: { ...this.#env, ...env },
      cwd: this.workspace,
      onStart: child => {
        elapsed = timeToExit(child, started)
      }
    })
    Object.assign(this.#env, result.env)
    return { ...result, ms: (await elapsed) ?? 0 }
  }

  /** Runs a step. @throws Error with its log when it fails */
  async runSuccessfully(action: ActionName, inputs: Texts = {}, env: Texts = {}): Promise<MeasuredStep> {
    const step = await this.run(action, inputs, env)
    if (step.code !== 0) throw new Error(`${action} ended with exit code ${step.code}:\n${step.log}`)
    return step
  }

  /** Deletes the workspace. */
  delete(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }
}

function connection(instance: string | undefined): Record<string, string> {
  if (instance === undefined) return {}
  const [client] = OAUTH_CLIENTS
  return {
    SERVICENOW_INSTANCE: instance,
    SERVICENOW_CLIENT_ID: client?.id ?? '',
    SERVICENOW_CLIENT_SECRET: client?.secret ?? ''
  }
}
