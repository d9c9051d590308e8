/** Deployments, people, jobs and sweeps, which act in an order that a seed decides. */
import { bindingFor } from '@change-actions/change-operations'
import type { Stage } from '../../../../test/github/kit.ts'
import type { World } from '../../../testing/perform.ts'
import { definition } from '../main.ts'
import { claim, jobOf } from './claim.ts'
import type { Asked, Ended, PlayedLatch, Start } from './latches.ts'
import { type Cut, type PlayClock, SweepProxies } from './sweep-proxy.ts'

export interface PlaySettings {
  readonly world: World
  readonly set: Stage
  readonly clock: PlayClock
  readonly latch: PlayedLatch
  readonly name: string
  readonly random: () => number
}

const MINUTE = 60_000
const DEPLOYMENTS_AT_ONCE = 12
const LEFT_AT_ONCE = 6
const OVER_AT_ONCE = 40
const stored = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, 19)

export class Play {
  readonly asked: Asked[] = []
  /** What must not happen, in words. */
  readonly violations: string[] = []
  readonly counts = {
    ...{ starts: 0, extra: 0, deployed: 0, failed: 0, refused: 0, left: 0 },
    ...{ cut: 0, beside: 0, sweeps: 0 }
  }

  readonly #settings: PlaySettings
  readonly #proxies: SweepProxies
  /** Ready at some moment since the sweeps that run began. */
  readonly #readySince = new Set<Asked>()
  readonly #running = new Set<Promise<void>>()

