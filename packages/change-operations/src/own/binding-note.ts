/** The note in which a run says that it made, bound or uses a change. */
import { formatMark, type Mark, parseBinding, type Signature } from '@change-actions/change-control'
import type { Deployment } from '../deployment.ts'
import { bindingFor, factLines } from '../deployment-texts.ts'
import type { Note } from '../notes.ts'

/**
 * `bound`: the run made or bound the change; with ` late` at its end, when the change was approved already. `used`: the
 * run goes on with a change that is bound to another run.
 */
export type BindingMark = 'bound' | 'used'

/** @param signature undefined without a key */
export function bindingNote(
  deployment: Deployment,
  kind: BindingMark,
  more: { readonly late?: boolean; readonly signature?: Signature | undefined } = {}
): Note {
  const { late = false, signature } = more
  const words = kind === 'bound' ? 'This change is bound to' : 'This change is used by'
  const { repository, commit, environment, run, runUrl } = deployment
  const facts = factLines([
    ['Repository', repository],
    ['Environment', environment],
    ['Commit', commit],
    ['Run', runUrl || run]
  ])
  const first = late ? `${words} (it was approved before):` : `${words}:`
  const body = `${bindingFor(deployment).replace(/^gha2 /, '')}${late ? ' late' : ''}`
  return { text: [first, ...facts].join('\n'), marker: formatMark(kind, body, signature) }
}

/** What a marker `bound` or `used` says. */
export interface NotedBinding {
  readonly commit: string
  readonly runId: string
  readonly scope: string
  /** The change was approved before. */
  readonly late: boolean
}

/** The bindings that markers tell; other texts are left out. */
export function notedBindings(marks: readonly Mark[]): NotedBinding[] {
  return marks.flatMap(({ body }) => {
    const late = body.endsWith(' late')
    const bound = parseBinding(`gha2 ${late ? body.slice(0, -' late'.length) : body}`)
    if (bound === undefined) return []
    const { commit, runId, scope } = bound
    return [{ commit, runId, scope, late }]
  })
}
