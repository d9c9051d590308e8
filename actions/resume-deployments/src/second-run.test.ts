/** A change that several runs use: it stays bound to the one that asked for its approval. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Stage, stage } from '../../../test/github/kit.ts'
import type { RunHandle } from '../../../test/github/run-handle.ts'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { APPROVED, decisionsOf, decisionsSent, sweep } from './testing/waiting.ts'

let set: Stage
beforeEach(async () => {
  set = await stage()
})
afterEach(() => set.github.stop())

const SANDBOX = { readableJournal: true, autoApproveAfterMs: 600_000 }

const waiting = () => set.shop.run('deploy.yml').finish('build')

/** The run makes the change of this release, or goes on with it. @returns its sys_id */
async function asks({ perform }: World, run: RunHandle, release = 'shop-1.2'): Promise<string> {
  const step = await perform(createChange, {
    inputs: {
      'correlation-id': release,
      'short-description': 'Deploy the shop',
      'assignment-group': 'DevOps Team',
      environment: 'production'
    },
    env: { GITHUB_RUN_ID: String(run.id), GITHUB_SHA: run.sha }
  })
  expect(step.failure).toBeUndefined()
  return step.outputs['change-sys-id'] ?? ''
}

const approve = ({ sandbox }: World, sysId: string) => sandbox.set('change_request', sysId, APPROVED)

/** Requests to ServiceNow for notes, since a moment. */
const noteRequests = ({ sandbox }: World, since: number) =>
  sandbox.requests.slice(since).filter(one => one.path.includes('sys_journal_field')).length

describe('a further run that uses the change', () => {
  it('is let go where nothing waits in the run that asked', () =>
    inWorld(SANDBOX, async world => {
      const first = waiting()
      const sysId = await asks(world, first)
      first.cancel()
      const second = waiting()
      expect(await asks(world, second)).toBe(sysId)
      expect((await sweep(world, set)).outputs).toMatchObject({ resumed: '0' })
      expect(second.gate('production')?.state).toBe('waiting')
      approve(world, sysId)
      const step = await sweep(world, set)
      expect(step.failure).toBeUndefined()
      expect(second.gate('production')?.state).toBe('passed')
      expect(step.outputs).toMatchObject({ resumed: '1', skipped: '0' })
      expect(decisionsOf(step)).toMatchObject([{ decision: 'resumed', 'run-id': String(second.id) }])
      const again = await sweep(world, set)
      expect(decisionsOf(again)).toMatchObject([
        { decision: 'skipped', reason: expect.stringContaining('its run goes on') }
      ])
      expect(again.warnings).toEqual([])
      expect(decisionsSent(set)).toBe(1)
    }))

  it('is let go where the run that asked was deleted, and it is of the same repository', () =>
    inWorld(SANDBOX, async world => {
      const first = waiting()
      const sysId = await asks(world, first)
      const second = waiting()
      await asks(world, second)
      first.remove()
      approve(world, sysId)
      const step = await sweep(world, set)
      expect(decisionsOf(step)).toMatchObject([{ decision: 'resumed', 'run-id': String(second.id) }])
      expect(step.warnings).toEqual([])
    }))

  it('waits while the run that asked does', () =>
    inWorld(SANDBOX, async world => {
      const first = waiting()
      const sysId = await asks(world, first)
      const second = waiting()
      await asks(world, second)
      approve(world, sysId)
      const before = world.sandbox.requests.length
      expect((await sweep(world, set)).outputs).toMatchObject({ resumed: '1' })
      expect(first.gate('production')?.state).toBe('passed')
      expect(second.gate('production')?.state).toBe('waiting')
      expect(noteRequests(world, before)).toBe(0)
    }))

  it('costs one request to ServiceNow for all changes for which nothing waits', () =>
    inWorld(SANDBOX, async world => {
      for (let n = 0; n < 3; n += 1) {
        const run = waiting()
        approve(world, await asks(world, run, `shop-${n}`))
        run.cancel()
      }
      const before = world.sandbox.requests.length
      expect((await sweep(world, set)).outputs).toMatchObject({ skipped: '3' })
      expect(noteRequests(world, before)).toBe(1)
    }))
})
