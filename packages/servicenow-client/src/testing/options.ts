import type { ClientOptions } from '../client.ts'
import { type ClientCode, type ClientProblem, isClientProblem } from '../problems/codes.ts'

export interface TestOptions extends ClientOptions {
  /** The pauses before retries, in milliseconds; the clock goes on at once. */
  readonly pauses: number[]
  readonly secrets: string[]
}

/** Options of a client that signs in with a bearer token, retries nothing and never sleeps. */
export function testOptions(instance: string, more: Partial<ClientOptions> = {}): TestOptions {
  const pauses: number[] = []
  let slept = 0
  const secrets: string[] = []
  return {
    instance,
    api: 'change-management',
    credentials: { scheme: 'bearer', token: 'token-1' },
    userAgent: 'tests/1',
    requestTimeoutMs: 5_000,
    maxRetries: 0,
    now: () => Date.now() + slept,
    sleep: async ms => {
      slept += ms
      pauses.push(ms)
    },
    random: () => 0,
    onSecret: secret => void secrets.push(secret),
    pauses,
    secrets,
    ...more
  }
}

/** The problem of that code which a promise is rejected with; fails when it is resolved, or rejected otherwise. */
export async function problemOf<C extends ClientCode>(
  code: C,
  promise: Promise<unknown>
): Promise<ClientProblem<C>> {
  const settled = await promise.then(
    value => ({ value }),
    (error: unknown) => ({ error })
  )
  if (!('error' in settled)) throw new Error(`resolved with ${JSON.stringify(settled.value)}`)
  if (isClientProblem(settled.error, code)) return settled.error
  throw settled.error
}
