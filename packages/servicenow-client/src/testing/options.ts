import type { ClientOptions } from '../client.ts'

export interface TestOptions extends ClientOptions {
  /** The pauses before retries, in milliseconds; the clock goes on at once. */
  readonly pauses: number[]
  readonly secrets: string[]
}

/** Options of a client that signs in with a bearer token, retries nothing and sleeps never. */
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

/** The error a promise is rejected with; fails when it is not. */
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
