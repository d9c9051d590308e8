/** What a workflow uses of ours. */
import type { Interface, WorkflowJob, WorkflowStep } from './workflow-model.ts'

export interface Catalogue {
  readonly slug: string
  /** `v1`. */
  readonly ref: string
  /** Actions by folder (empty text: the root action), reusable workflows by path. */
  readonly actions: ReadonlyMap<string, Interface>
  readonly reusable: ReadonlyMap<string, Interface>
}

/** The path of an action or workflow of ours, whatever its version; undefined for any other. */
export function pathOf(uses: string | undefined, { slug }: Catalogue): string | undefined {
  const [name = ''] = (uses ?? '').split('@')
  return name === slug || name.startsWith(`${slug}/`) ? name.slice(slug.length + 1) : undefined
}

/** The action or workflow that a step or job uses, where it is ours (or of the same repository) and exists. */
export function usedBy(one: WorkflowStep | WorkflowJob, catalogue: Catalogue): Interface | undefined {
  const local = one.uses?.startsWith('./.github/workflows/') ? one.uses.slice(2) : undefined
  const path = local ?? pathOf(one.uses, catalogue) ?? '-'
  return catalogue.actions.get(path) ?? catalogue.reusable.get(path)
}
