/** What tests of single latches share: a sweep over acme/shop, and changes of its runs. */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import type { Stage } from '../../../../test/github/kit.ts'
import type { RunHandle } from '../../../../test/github/run-handle.ts'
import type { Performed, World } from '../../../testing/perform.ts'
import { definition } from '../main.ts'
import type { PlayClock } from './sweep-proxy.ts'

export const APPROVED = { state: '-2', approval: 'approved' }

/** A job has the change. */
export const IN_IMPLEMENT = { state: '-1', approval: 'approved' }

/** A workflow that `latch: dispatch` starts. */
export const RELEASE = `name: Release
run-name: Deploy under \${{ inputs.change-number }}
on:
  workflow_dispatch:
    inputs:
      change-number: { type: string }
      change-sys-id: { type: string }
      environment: { type: string }
jobs:
  deploy: { environment: production }
`

/** What a sweep needs. */
export interface Sweeping {
  readonly world: World
  readonly set: Stage
  /** The time of the sweep: that of GitHub and ServiceNow. */
  readonly clock: PlayClock
}

/** One run of the action, with a token of the App's that is valid now. */
export function sweep(
  { world, set, clock }: Sweeping,
  inputs: Readonly<Record<string, string>> = {}
): Promise<Performed> {
  return world.perform(definition, {
    inputs: { 'github-token': set.app.install('acme').token(), 'own-token': 'ghs_0f_the_job', ...inputs },
    env: { GITHUB_API_URL: set.github.url },
    clock: {
      now: () => clock.time,
      sleep: async ms => {
        clock.time += ms
      }
    }
  })
}

/** The change of a run, for production. */
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

/** The reasons that a sweep gave, one a line. */
export function reasonsOf(step: Performed): string {
  const decisions: { readonly reason: string }[] = JSON.parse(step.outputs.decisions ?? '[]')
  return decisions.map(one => one.reason).join('\n')
}

/** What was written to GitHub. */
export function writesOf({ github }: Stage): number {
  return github.requests.filter(one => one.method !== 'get').length
}
