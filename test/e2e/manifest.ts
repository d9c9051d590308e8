/** What the runner reads of an action: `action.yml`, with the bundle it points to. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export type ActionName =
  | 'attach-evidence'
  | 'audit-deployments'
  | 'resume-deployments'
  | 'check-connection'
  | 'create-change'
  | 'run-flow'
  | 'preview-change'
  | 'sandbox'
  | 'send-event'
  | 'update-change'
  | 'wait-approval'

export interface Manifest {
  /** Absolute path of the bundle. */
  readonly main: string
  /** Every declared input with its default, expressions unevaluated; '' where there is none. */
  readonly inputs: Readonly<Record<string, string>>
  readonly outputs: readonly string[]
}

const actions = join(import.meta.dirname, '..', '..', 'actions')

const known = new Map<ActionName, Manifest>()

export function manifestOf(action: ActionName): Manifest {
  const manifest = known.get(action) ?? read(action)
  known.set(action, manifest)
  return manifest
}

function read(action: ActionName): Manifest {
  const folder = join(actions, action)
  const file = join(folder, 'action.yml')
  const { inputs, outputs, runs } = parse(readFileSync(file, 'utf8'))
  return {
    main: join(folder, runs.main),
    inputs: Object.fromEntries(
      Object.entries<{ default?: unknown }>(inputs).map(([name, input]) => [
        name,
        String(input.default ?? '')
      ])
    ),
    outputs: Object.keys(outputs)
  }
}
