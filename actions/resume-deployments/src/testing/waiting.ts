/** What tests of the latch protection-rule share: a sweep for acme/shop, and the change of a run. */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import type { Stage } from '../../../../test/github/kit.ts'
import type { RunHandle } from '../../../../test/github/run-handle.ts'
import type { Performed, World } from '../../../testing/perform.ts'
import { definition } from '../main.ts'

export const APPROVED = { state: '-2', approval: 'approved' }

/** One sweep with the App's token. Its pauses take no time. */
export function sweep(
  world: World,
  set: Stage,
  inputs: Readonly<Record<string, string>> = {}
): Promise<Performed> {
  return world.perform(definition, {
    inputs: {
      latch: 'protection-rule',
      'github-token': set.token,
      'own-token': 'ghs_0f_the_job',
      ...inputs
    },
    env: { GITHUB_API_URL: set.github.url },
    clock: { now: () => Date.now(), sleep: async () => undefined }
  })
}

/** The change of a run, for the environment production. */
export function changeOf(
  world: World,
  run: Pick<RunHandle, 'id' | 'sha'>,
  fields: Readonly<Record<string, string>> = APPROVED
) {
  const runtime = readRuntime({
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: String(run.id),
    GITHUB_SHA: run.sha
  })
  return world.plantOwn({
    correlation_id: `deploy-${run.id}`,
    correlation_display: bindingFor(deploymentOf(runtime, { environment: 'production' })),
    ...fields
  })
}

/** The decisions that GitHub was sent. */
export function decisionsSent({ github }: Stage): number {
  return github.requests.filter(one => one.operationId === 'actions/review-custom-gates-for-run').length
}

/** The output `decisions`. */
export function decisionsOf(
  step: Performed
): { change: string; decision: string; reason: string; 'run-id': string }[] {
  return JSON.parse(step.outputs.decisions ?? '[]')
}
