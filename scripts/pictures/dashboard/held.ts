/** Deployments held at GitHub, and resume-deployments, which looks at their changes every quarter of an hour. */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import type { ManualClock } from '@change-actions/sandbox'
import { definition as resumeDeployments } from '../../../actions/resume-deployments/src/main.ts'
import type { World } from '../../../actions/testing/perform.ts'
import { stage } from '../../../test/github/kit.ts'
import { END, type Planned } from './week.ts'

const QUARTER_MS = 15 * 60_000

/** @throws Error when a step fails */
export async function performHeld(
  world: World,
  { at, target }: Planned,
  env: Readonly<Record<string, string>>,
  manual: ManualClock
): Promise<void> {
  const { github, shop, token } = await stage({ now: manual.now })
  const clock = { now: manual.now, sleep: async (ms: number) => manual.advance(ms) }
  try {
    for (let time = at; time < END; time += QUARTER_MS) {
      manual.advance(Math.max(0, time - manual.now()))
      hold(world, shop.run('deploy.yml').finish('build'), target.repository)
      const inputs = { latch: 'protection-rule', 'github-token': token, 'own-token': 'ghs_of_the_job' }
      const given = { inputs, env: { ...env, GITHUB_API_URL: github.url }, clock }
      const { failure } = await world.perform(resumeDeployments, given)
      if (failure !== undefined) throw new Error(`resume-deployments failed: ${failure.text}`)
    }
  } finally {
    await github.stop()
  }
}

/** An approved change whose window has not begun, of a run whose deployment waits for the change. */
function hold(world: World, run: { readonly id: number; readonly sha: string }, repository: string): void {
  const runtime = readRuntime({
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: String(run.id),
    GITHUB_SHA: run.sha
  })
  world.plantOwn({
    correlation_id: `deploy-${run.id}`,
    correlation_display: bindingFor(deploymentOf(runtime, { environment: 'production' })),
    state: '-2',
    approval: 'approved',
    start_date: serviceNowTime(END + 2 * 3_600_000),
    end_date: serviceNowTime(END + 4 * 3_600_000)
  })
}

function serviceNowTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
