/** One deployment that waits at GitHub, and what its jobs, people and the network do about it. */
import type { Sandbox } from '@change-actions/sandbox'
import { definition as gate } from '../../actions/gate/src/main.ts'
import { definition as resumeDeployments } from '../../actions/resume-deployments/src/main.ts'
import { definition as runFlow } from '../../actions/run-flow/src/main.ts'
import type { Performed, World } from '../../actions/testing/perform.ts'
import { performPost } from '../../actions/testing/perform-post.ts'
import type { Stage } from '../github/kit.ts'
import type { RunHandle } from '../github/run-handle.ts'
import {
  type Body,
  changesOf,
  type DoorReply,
  deliver,
  FLOW,
  flowsOver,
  SECRET,
  type Sending,
  setProperty
} from './kit.ts'

const RESUME = `name: Resume
on: [workflow_dispatch]
jobs:
  resume: {}
`

export type Texts = Readonly<Record<string, string>>

/** One deployment that waits at GitHub, and what happens to it. */
export class Play {
  readonly world: World
  readonly stage: Stage
  readonly run: RunHandle
  /** What the gates of the deployment job let through so far. */
  deployments = 0

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

  get sandbox(): Sandbox {
    return this.world.sandbox
  }

  #variables(job: string, more: Texts = {}): Texts {
    return {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: String(this.run.id),
      GITHUB_SHA: this.run.sha,
      GITHUB_JOB: job,
      ...more
    }
  }

  /** The job `build` starts the flow, and follows it to its end. */
  ask(inputs: Texts = {}, attempt = 1): Promise<Performed> {
    const given = {
      flow: FLOW,
      environment: 'production',
      'signing-secret': SECRET,
      'poll-interval': '1s',
      ...inputs
    }
    const env = this.#variables('build', { GITHUB_RUN_ATTEMPT: String(attempt) })
    return this.world.perform(runFlow, { inputs: given, env })
  }

  /** The messages that were sent to the door, as they were sent. */
  get messages(): string[] {
    return this.sandbox.requests.filter(one => one.path.endsWith('/flows')).map(one => one.json ?? '')
  }

  /** The network delivers a message once more, or one that is made of it. */
  async replay(text = this.messages[0] ?? '{}', over: Body = {}, sending: Sending = {}): Promise<DoorReply> {
    const body = { ...JSON.parse(text), ...over }
    const bytes = Object.keys(over).length === 0 ? text : JSON.stringify(body)
    const reply = await deliver(this.sandbox, body, { text: bytes, ...sending })
    await flowsOver(this.sandbox)
    return reply
  }

  get change() {
    const [change] = changesOf(this.sandbox)
    return { id: change?.sys_id ?? '', approval: change?.approval ?? '', state: change?.state ?? '' }
  }

  async #asked(): Promise<string> {
    const { id } = this.change
    await this.sandbox.waitFor(() => this.sandbox.approvers(id).some(row => row.state === 'requested'))
    return id
  }

  async approve(): Promise<void> {
    this.sandbox.approve(await this.#asked())
  }

  async reject(comment: string): Promise<void> {
    this.sandbox.reject(await this.#asked(), comment)
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

  /** Decisions of resume-deployments that reached GitHub for this run. */
  get letGo(): number {
    const decides = 'actions/review-custom-gates-for-run'
    const ours = this.stage.github.requests.filter(one => one.path.includes(`/${this.run.id}/`))
    return ours.filter(one => one.operationId === decides && one.status < 400).length
  }

  /** The latch at GitHub. */
  get latch(): string | undefined {
    return this.run.gate('production')?.state
  }

  /** The job behind the latch begins with the gate, which checks the change once. */
  async enter(env: Texts = {}): Promise<Performed> {
    const inputs = {
      'change-sys-id': this.change.id,
      environment: 'production',
      timeout: '0',
      source: 'none',
      commit: this.run.sha
    }
    const step = await this.world.perform(gate, { inputs, env: this.#variables('deploy', env) })
    if (step.failure === undefined) this.deployments++
    return step
  }

  /** The job ends, and the gate's post step closes the change. */
  leave(entered: Performed): Promise<Performed> {
    this.run.finish('deploy')
    return performPost(this.world, entered, 'success', { env: this.#variables('deploy') })
  }
}
