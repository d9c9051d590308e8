/** Performs runs of the actions, and keeps the measures that they send. Real are the actions, the sandbox and what is sent. */
import { createManualClock, type ManualClock } from '@change-actions/sandbox'
import { definition as checkConnection } from '../../../actions/check-connection/src/main.ts'
import { definition as gate } from '../../../actions/gate/src/main.ts'
import { type Given, inWorld, type World } from '../../../actions/testing/perform.ts'
import { performPost } from '../../../actions/testing/perform-post.ts'
import { type Receiver, startReceiver } from '../../../packages/telemetry/src/testing/receiver.ts'
import { performHeld } from './held.ts'
import { END, type Planned } from './week.ts'

const MINUTE_MS = 60_000

/** How long the instance takes for a response, usually, and how much longer to create a change. */
const LATENCY_MS = 160
const CREATION_MS = 1_100

const POLICY = `defaults: { assignment-group: DevOps Team, risk: low, on-failure: close, on-cancel: close }
environments:
  production: { cmdb-ci: prod-k8s-cluster, start-date: +0s, end-date: +4h, timeout: 8h, poll-interval: 4m }
  staging: { cmdb-ci: prod-k8s-cluster, start-date: +0s, end-date: +4h, timeout: 8h, poll-interval: 2m }
`

/** A request to `/v1/metrics`, as a step sent it. */
export interface Sent {
  /** Epoch milliseconds, by the clock of the step. */
  readonly at: number
  readonly body: string
}

export type Clock = Required<Given>['clock']

/**
 * Performs the runs one after the other, each on an instance and a clock of its own.
 *
 * @returns what they sent, in the order of its time
 * @throws Error when a run ended in another way than it should, or sent what is not OTLP
 */
export async function perform(planned: readonly Planned[]): Promise<Sent[]> {
  const receiver = await startReceiver()
  try {
    for (const one of planned) await performOne(one, receiver.url)
    if (receiver.refused.length > 0) throw new Error(`Not OTLP: ${receiver.refused[0]}`)
    return sentTo(receiver)
  } finally {
    await receiver.close()
  }
}

function sentTo({ requests }: Receiver): Sent[] {
  const sent = requests.map(({ text }) => ({ nanoseconds: timeOf(text), body: text }))
  // The collector drops what is older than what it has, if only by a nanosecond.
  const inOrder = sent.sort((one, other) => (one.nanoseconds < other.nanoseconds ? -1 : 1))
  // A step that still waited was ended by the end of the week: what it sent then is left out.
  return inOrder
    .map(({ nanoseconds, body }) => ({ at: Number(nanoseconds / 1_000_000n), body }))
    .filter(({ at }) => at < END)
}

function timeOf(body: string): bigint {
  const [, nanoseconds] = /"timeUnixNano":"(\d+)"/.exec(body) ?? []
  if (nanoseconds === undefined) throw new Error(`There is no time in ${body}`)
  return BigInt(nanoseconds)
}

async function performOne(planned: Planned, otlp: string): Promise<void> {
  const manual = createManualClock(planned.at)
  const env = {
    GITHUB_REPOSITORY: planned.target.repository,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_TRACES_EXPORTER: 'none'
  }
  await inWorld(
    { ...instanceOn(manual, planned.slowness), autoApproveAfterMs: 2_000 * MINUTE_MS },
    async world => {
      world.policy(POLICY)
      const { sandbox } = world
      sandbox.fault({ kind: 'latency', method: 'POST', path: '/sn_chg_rest/v1/change', ms: CREATION_MS })
      if (planned.unavailable > 0)
        sandbox.fault({ kind: 'unavailable', path: '/api/', times: planned.unavailable })
      if (planned.kind === 'held') await performHeld(world, planned, env, manual)
      else if (planned.kind === 'check') await world.perform(checkConnection, { env, clock: clockOf(manual) })
      else await performGate(world, planned, env, manual)
    }
  )
}

/** An instance whose responses take time by the manual clock: a delay moves it. */
function instanceOn(manual: ManualClock, slowness: number) {
  const after: ManualClock['after'] = (ms, task) => {
    const isResponse = ms >= LATENCY_MS && ms < MINUTE_MS
    if (!isResponse) return manual.after(ms, task)
    manual.advance(Math.round(ms * slowness))
    const soon = setImmediate(task)
    return () => clearImmediate(soon)
  }
  return { now: manual.now, after, latencyMs: LATENCY_MS }
}

function clockOf(manual: ManualClock): Clock {
  return { now: manual.now, sleep: async ms => manual.advance(ms) }
}

type Env = Readonly<Record<string, string>>

async function performGate(world: World, planned: Planned, env: Env, manual: ManualClock): Promise<void> {
  const { kind, target, decidedAfterMs } = planned
  const interrupt = new AbortController()
  const inputs = {
    environment: target.environment,
    ...(kind === 'refused' ? { 'assignment-group': 'No Such Group' } : {})
  }
  let decided = false
  const clock: Clock = {
    now: manual.now,
    async sleep(ms) {
      manual.advance(ms)
      if (kind === 'waiting') await delivered()
      if (kind === 'waiting' && manual.now() >= END) interrupt.abort()
      if (kind === 'waiting' || decided || manual.now() < planned.at + decidedAfterMs) return
      decided = true
      decide(world, kind)
    }
  }
  const main = await world.perform(gate, { inputs, env, clock, interrupt: interrupt.signal })
  const isOver = ['waiting', 'refused', 'rejected'].includes(kind)
  if ((main.failure !== undefined) !== isOver)
    throw new Error(`A run that was to end as ${kind}: ${main.failure?.text ?? 'it passed'}`)
  if (kind === 'waiting') return
  manual.advance(3 * MINUTE_MS)
  const status = kind === 'success' || kind === 'cancelled' ? kind : 'failure'
  await performPost(world, main, status, { env, clock })
}

function decide({ sandbox }: World, kind: Planned['kind']): void {
  const change = sandbox.rows('change_request')[0]?.sys_id ?? ''
  if (kind === 'rejected') sandbox.reject(change, 'Not during the sale.', 'ben.approver')
  else sandbox.approve(change, 'anna.approver', 'Go ahead.')
}

/** A value that a waiting step sends is on its way while it sleeps; here it sleeps no time. */
function delivered(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 5))
}
