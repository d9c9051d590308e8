/** The scripts a runner starts, and the inputs it hands them: read from each action's `action.yml`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A step as it is started; the gate is the action at the root, and has one before and one after the deployment. */
export type Script =
  | 'attach-evidence'
  | 'create-change'
  | 'gate'
  | 'gate, post'
  | 'run-flow'
  | 'send-event'
  | 'update-change'
  | 'wait-approval'

export interface Bundle {
  /** Absolute path of the script. */
  readonly main: string
  /** Every declared input with its default; without one it is there and empty. */
  readonly defaults: Readonly<Record<string, string>>
}

const root = join(import.meta.dirname, '..', '..')

const CONTEXTS: Readonly<Record<string, string>> = {
  '${{ job.status }}': 'success',
  '${{ job.workflow_ref }}': '',
  '${{ strategy.job-index }}': '0',
  '${{ github.token }}': ''
}

const known = new Map<Script, Bundle>()

export function bundleOf(script: Script): Bundle {
  const bundle = known.get(script) ?? read(script)
  known.set(script, bundle)
  return bundle
}

function read(script: Script): Bundle {
  const folder = script.startsWith('gate') ? root : join(root, 'actions', script)
  const { inputs, runs } = parse(readFileSync(join(folder, 'action.yml'), 'utf8'))
  return {
    main: join(folder, script === 'gate, post' ? runs.post : runs.main),
    defaults: Object.fromEntries(
      Object.entries<{ default?: unknown }>(inputs).map(([name, input]) => {
        const value = String(input.default ?? '')
        return [name, CONTEXTS[value] ?? value]
      })
    )
  }
}
