/** Changes that this action cannot let go, because nothing but a note binds them: a person has to know. */
import { type NotedAlone, notedAlone } from '@change-actions/change-operations'
import { oneLine, type Step } from '@change-actions/github-actions'
import type { Connection } from '@change-actions/github-actions/change'
import { Problem } from '@change-actions/servicenow-client'
import type { ResumeInputs } from './inputs.ts'

/** Lines of one warning. */
const MAX_LISTED = 20

/** @param updatedSince epoch milliseconds, on the instance's clock */
export async function warnOfNotedAlone(
  step: Step<ResumeInputs>,
  { context }: Connection,
  about: Pick<Parameters<typeof notedAlone>[1], 'repositories' | 'updatedSince'>
): Promise<void> {
  const { trustedAccounts } = step.inputs
  try {
    const found = await notedAlone(context, { ...about, trustedAccounts })
    if (found.length > 0) step.log.warning(textOf(found), 'Resumed deployments')
  } catch (error) {
    // What is decided was read: the next run looks again.
    if (!(error instanceof Problem) || !error.retry.temporary) throw error
    step.log.debug(`Changes that a note alone binds could not be looked for: ${error.code}`)
  }
}

function textOf(found: readonly NotedAlone[]): string {
  const listed = found.slice(0, MAX_LISTED).map(lineOf).join(', ')
  const more = found.length > MAX_LISTED ? ` and ${found.length - MAX_LISTED} more` : ''
  return `Approved, and not let go: ${listed}${more}. A run bound each of them by a note alone, because correlation_display holds the text of another tool or could not be written, and this action finds changes by that field. Fix: let these deployments go on by hand; leave correlation_display empty in a change that is given to a deployment, and let the account write the field.`
}

function lineOf({ change, repository, runId }: NotedAlone): string {
  return oneLine(`${change.number} (${repository.repository} run ${runId})`, 200)
}
