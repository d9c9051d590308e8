import type { Flow } from '../flow.ts'
import type { FakeInstance } from './fake-client.ts'

export interface FakeFlow extends Flow {
  /** What was said, as `warning: …`. */
  readonly said: string[]
  /** Pauses asked for, in milliseconds. */
  readonly slept: number[]
  /** Something happens on the instance `ms` after now, while the flow sleeps. */
  at(ms: number, event: () => void): void
  /** The lines of one kind, without its name. */
  told(kind: 'info' | 'warning' | 'notice' | 'plan'): string[]
}

/** More sleeps than any flow needs: one that goes on is caught in a loop. */
const MOST_SLEEPS = 5_000

/** A flow on a fake instance. Time passes only while the flow sleeps, and then at once. */
export function flowOn(fake: FakeInstance, options: { dryRun?: boolean } = {}): FakeFlow {
  const said: string[] = []
  const slept: number[] = []
  const events: { at: number; event: () => void }[] = []
  const say = (kind: string) => (text: string) => void said.push(`${kind}: ${text}`)
  return {
    client: fake.client,
    report: { info: say('info'), warning: say('warning'), notice: say('notice'), plan: say('plan') },
    now: () => fake.now,
    random: () => 0,
    sleep: async ms => {
      slept.push(ms)
      if (slept.length > MOST_SLEEPS) throw new Error('the flow sleeps without end')
      const until = fake.now + ms
      events.sort((a, b) => a.at - b.at)
      while ((events[0]?.at ?? Number.POSITIVE_INFINITY) <= until) {
        const next = events.shift()
        fake.now = Math.max(fake.now, next?.at ?? 0)
        next?.event()
      }
      fake.now = until
    },
    dryRun: options.dryRun ?? false,
    said,
    slept,
    at: (ms, event) => void events.push({ at: fake.now + ms, event }),
    told: kind => said.filter(line => line.startsWith(`${kind}: `)).map(line => line.slice(kind.length + 2))
  }
}

/** The error a promise is rejected with; fails when it is not of that kind. */
export async function failure<E extends Error>(
  kind: new (...args: never[]) => E,
  promise: Promise<unknown>
): Promise<E> {
  const settled = await promise.then(
    value => ({ value }),
    (error: unknown) => ({ error })
  )
  if (!('error' in settled)) throw new Error(`resolved with ${JSON.stringify(settled.value)}`)
  if (settled.error instanceof kind) return settled.error
  throw settled.error
}
