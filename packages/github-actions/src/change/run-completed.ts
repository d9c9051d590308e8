import type { StepTools } from '../step/run-step.ts'

/** Whether another workflow run of this repository has completed; undefined when that cannot be told. */
export async function isRunCompleted(
  tools: Pick<StepTools, 'env' | 'runtime' | 'log' | 'sleep'>,
  token: string | undefined,
  runId: string
): Promise<boolean | undefined> {
  const github = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  return github.isRunCompleted({
    apiUrl: tools.env.GITHUB_API_URL ?? 'https://api.github.com',
    repository: tools.runtime.repository,
    token,
    runId,
    sleep: tools.sleep,
    debug: text => tools.log.debug(text)
  })
}
