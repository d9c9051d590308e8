/** Many deployments behind one sweep, with GitHub's limits. `npm run bench -- resume` measures more of them. */
import { expect, it } from '@jest/globals'
import { playMany, type Wait } from './testing/many.ts'
import { limitedGitHub, repositories } from './testing/many-github.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const INTERVAL_MS = 15 * MINUTE
const NAMES = repositories(6)

function waits(count: number, of: (n: number) => Pick<Wait, 'decidedAt' | 'plannedStart'>): Wait[] {
  return Array.from({ length: count }, (_, n) => ({
    repository: NAMES[n % NAMES.length] ?? '',
    askedAt: 0,
    plannedEnd: 48 * HOUR,
    ...of(n)
  }))
}

it('lets go what is approved at once in the order of planned starts, over hours where GitHub takes no more', async () => {
  const { decided, order, failures } = await playMany({
    waits: waits(30, n => ({ decidedAt: 1 + n, plannedStart: -((n * 7) % 30) * HOUR })),
    intervalMs: INTERVAL_MS,
    untilMs: 6 * HOUR,
    github: now => limitedGitHub(NAMES, now, { contentPerHour: 20 })
  })
  expect(failures).toEqual([])
  expect(order).toHaveLength(30)
  const starts = order.map(n => decided[n]?.wait.plannedStart ?? 0)
  expect(starts).toEqual([...starts].sort((one, other) => one - other))
  const last = Math.max(...decided.map(({ at }) => at ?? Number.POSITIVE_INFINITY))
  expect(last).toBeGreaterThan(HOUR)
  // What was refused counts as written too: who tries on and on never comes to an end.
  expect(last).toBeLessThan(2 * HOUR)
}, 60_000)

it('lets go what is approved over hours within an interval and a minute', async () => {
  const { decided, sweeps, failures } = await playMany({
    waits: waits(20, n => ({ decidedAt: n * 11 * MINUTE, plannedStart: -HOUR })),
    intervalMs: INTERVAL_MS,
    untilMs: 6 * HOUR,
    github: now => limitedGitHub(NAMES, now)
  })
  expect(failures).toEqual([])
  for (const { at = Number.POSITIVE_INFINITY, wait } of decided)
    expect(at - wait.decidedAt).toBeLessThanOrEqual(INTERVAL_MS + MINUTE)
  // The page of repositories, and no more than five for each decision.
  const requests = sweeps.reduce((sum, one) => sum + one.github, 0)
  expect(requests).toBeLessThanOrEqual(sweeps.length + 5 * decided.length)
}, 60_000)