  constructor(settings: PlaySettings) {
    this.#settings = settings
    this.#proxies = new SweepProxies(settings.set.github.url, settings.clock, {
      latency: () => 50 + this.#below(250),
      before: () => this.#between(),
      after: () => this.#noteStarts()
    })
    settings.latch.prepare(settings.set.shop)
  }

  get open(): Asked[] {
    return this.asked.filter(one => !one.isOver && one.leftBy === undefined)
  }

  /** Deployed, or failed on the way, and the change is in Implement still. */
  get left(): Asked[] {
    return this.asked.filter(one => !one.isOver && one.leftBy !== undefined)
  }

  isReady({ sysId }: Asked): boolean {
    const { sandbox } = this.#settings.world
    const change = sandbox.change(sysId)
    const start = change?.start_date ?? ''
    const isOpen = start === '' || start <= stored(this.#settings.clock.time)
    if (change?.on_hold === 'true' || !isOpen) return false
    return change?.state === '-2' && change.approval === 'approved'
  }

  #below(count: number): number {
    return Math.floor(this.#settings.random() * count)
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#below(list.length)]
  }

  #write(one: Asked | undefined, fields: Readonly<Record<string, string>>): void {
    if (one === undefined) return
    this.#settings.world.sandbox.set('change_request', one.sysId, fields)
    if (this.isReady(one)) this.#readySince.add(one)
  }

  #add(): void {
    const { world, set, latch, clock, random } = this.#settings
    if (this.open.length >= DEPLOYMENTS_AT_ONCE) return
    const run = latch.ask(set.shop)
    const start = random() < 0.2 ? { start_date: stored(clock.time + random() * 120 * MINUTE) } : {}
    const { sysId, number } = world.plantOwn({
      state: '-4',
      approval: 'requested',
      correlation_id: `deploy-${run.id}`,
      correlation_display: bindingFor(jobOf(run).deployment),
      ...start
    })
    this.asked.push({ run, sysId, number, starts: [], isOver: false, leftBy: undefined, isGone: false })
  }

  /** One thing that people or jobs do. */
  async act(): Promise<void> {
    const { random, set, latch } = this.#settings
    // A change that a job has in Implement is that job's.
    const one = this.#pick(this.open.filter(each => this.#state(each) !== '-1'))
    const n = random()
    if (n < 0.2) this.#add()
    else if (n < 0.45) this.#write(one, { state: '-2', approval: 'approved' })
    else if (n < 0.48) this.#write(one, { state: '-5', approval: 'rejected' })
    else if (n < 0.5) this.#write(one, { state: '-5', approval: 'not requested' })
    else if (n < 0.54) this.#write(one, { on_hold: random() < 0.5 ? 'true' : 'false' })
    else if (n < 0.55 && one?.starts.every(start => start.isEnded)) this.#vanish(one)
    else if (n < 0.56) this.#tidy(this.#pick(this.left))
    else if (n < 0.6) {
      const kind = this.#pick(['lost-response', 'unavailable', 'primary-limit', 'cut'] as const) ?? 'cut'
      set.github.fault({ kind, operation: this.#pick(latch.faults) ?? '', times: 1 })
    } else await this.look()
  }

  #state({ sysId }: Asked): string {
    return this.#settings.world.sandbox.change(sysId)?.state ?? ''
  }

  /** Its run is deleted. Somebody cancels the change then. */
  #vanish(one: Asked): void {
    one.run.remove()
    one.isOver = true
    this.#write(one, { state: '4' })
  }

  /** Somebody writes to a change that was left in Implement, or closes it. */
  #tidy(one: Asked | undefined): void {
    if (one === undefined) return
    const isClosed = this.#settings.random() < 0.3
    const note = { description: `Seen at ${stored(this.#settings.clock.time)}` }
    this.#write(one, isClosed ? { state: '3', close_code: 'successful' } : note)
    one.isOver = isClosed
  }

  /** Old records are deleted, and not too many changes are left open: a long play is as fast in its end as at first. */
  #clean(): void {
    const { sandbox } = this.#settings.world
    const [left] = this.left
    if (left !== undefined && this.left.length > LEFT_AT_ONCE) {
      this.#write(left, { state: '3', close_code: 'successful' })
      left.isOver = true
    }
    const over = this.asked.filter(one => one.isOver && !one.isGone)
    for (const one of over.slice(0, Math.max(0, over.length - OVER_AT_ONCE))) {
      for (const run of new Set([one.run, ...one.starts.map(start => start.run)])) run.remove()
      sandbox.remove('change_request', one.sysId)
      one.isGone = true
    }
  }

  /** One step of the play: an act, or a sweep now and then. */
  async step(): Promise<void> {
    const { clock, random } = this.#settings
    clock.time += random() * 2 * MINUTE
    this.#clean()
    const n = random()
    if (n < 0.86) await this.act()
    else if (n < 0.975) await this.sweep()
    // Killed, early or late, with or without the effect of its last request.
    else await this.sweep({ request: 1 + this.#below(8), carriedOut: random() < 0.5 })
  }

  /** A sweep and those that begin beside it, to their end. */
  async sweep(cut?: Cut): Promise<void> {
    await this.#begin(cut)
    while (this.#running.size > 0) await Promise.all(this.#running)
    this.#readySince.clear()
  }

  async #begin(cut?: Cut): Promise<void> {
    const { world, set, latch, name } = this.#settings
    for (const one of this.open) if (this.isReady(one)) this.#readySince.add(one)
    this.counts.sweeps += 1
    const proxy = await this.#proxies.open(cut)
    const performed = world.perform(definition, {
      inputs: {
        latch: name,
        'github-token': set.app.install('acme').token(),
        'own-token': 'ghs_0f_the_job',
        ...latch.inputs
      },
      env: { GITHUB_API_URL: proxy.url, GITHUB_RUN_ID: String(this.counts.sweeps) },
      clock: proxy
    })
    const ended = performed.then(async ({ failure }) => {
      if (proxy.isCut()) this.counts.cut += 1
      else if (failure !== undefined)
        this.violations.push(`a sweep failed: ${failure.title}: ${failure.text}`)
      await proxy.close()
      this.#running.delete(ended)
    })
    this.#running.add(ended)
  }

  /** Before a request of a sweep passes: now and then a poke starts a sweep beside it, or somebody acts. */
  async #between(): Promise<void> {
    const { random } = this.#settings
    const n = random()
    // More often than with the concurrency group of the published workflow, which leaves one sweep at a time.
    if (n < 0.001 && this.#proxies.running < 2) {
      this.counts.beside += 1
      await this.#begin()
    } else if (n < 0.008) await this.act()
  }

  #noteStarts(): void {
    const { set, latch } = this.#settings
    if (set.github.requests.at(-1)?.method === 'get') return
    for (const one of this.open)
      for (const run of latch.started(set.shop, one)) {
        const isReady = this.isReady(one)
        const isSecond = one.starts.some(start => !start.isEnded)
        this.counts.starts += 1
        if (!isReady || isSecond) this.counts.extra += 1
        if (!isReady && !this.#readySince.has(one))
          this.violations.push(`${one.number} was never ready, and run ${run.id} was started`)
        one.starts.push({ run, attempt: run.attempt, isClaimed: false, isEnded: false })
      }
    for (const one of this.left)
      for (const run of latch.started(set.shop, one)) {
        this.violations.push(
          `run ${one.leftBy?.id} began to deploy under ${one.number}, and run ${run.id} was started`
        )
        one.isOver = true
      }
    for (const one of this.open)
      if (one.run.gate('production')?.state === 'rejected') {
        if (this.isReady(one) && !this.#readySince.has(one))
          this.violations.push(`${one.number} is approved, and run ${one.run.id} was rejected`)
        one.isOver = true
      }
  }

  /**
   * The jobs of one deployment go on: one that has its change deploys and closes it, or leaves it as it is; otherwise all
   * that were started claim it, at the same time.
   *
   * @returns whether there was one
   */
  async look(): Promise<boolean> {
    const one = this.#pick(this.open.filter(each => each.starts.some(start => !start.isEnded)))
    if (one === undefined) return false
    const holder = one.starts.find(start => start.isClaimed && !start.isEnded)
    if (holder === undefined) await this.#claim(one)
    else this.#deploy(one, holder)
    return true
  }

  #deploy(one: Asked, holder: Start): void {
    const n = this.#settings.random()
    this.#end(holder, n < 0.05 ? 'failed' : 'deployed')
    if (n < 0.1) {
      // ServiceNow could not be reached when the change was to be closed, or the policy leaves that to people.
      one.leftBy = holder.run
      this.counts.left += 1
      return
    }
    this.#write(one, { state: '3', close_code: 'successful' })
    one.isOver = true
  }

  async #claim(one: Asked): Promise<void> {
    const { latch, clock, world, set } = this.#settings
    const starts = one.starts.filter(start => !start.isEnded)
    const runs = new Map(set.shop.runs.map(run => [String(run.id), run]))
    const runIsOver = async (id: string) => (runs.get(id)?.status ?? 'completed') === 'completed'
    const wasReady = this.isReady(one)
    for (const start of starts) latch.begin(start)
    const shared = {
      now: () => clock.time,
      sleep: async (ms: number) => {
        clock.time += ms
      }
    }
    const claims = await Promise.all(
      starts.map(({ run }) => claim(world.sandbox.url, shared, { run, sysId: one.sysId, runIsOver }))
    )
    for (const [n, start] of starts.entries()) {
      start.isClaimed = claims[n] === true
      if (!start.isClaimed) this.#end(start, 'refused')
    }
    const winners = claims.filter(won => won).length
    if (winners > 1) this.violations.push(`${winners} runs claimed ${one.number}`)
    if (winners === 0 && wasReady) this.violations.push(`no run could claim ${one.number}`)
    if (winners > 0 && !wasReady) this.violations.push(`${one.number} was claimed and is not approved`)
    if (winners === 0 && !latch.waitsAgain) one.isOver = true
  }

  #end(start: Start, result: Ended): void {
    start.isEnded = true
    this.#settings.latch.end(start, result)
    this.counts[result] += 1
  }

  /** Sweeps and jobs until nothing moves. @returns what is approved, and was not started */
  async drain(): Promise<readonly Asked[]> {
    const { clock } = this.#settings
    // Faults that are left are used up, windows open, and what ended a moment ago is started again.
    for (let n = 0; n < 30; n += 1) {
      clock.time += 20 * MINUTE
      await this.sweep()
      while (await this.look());
    }
    return this.open.filter(one => this.isReady(one))
  }
}
