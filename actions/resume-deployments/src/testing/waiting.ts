/** What tests of the latch protection-rule share: a sweep for acme/shop, and what it decided. */
import type { Stage } from '../../../../test/github/kit.ts'
import type { Performed, World } from '../../../testing/perform.ts'
import { definition } from '../main.ts'

export { APPROVED, changeOf } from './sweeps.ts'

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
