/** Any order of events: no job behind a gate runs before it was let go, and no response is outside the description. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { RunHandle } from './github.ts'
import { client, ROUTES, type Stage, stage } from './kit.ts'

interface Turn {
  readonly stage: Stage
  readonly run: RunHandle
  readonly call: ReturnType<typeof client>
}

const decide = (state: string) => (turn: Turn) =>
  turn.call(ROUTES.decide, { run_id: turn.run.id, environment_name: 'production', state, comment: state })

/** What a runner, a person or a client may do at any time; what is not possible now is refused or does nothing. */
const EVENTS: Record<string, (turn: Turn) => unknown> = {
  approve: decide('approved'),
  reject: decide('rejected'),
  note: ({ call, run }) =>
    call(ROUTES.decide, { run_id: run.id, environment_name: 'production', comment: 'waits' }),
  rerun: ({ call, run }) => call(ROUTES.rerun, { run_id: run.id }),
  rerunFailed: ({ call, run }) => call(ROUTES.rerunFailed, { run_id: run.id }),
  rerunCheck: ({ call, run }) => call(ROUTES.rerunJob, { job_id: run.job('check').id }),
  finishCheck: ({ run }) => run.job('check').status === 'queued' && run.finish('check'),
  failCheck: ({ run }) => run.job('check').status === 'queued' && run.finish('check', 'failure'),
  skipDeploy: ({ run }) =>
    run.job('check').status === 'queued' && run.finish('check', 'success', { skips: ['deploy'] }),
  finishDeploy: ({ run }) => run.job('deploy').status === 'queued' && run.finish('deploy'),
  cancel: ({ call, run }) =>
    call('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel', { run_id: run.id }),
  wait: ({ stage }) => stage.github.advance({ seconds: 5 })
}

const wentOn = (run: RunHandle) => {
  const { status, conclusion } = run.job('deploy')
  return status === 'queued' || status === 'in_progress' || conclusion === 'success'
}

describe('runs, in any order of events', () => {
  it('pass a gate only after an approval, and always fit the description', async () => {
    const world = await stage({ undocumented: { ruleOnRerun: 'waits' } })
    const call = client(world.github, world.token)
    const order = fc.array(fc.constantFrom(...Object.keys(EVENTS)), { minLength: 4, maxLength: 14 })
    // A failure prints the seed and the shortest order that fails.
    await fc.assert(
      fc.asyncProperty(order, async names => {
        const run = world.shop.run('check.yml')
        for (const name of names) {
          await EVENTS[name]?.({ stage: world, run, call })
          const { attempt } = run.job('deploy')
          const approved = run.approvals.some(one => one.state === 'approved' && one.attempt === attempt)
          expect(wentOn(run) && !approved).toBe(false)
          const pending = (await call(ROUTES.pending, { run_id: run.id })).data
          expect(pending).toHaveLength(run.job('deploy').status === 'waiting' ? 1 : 0)
        }
        expect(world.github.defects).toEqual([])
      }),
      { numRuns: 20 }
    )
    await world.github.stop()
  }, 30_000)
})
