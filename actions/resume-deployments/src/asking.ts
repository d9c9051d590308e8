/** Whose runs ask: a repository may have several workflows that deploy, each with a step of its own. */
import type { DecidedChange } from '@change-actions/change-operations'
import { type RunFacts, workflowFile } from '@change-actions/github-api'

export interface Asking {
  /** Whether the run that asked for a change is of a workflow that another step looks after. */
  isOther(one: DecidedChange, run: RunFacts): boolean
}

export interface AskingSettings {
  /** The file of the one workflow whose runs ask; undefined: those of all. */
  readonly fromWorkflow: string | undefined
  /** Whether it is worth a warning that the runs of one repository are of several workflows. */
  readonly warnOfSeveral: boolean
  warn(text: string): void
  debug(text: string): void
}

export function askingWorkflows({ fromWorkflow, warnOfSeveral, warn, debug }: AskingSettings): Asking {
  const seen = new Map<string, ReadonlySet<string>>()
  const only = fromWorkflow === undefined ? undefined : workflowFile(fromWorkflow)

  const note = (repository: string, workflow: string) => {
    const before = seen.get(repository) ?? new Set<string>()
    const all = new Set([...before, workflow])
    seen.set(repository, all)
    if (before.size === 1 && all.size === 2)
      warn(
        `${repository}: runs of several workflows (${[...all].join(', ')}) ask for changes, and one workflow is started for all of them. Fix: where they deploy differently, have a step for each, with \`from-workflow\`.`
      )
  }

  return {
    isOther({ change, repository }, { workflow, id }) {
      if (only === undefined) {
        if (warnOfSeveral) note(repository.repository, workflow)
        return false
      }
      if (workflow === only) return false
      debug(`${change.number}: its run ${id} is of ${workflow}, not of ${only}`)
      return true
    }
  }
}
