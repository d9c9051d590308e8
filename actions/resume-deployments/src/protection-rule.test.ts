/** Which decisions are given already: with each choice of what GitHub does not document. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Stage, stage } from '../../../test/github/kit.ts'
import type { RunHandle } from '../../../test/github/run-handle.ts'
import type { Undocumented } from '../../../test/github/settings.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { changeOf, decisionsOf, decisionsSent, sweep } from './testing/waiting.ts'

let set: Stage
afterEach(() => set.github.stop())

/** A GitHub with these choices, an approved change of the run, and what happens then. */
async function play(
  undocumented: Partial<Undocumented>,
  start: () => RunHandle,
  body: (run: RunHandle, world: World) => Promise<void>
): Promise<void> {
  set = await stage({ undocumented })
  await inWorld({}, async world => {
    const run = start()
    changeOf(world, run)
    await body(run, world)
  })
}

const LOST = { kind: 'lost-response', operation: 'actions/review-custom-gates-for-run' } as const

/** A run whose jobs come to the environment one after the other. */
function twoJobs(): RunHandle {
  const text =
    'name: Two\non: [push]\njobs:\n  migrate: { environment: production }\n  deploy: { needs: migrate, environment: production }\n'
  set.shop.commit({ files: { '.github/workflows/two.yml': text } })
  return set.shop.run('two.yml')
}

const waiting = () => set.shop.run('deploy.yml').finish('build')

/** The environment has the rule of another App, too. */
function behindAnotherRule(): RunHandle {
  const other = set.github.app('other', { deployments: 'write' })
  set.shop.environment('production', { rules: [set.app, other] })
  return waiting()
}

describe('a later job at the environment', () => {
  it.each([
    [{ rulesInApprovals: true }],
    [{ rulesInApprovals: false }],
    [{ rulesInApprovals: true, secondDecision: 404, nothingWaiting: 404 } as const]
  ])('is let go as the first one was: %j', choices =>
    play(choices, twoJobs, async (run, world) => {
      expect((await sweep(world, set)).outputs).toMatchObject({ resumed: '1' })
      run.finish('migrate')
      expect(run.gate('production')?.state).toBe('waiting')
      const step = await sweep(world, set)
      expect(step.outputs).toMatchObject({ resumed: '1', skipped: '0' })
      expect(run.gate('production')?.state).toBe('passed')
      expect((await sweep(world, set)).outputs).toMatchObject({ resumed: '0' })
      expect(decisionsSent(set)).toBe(2)
    })
  )

  it('is left to the next attempt where the deployments may not be read', () =>
    play({}, twoJobs, async (run, world) => {
      await sweep(world, set)
      run.finish('migrate')
      set.github.fault({ kind: 'forbidden', operation: 'graphql', times: Number.POSITIVE_INFINITY })
      const step = await sweep(world, set)
      expect(step.failure).toBeUndefined()
      expect(decisionsOf(step)[0]).toMatchObject({ decision: 'skipped' })
      expect(decisionsSent(set)).toBe(1)
    }))

  it('of another run does not count', () =>
    play({}, behindAnotherRule, async (run, world) => {
      const second = waiting()
      expect(second.sha).toBe(run.sha)
      await sweep(world, set)
      const step = await sweep(world, set)
      expect(decisionsOf(step)[0]?.reason).toContain('decided already')
      expect(decisionsSent(set)).toBe(1)
    }))
})

describe('where another rule of the environment is open', () => {
  it.each([404, 422] as const)(
    'a response that was lost is found, and nothing sent twice (%i)',
    secondDecision =>
      play({ secondDecision }, behindAnotherRule, async (run, world) => {
        set.github.fault(LOST)
        const step = await sweep(world, set)
        expect(step.outputs).toMatchObject({ resumed: '1', skipped: '0' })
        expect(step.warnings).toEqual([])
        expect(decisionsSent(set)).toBe(1)
        expect(run.gate('production')?.undecided).toEqual(['other'])
      })
  )

  it.each([404, 422] as const)(
    'and GitHub lists no decisions of Apps: one is sent in a sweep, and nobody warned (%i)',
    secondDecision =>
      play({ secondDecision, rulesInApprovals: false }, behindAnotherRule, async (_, world) => {
        set.github.fault(LOST)
        expect((await sweep(world, set)).outputs).toMatchObject({ resumed: '1' })
        const before = decisionsSent(set)
        const step = await sweep(world, set)
        expect(step.failure).toBeUndefined()
        expect(step.warnings).toEqual([])
        expect(decisionsOf(step)[0]).toMatchObject({
          decision: 'skipped',
          reason: expect.stringContaining('another rule of the environment is open')
        })
        expect(decisionsSent(set)).toBe(before + 1)
      })
  )

  it('asks once for all deployments to it', () =>
    play({}, behindAnotherRule, async (_, world) => {
      for (let n = 0; n < 3; n += 1) changeOf(world, waiting())
      await sweep(world, set)
      const before = set.github.requests.length
      expect((await sweep(world, set)).outputs).toMatchObject({ resumed: '0', skipped: '4' })
      const asked = set.github.requests.slice(before).filter(one => one.operationId === 'graphql')
      expect(asked).toHaveLength(1)
    }))
})

describe('the comment of a reviewer', () => {
  it('is no decision of ours, whatever it says', () =>
    play(
      {},
      () => {
        set.shop.environment('production', { rules: [set.app], reviewers: ['anna'] })
        return waiting()
      },
      async (run, world) => {
        run.approve('production', 'anna', 'ServiceNow CHG0030001: looks right')
        const step = await sweep(world, set)
        expect(step.outputs).toMatchObject({ resumed: '1' })
        expect(run.gate('production')?.state).toBe('passed')
      }
    ))
})
