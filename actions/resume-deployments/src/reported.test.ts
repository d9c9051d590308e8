/** What is said of an approved change for which nothing can be let go, and how long it is a warning. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Stage, stage } from '../../../test/github/kit.ts'
import { inWorld } from '../../testing/perform.ts'
import { changeOf, decisionsOf, sweep } from './testing/waiting.ts'

const DAY = 24 * 60 * 60_000

let set: Stage
beforeEach(async () => {
  set = await stage()
})
afterEach(() => set.github.stop())

const waiting = () => set.shop.run('deploy.yml').finish('build')

describe('a run that GitHub does not find', () => {
  it('was deleted where the repository is there: a warning with the fix, for a day', () => {
    let passedMs = 0
    return inWorld({ now: () => Date.now() + passedMs }, async world => {
      const run = waiting()
      const { number } = changeOf(world, run)
      run.remove()
      const step = await sweep(world, set)
      expect(step.failure).toBeUndefined()
      expect(step.warnings).toEqual([
        expect.stringMatching(
          `^${number} .*: skipped: its run was deleted: start the deployment again, or close the change`
        )
      ])
      expect(step.outputs).toMatchObject({ skipped: '1', waiting: '0' })
      passedMs = DAY + 60_000
      const later = await sweep(world, set)
      expect(later.warnings).toEqual([])
      expect(decisionsOf(later)[0]?.reason).toBe('its run was deleted')
    })
  })

  it('is no warning where its change ended: there is nothing to do', () =>
    inWorld({}, async world => {
      const run = waiting()
      changeOf(world, run, { state: '-5', approval: 'rejected' })
      run.remove()
      const step = await sweep(world, set)
      expect(decisionsOf(step)).toMatchObject([{ decision: 'skipped', reason: 'its run was deleted' }])
      expect(step.warnings).toEqual([])
    }))

  it('is a failure with the fix where the token may not see the repository, asked once', () =>
    inWorld({}, async world => {
      changeOf(world, waiting())
      changeOf(world, waiting())
      const other = set.github.repository('acme/other', {})
      const token = set.github.app('narrow', { actions: 'read', deployments: 'write' }).install('acme', {
        repositories: [other]
      })
      const before = set.github.requests.length
      const step = await sweep(world, set, { 'github-token': token.token() })
      expect(step.outputs).toMatchObject({ failed: '2', waiting: '2' })
      expect(step.failure?.text).toContain('the token may not see the repository acme/shop')
      expect(step.failure?.text).toContain('install the GitHub App on acme/shop')
      const asked = set.github.requests.slice(before).filter(one => one.operationId === 'repos/get')
      expect(asked).toHaveLength(1)
    }))
})

describe('an approved change for which nothing waits', () => {
  it('is a warning with the fix, for a day, once its run is over', () => {
    let passedMs = 0
    return inWorld({ now: () => Date.now() + passedMs }, async world => {
      const run = waiting()
      changeOf(world, run)
      run.cancel()
      const step = await sweep(world, set)
      expect(step.failure).toBeUndefined()
      expect(step.warnings).toEqual([
        expect.stringContaining(
          'skipped: approved, and nothing waits for it (its run ended with cancelled): start the deployment again, or close the change'
        )
      ])
      passedMs = DAY + 60_000
      const before = set.github.requests.length
      const later = await sweep(world, set)
      expect(later.warnings).toEqual([])
      expect(decisionsOf(later)).toMatchObject([
        { decision: 'skipped', reason: 'nothing waits for it at GitHub' }
      ])
      expect(set.github.requests.length - before).toBe(1)
    })
  })

  it('is none where its deployment was let go, or has begun, or its run goes on', () =>
    inWorld({}, async world => {
      const letGo = waiting()
      changeOf(world, letGo)
      await sweep(world, set)
      letGo.finish('deploy', 'failure')
      changeOf(world, set.shop.run('deploy.yml'))
      const begun = waiting()
      changeOf(world, begun, { state: '-1', approval: 'approved' })
      begun.cancel()
      const step = await sweep(world, set, { 'proceed-states': 'scheduled, implement' })
      expect(step.warnings).toEqual([])
      expect(
        decisionsOf(step)
          .map(one => one.reason)
          .sort()
      ).toEqual([
        'it was let go, and its run is over',
        'nothing waits for it at GitHub',
        'nothing waits for it at GitHub: its run goes on'
      ])
    }))
})
