import { inputMeta, type Shape, type Values } from './field.ts'

/**
 * Resolved values as JSON, for the action's post step: it gets what the main step worked with, not what the
 * environment says by then.
 *
 * @throws Error for a secret or a certificate: these never go into the saved state, which is a file on the runner
 */
export function savedValues<S extends Shape, K extends keyof S & string>(
  shape: S,
  values: Pick<Values<S>, K>,
  keys: readonly K[]
): string {
  refuseSecrets(shape, keys)
  return JSON.stringify(Object.fromEntries(keys.map(key => [key, values[key]])))
}

/**
 * The values that `savedValues` made a text of. What is not among `keys` is left out; a value that was not given is
 * undefined.
 *
 * @throws SyntaxError for a text that is no JSON, TypeError for one that holds no values
 */
export function restoreValues<S extends Shape, K extends keyof S & string>(
  shape: S,
  text: string,
  keys: readonly K[]
): Pick<Values<S>, K> {
  refuseSecrets(shape, keys)
  const saved: unknown = JSON.parse(text)
  if (typeof saved !== 'object' || saved === null) throw new TypeError('the saved state holds no values')
  const values = saved as Readonly<Record<string, unknown>>
  return Object.fromEntries(keys.map(key => [key, values[key]])) as Pick<Values<S>, K>
}

function refuseSecrets(shape: Shape, keys: readonly string[]): void {
  for (const key of keys) {
    const { secret, transient } = inputMeta(shape[key] as Shape[string])
    if (secret || transient) throw new Error(`${key} must not be kept`)
  }
}
