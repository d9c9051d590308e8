/** What the runner reads of an action: `action.yml`, with the bundle it points to. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export type ActionName =
  | 'attach-evidence'
  | 'check-connection'
  | 'create-change'
  | 'gate'
  | 'update-change'
  | 'wait-approval'

export interface Manifest {
  /** Absolute path of the bundle. */
  readonly main: string
  /** The bundle of the post step, where there is one. */
  readonly post: string | undefined
  /** Every declared input with its default, expressions unevaluated; '' where there is none. */
  readonly inputs: Readonly<Record<string, string>>
  readonly outputs: readonly string[]
}

const repository = join(import.meta.dirname, '..', '..')

export function manifestOf(action: ActionName): Manifest {
  // The gate is the root action.
  const folder = action === 'gate' ? repository : join(repository, 'actions', action)
  const file = join(folder, 'action.yml')
  const { inputs, outputs, runs } = parse(readFileSync(file, 'utf8'))
  return {
    main: join(folder, runs.main),
    post: runs.post === undefined ? undefined : join(folder, runs.post),
    inputs: Object.fromEntries(
      Object.entries<{ default?: unknown }>(inputs).map(([name, input]) => [
        name,
        String(input.default ?? '')
      ])
    ),
    outputs: Object.keys(outputs)
  }
}
