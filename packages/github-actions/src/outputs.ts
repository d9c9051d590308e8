import * as core from '@actions/core'

/** What an output may hold. Lists and maps are written as JSON. */
export type OutputValue = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>

/** The outputs of the step. */
export interface Outputs {
  /**
   * Writes one output at once, so that a later failure or kill loses nothing; a second value replaces the first, and
   * an equal one writes nothing.
   * @throws TypeError for a value that no later step could read (undefined, null, NaN) or a malformed name.
   */
  set(name: string, value: OutputValue): void
  /** What was written so far, as later steps will read it. */
  readonly values: Readonly<Record<string, string>>
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/

/** Outputs in the runner's file (`GITHUB_OUTPUT`). Without such a file they are only remembered. */
export function createOutputs(): Outputs {
  const values: Record<string, string> = {}
  return {
    values,
    set(name, value) {
      if (!NAME.test(name)) throw new TypeError(`"${name}" cannot be the name of an output`)
      const text = outputText(name, value)
      if (Object.hasOwn(values, name) && values[name] === text) return
      if (process.env.GITHUB_OUTPUT) core.setOutput(name, text)
      values[name] = text
    }
  }
}

function outputText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value)
  const json = typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined
  if (json === undefined) throw new TypeError(`Output ${name} cannot be ${String(value)}`)
  return json
}
