import { isRunCompleted as readRunCompleted } from '@change-actions/github-api'
import type { StepTools } from '../step/run-step.ts'

/** Whether another workflow run of this repository has completed; undefined when that cannot be told. */
export function isRunCompleted(
  tools: Pick<StepTools, 'env' | 'runtime' | 'log' | 'sleep'>,
  token: string | undefined,
  runId: string
): Promise<boolean | undefined> {
  return readRunCompleted({
    apiUrl: tools.env.GITHUB_API_URL ?? 'https://api.github.com',
    repository: tools.runtime.repository,
    token,
    runId,
    sleep: tools.sleep,
    debug: text => tools.log.debug(text)
  })
}
