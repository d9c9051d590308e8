import type { RecordedDeployment } from '@change-actions/change-operations'
import type { RecordedDeployment as GitHubDeployment } from '@change-actions/github-api'

/** How a deployment ended, by its statuses. `inactive` says only that a later one replaced it. */
const RESULTS: Readonly<Record<string, 'success' | 'failure'>> = {
  success: 'success',
  failure: 'failure',
  error: 'failure'
}

/**
 * A deployment of GitHub's as the audit sees it. It starts at its first `in_progress`; one that succeeded without
 * started at the latest then.
 */
export function recorded({ statuses, ...one }: GitHubDeployment): RecordedDeployment {
  const ended = statuses.findLast(({ state }) => Object.hasOwn(RESULTS, state))
  const result = ended === undefined ? undefined : RESULTS[ended.state]
  const started = statuses.find(({ state }) => state === 'in_progress')
  return {
    id: String(one.id),
    environment: one.environment,
    commit: one.commit,
    runId: one.runId,
    createdAt: one.createdAt,
    startedAt: started?.at ?? (result === 'success' ? ended?.at : undefined),
    endedAt: ended?.at,
    result,
    statusesCut: one.cut
  }
}
