/**
 * Approvals, rejections, withdrawals, holds, faults and looks in random order: every approved change is started or its run
 * is over, and nothing else ever starts. `npm run test:long` prints the seed.
 */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { expect, it, jest } from '@jest/globals'
import { type Stage, stage } from '../../../test/github/kit.ts'
import type { RunHandle } from '../../../test/github/run-handle.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const STEPS = process.env.LONG_TESTS === 'sample' ? 400 : 10_000

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A deployment that waits, and how far it came. */
interface Deployment {
  readonly run: RunHandle
  readonly sysId: string
  phase: 'waiting' | 'let go' | 'deployed' | 'refused' | 'over'
}

const FAULTS = [
  { kind: 'lost-response', operation: 'actions/review-custom-gates-for-run' },
  { kind: 'unavailable', operation: 'actions/get-pending-deployments-for-run' },
  { kind: 'unavailable', operation: 'actions/review-custom-gates-for-run' },
  { kind: 'primary-limit', operation: 'actions/get-pending-deployments-for-run' },
  { kind: 'cut', operation: 'actions/get-reviews-for-run' }
] as const

class Play {
  readonly deployments: Deployment[] = []
  refused = 0
  started = 0

  private readonly world: World
  private readonly set: Stage
  private readonly random: () => number

  constructor(world: World, set: Stage, random: () => number) {
    this.world = world
    this.set = set
    this.random = random
  }

  private pick(): Deployment | undefined {
    const open = this.deployments.filter(one => one.phase === 'waiting' || one.phase === 'let go')
    return open[Math.floor(this.random() * open.length)]
  }

  private fields(of: Deployment): Readonly<Record<string, string | undefined>> {
    return this.world.sandbox.change(of.sysId) ?? {}
  }

  private write(of: Deployment | undefined, fields: Readonly<Record<string, string>>): void {
    if (of !== undefined) this.world.sandbox.set('change_request', of.sysId, fields)
  }

  add(): void {
    const run = this.set.shop.run('deploy.yml').finish('build')
    const runtime = readRuntime({
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: String(run.id),
      GITHUB_SHA: run.sha
    })
    const { sysId } = this.world.plantOwn({
      state: '-4',
      approval: 'requested',
      correlation_id: `deploy-${run.id}`,
      correlation_display: bindingFor(deploymentOf(runtime, { environment: 'production' }))
    })
    this.deployments.push({ run, sysId, phase: 'waiting' })
  }

  isReady(of: Deployment): boolean {
    const { state, approval, on_hold: hold } = this.fields(of)
    return state === '-2' && approval === 'approved' && hold !== 'true'
  }

  /** One sweep. What it lets go must have been ready. */
  async tick(): Promise<void> {
    const ready = new Set(this.deployments.filter(one => this.isReady(one)))
    await this.world.perform(definition, {
      inputs: { latch: 'protection-rule', 'github-token': this.set.token, 'own-token': 'ghs_0f_the_job' },
      env: { GITHUB_API_URL: this.set.github.url }
    })
    for (const one of this.deployments) {
      if (one.phase !== 'waiting') continue
      const gate = one.run.gate('production')?.state
      if (gate === 'passed') {
        expect(ready.has(one)).toBe(true)
        one.phase = 'let go'
      }
      if (gate === 'rejected') {
        expect(this.isReady(one)).toBe(false)
        one.phase = 'over'
      }
    }
  }

  /** A job that was let go looks again, claims the change, deploys and closes it. @returns whether there was one */
  look(): boolean {
    const one = this.deployments.find(each => each.phase === 'let go')
    if (one === undefined) return false
    if (!this.isReady(one)) {
      one.run.finish('deploy', 'failure')
      one.phase = 'refused'
      this.refused += 1
      return true
    }
    this.write(one, { state: '-1' })
    one.run.finish('deploy')
    this.write(one, { state: '3', close_code: 'successful' })
    one.phase = 'deployed'
    this.started += 1
    return true
  }

  async step(): Promise<void> {
    const n = this.random()
    const one = this.pick()
    if (n < 0.25 && this.deployments.length < STEPS / 10) this.add()
    else if (n < 0.45) this.write(one, { state: '-2', approval: 'approved' })
    else if (n < 0.48) this.write(one, { state: '-5', approval: 'rejected' })
    else if (n < 0.49) this.write(one, { state: '-5', approval: 'not requested' })
    else if (n < 0.53) this.write(one, { on_hold: this.random() < 0.5 ? 'true' : 'false' })
    else if (n < 0.54 && one?.phase === 'waiting') {
      one.run.cancel()
      one.phase = 'over'
    } else if (n < 0.6) {
      const fault = FAULTS[Math.floor(this.random() * FAULTS.length)]
      if (fault !== undefined) this.set.github.fault({ ...fault, times: 1 })
    } else if (n < 0.8) this.look()
    else if (n < 0.9) await this.tick()
  }
}

it(
  `lets go each approved deployment, and no other (seed ${jest.getSeed()})`,
  () =>
    inWorld({}, async world => {
      const set = await stage()
      const play = new Play(world, set, randomOf(jest.getSeed()))
      for (let n = 0; n < STEPS; n += 1) await play.step()
      // The faults are used up, and everybody looks until nothing moves.
      for (let n = 0; n < FAULTS.length + 4; n += 1) {
        await play.tick()
        while (play.look());
      }
      const left = play.deployments.filter(one => one.phase === 'waiting' && play.isReady(one))
      expect(left.map(one => one.run.id)).toEqual([])
      expect(play.started).toBeGreaterThan(0)
      await set.github.stop()
    }),
  20 * 60_000
)
