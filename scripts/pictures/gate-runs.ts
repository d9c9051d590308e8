/**
 * Two deployments behind the gate, for the pictures: one that the board approves, and one that it rejects. Everything is
 * real but the clock, so each run of this file has the same results, to the second.
 */
import { createManualClock, type Sandbox } from '@change-actions/sandbox'
import { definition as gate } from '../../actions/gate/src/main.ts'
import { type Given, inWorld, type Performed, type World } from '../../actions/testing/perform.ts'
import { performPost } from '../../actions/testing/perform-post.ts'
import { changePage } from './change-page.ts'

/** What was left of the two deployments. */
export interface GateRuns {
  /** Markdown of the job summary after the job. */
  readonly summary: string
  /** The annotation of the gate whose change was rejected. */
  readonly annotation: { readonly title: string; readonly text: string }
  /** HTML of the page of the change, for an approver while the gate waits. */
  readonly page: string
}

type Clock = Required<Given>['clock']

const START = Date.UTC(2026, 10, 3, 9, 30)
const MINUTE_MS = 60_000
const POLICY = `defaults: { assignment-group: DevOps Team, risk: low }
environments:
  production: { cmdb-ci: prod-k8s-cluster, start-date: +0s, end-date: +2h, timeout: 4h, poll-interval: 1m }
`

/** A deployment in which `decide` is called once, after ten minutes of waiting. */
async function deployment(
  decide: (sandbox: Sandbox, change: string) => Promise<void>,
  then: (world: World, main: Performed, clock: Clock) => Promise<void>
): Promise<void> {
  const manual = createManualClock(START)
  const options = { now: manual.now, after: manual.after, autoApproveAfterMs: 24 * 60 * MINUTE_MS }
  await inWorld(options, async world => {
    world.policy(POLICY)
    let decided = false
    const clock: Clock = {
      now: manual.now,
      async sleep(ms) {
        manual.advance(ms)
        if (decided || manual.now() < START + 10 * MINUTE_MS) return
        decided = true
        await decide(world.sandbox, world.sandbox.rows('change_request')[0]?.sys_id ?? '')
      }
    }
    const inputs = { environment: 'production' }
    await then(world, await world.perform(gate, { inputs, clock }), clock)
  })
}

/** @throws Error when a step did not end as it should */
export async function gateRuns(): Promise<GateRuns> {
  let page: string | undefined
  let summary = ''
  let annotation: GateRuns['annotation'] | undefined
  await deployment(
    async (sandbox, change) => {
      page = await changePage(sandbox.url, change)
      sandbox.approve(change, 'anna.approver', 'Tests and plan checked. Go ahead.')
    },
    async (world, main, clock) => {
      await clock.sleep(6 * MINUTE_MS)
      const post = await performPost(world, main, 'success', { clock })
      summary = post.summary
      if (main.failure !== undefined) throw new Error(`The gate failed: ${main.failure.text}`)
    }
  )
  await deployment(
    async (sandbox, change) => sandbox.reject(change, 'The backout plan is missing.', 'ben.approver'),
    async (_, main) => {
      annotation = main.failure
    }
  )
  if (page === undefined || annotation === undefined) throw new Error('The gate ended without a decision.')
  return { summary, annotation, page }
}
