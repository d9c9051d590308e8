/** One deployment that waits at GitHub, and what people, messages and jobs do about it. */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { definition as resumeDeployments } from '../../actions/resume-deployments/src/main.ts'
import type { Performed, World } from '../../actions/testing/perform.ts'
import { definition as updateChange } from '../../actions/update-change/src/main.ts'
import { definition as waitApproval } from '../../actions/wait-approval/src/main.ts'
import type { Stage } from '../github/kit.ts'
import type { RunHandle } from '../github/run-handle.ts'
import {
  type Body,
  changesOf,
  type DoorReply,
  deliver,
  FLOW,
  flowsOver,
  messageOf,
  setProperty
} from './kit.ts'

const RESUME = `name: Resume
on: [workflow_dispatch]
jobs:
  resume: {}
`

/** One deployment that waits at GitHub, and what happens to it. */
export class Play {
  readonly world: World
  readonly stage: Stage
  readonly run: RunHandle

  constructor(world: World, stage: Stage) {
    this.world = world
    this.stage = stage
    stage.shop.commit({ files: { '.github/workflows/resume.yml': RESUME } })
    this.run = stage.shop.run('deploy.yml').finish('build')
    const permissions = { actions: 'write' as const }
    const token = stage.github.token({
      kind: 'fine-grained',
      user: 'olivia',
      permissions,
      repositories: [stage.shop]
    })
    setProperty(world.sandbox, 'github_api', stage.github.url)
    setProperty(world.sandbox, 'github_repository', 'acme/shop')
    setProperty(world.sandbox, 'github_token', token)
  }

  get #variables() {
    return {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: String(this.run.id),
      GITHUB_SHA: this.run.sha
    }
  }

  /** The message of run-flow. */
  message(over: Body = {}): Body {
    const binding = bindingFor(deploymentOf(readRuntime(this.#variables), { environment: 'production' }))
    return messageOf('flow', FLOW, {
      run_id: String(this.run.id),
      commit: this.run.sha,
      correlation_id: `gha-${this.run.id}`,
      correlation_display: binding,
      ...over
    })
  }

  async ask(over: Body = {}): Promise<DoorReply> {
    const reply = await deliver(this.world.sandbox, this.message(over))
    await flowsOver(this.world.sandbox)
    return reply
  }

  get change() {
    const [change] = changesOf(this.world.sandbox)
    return { id: change?.sys_id ?? '', approval: change?.approval ?? '', state: change?.state ?? '' }
  }

  async approve(): Promise<void> {
    const { sandbox } = this.world
    const { id } = this.change
    await sandbox.waitFor(() => sandbox.approvers(id).some(row => row.state === 'requested'))
    sandbox.approve(id)
  }

  /** Runs of the workflow that the poke starts. */
  get pokes(): RunHandle[] {
    return this.stage.shop.runs.filter(run => run.event === 'workflow_dispatch')
  }

  /** Waits until a poke has arrived at GitHub, whether it was taken or not. */
  poked(): Promise<unknown> {
    const sent = () =>
      this.stage.github.requests.some(one => one.operationId === 'actions/create-workflow-dispatch')
    return this.stage.github.waitFor(sent, 20_000)
  }

  /** What the started workflow, or the schedule, does. */
  resume(): Promise<Performed> {
    const inputs = {
      latch: 'protection-rule',
      'github-token': this.stage.token,
      'own-token': 'ghs_0f_the_job'
    }
    return this.world.perform(resumeDeployments, { inputs, env: { GITHUB_API_URL: this.stage.github.url } })
  }

  get gate(): string | undefined {
    return this.run.gate('production')?.state
  }

  /** The job behind the gate: it checks the change once. */
  check(): Promise<Performed> {
    const inputs = {
      'change-sys-id': this.change.id,
      environment: 'production',
      timeout: '0',
      'edits-after-submission': 'ignore',
      source: 'none',
      commit: this.run.sha
    }
    return this.world.perform(waitApproval, { inputs, env: this.#variables })
  }

  async move(inputs: Readonly<Record<string, string>>): Promise<Performed> {
    const given = { 'change-sys-id': this.change.id, environment: 'production', ...inputs }
    return this.world.perform(updateChange, { inputs: given, env: this.#variables })
  }
}
