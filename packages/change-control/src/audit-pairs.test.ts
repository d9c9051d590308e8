import { describe, expect, it } from '@jest/globals'
import { pairWithChanges } from './index.ts'

const deployment = (createdAt: number, endedAt?: number) => ({ createdAt, endedAt })
const change = (createdAt: number, canceled = false) => ({ createdAt, canceled })

const pairs = (
  deployments: readonly ReturnType<typeof deployment>[],
  changes: readonly ReturnType<typeof change>[]
) =>
  pairWithChanges(deployments, changes).map(one => [
    one.deployment.createdAt,
    one.change?.createdAt,
    one.last
  ])

describe('deployments of one run and environment', () => {
  it('have no change where there is none', () => {
    expect(pairs([deployment(1, 9)], [])).toEqual([[1, undefined, true]])
  })

  it('have one each, in the order of time', () => {
    expect(pairs([deployment(20, 29), deployment(10, 40)], [change(12), change(11)])).toEqual([
      [10, 11, true],
      [20, 12, true]
    ])
  })

  it('share one: the last one decides how it ends', () => {
    expect(pairs([deployment(10, 19), deployment(20, 29)], [change(11)])).toEqual([
      [10, 11, false],
      [20, 11, true]
    ])
  })

  it('leave out a change that was canceled, where there is another one', () => {
    expect(pairs([deployment(10, 19)], [change(11), change(12, true)])).toEqual([[10, 11, true]])
    expect(pairs([deployment(10, 19)], [change(12, true)])).toEqual([[10, 12, true]])
  })

  it('have the last change that was made before they ended', () => {
    expect(pairs([deployment(10, 19)], [change(5), change(11), change(30)])).toEqual([[10, 11, true]])
  })
})
