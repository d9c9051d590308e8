import { inputMeta, type Shape, type Values } from './field.ts'

/**
 * Resolved values as JSON holds them, for the action's post step: it gets what the main step worked with, not what the
 * environment says by then.
 *
 * @throws Error for a secret or a certificate: these never go into the saved state, which is a file on the runner
 */
export function savedValues<S extends Shape, K extends keyof S & string>(
  shape: S,
  values: Pick<Values<S>, K>,
  keys: readonly K[]
): Readonly<Record<string, unknown>> {
  refuseSecrets(shape, keys)
  return Object.fromEntries(keys.map(key => [key, values[key]]))
}

/** The values that `savedValues` kept. What is not among `keys` is left out; one that was not given is undefined. */
export function restoreValues<S extends Shape, K extends keyof S & string>(
  shape: S,
  saved: Readonly<Record<string, unknown>>,
  keys: readonly K[]
): Pick<Values<S>, K> {
  refuseSecrets(shape, keys)
  return Object.fromEntries(keys.map(key => [key, saved[key]])) as Pick<Values<S>, K>
}

function refuseSecrets(shape: Shape, keys: readonly string[]): void {
  for (const key of keys) {
    const { secret, transient } = inputMeta(shape[key] as Shape[string])
    if (secret || transient) throw new Error(`${key} must not be kept`)
  }
}
