/** Every expression of the Grafana dashboard has values in a real Prometheus, after real steps of every kind. */
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type Answer, answersFor } from '../../scripts/pictures/dashboard/answers.ts'
import { readDashboard } from '../../scripts/pictures/dashboard/model.ts'
import { dashboardDocument } from '../../scripts/pictures/dashboard/page.ts'
import { perform } from '../../scripts/pictures/dashboard/runs.ts'
import { startStore } from '../../scripts/pictures/dashboard/store.ts'
import { END, oneOfEach, START } from '../../scripts/pictures/dashboard/week.ts'

const dashboard = readDashboard()

let answers: readonly Answer[]
let store: Awaited<ReturnType<typeof startStore>>

beforeAll(async () => {
  store = await startStore(await perform(oneOfEach()), { from: START, to: END })
  // Refuses a panel that stays empty.
  answers = await answersFor(dashboard, store.prometheus, (END + store.laterMs) / 1_000)
}, 300_000)

afterAll(() => store?.stop())

const named = (title: string): Record<string, number> => {
  const series = answers.find(one => one.panel.title === title)?.series ?? []
  return Object.fromEntries(
    series.map(({ name, points }) => [name, Math.max(...points.map(([, value]) => value || 0))])
  )
}

it('has values in every panel', () => {
  const panels = dashboard.panels.filter(one => one.type !== 'row').map(one => one.title)
  expect(answers.map(one => one.panel.title)).toEqual(panels)
})

it('counts changes, steps and errors from the first of each kind on', () => {
  const counts = [
    named('Change success, by close code').successful,
    named('Change success, by close code').unsuccessful,
    named('Steps by result')['gate: rejected'],
    named('Steps by result')['gate: error'],
    named('Failed requests, by error')['503']
  ]
  // increase() extrapolates: 2 may be 3.
  for (const count of counts) expect(count).toBeGreaterThanOrEqual(1)
})

it('shows what waits, and only that', () => {
  expect(Object.keys(named('Steps that wait for approval'))).toEqual(['shop → production'])
  expect(named('Deployments held at GitHub')).toEqual({ waiting: 2 })
  expect(named('The oldest of them')).toEqual({ oldest: 900 })
})

it('refuses a panel without data, and a variable that the dashboard has not', async () => {
  const [first] = dashboard.panels.filter(one => one.type === 'stat')
  const withExpression = (expr: string) => ({
    ...dashboard,
    panels: first === undefined ? [] : [{ ...first, targets: [{ expr, legendFormat: '', instant: true }] }]
  })
  const ask = (expr: string) =>
    answersFor(withExpression(expr), store.prometheus, (END + store.laterMs) / 1_000)
  await expect(ask('servicenow_no_such_metric')).rejects.toThrow('has no data')
  await expect(ask('up{a="$nothing"}')).rejects.toThrow('$nothing')
})

it('draws every panel', () => {
  const html = dashboardDocument(dashboard, answers, END / 1_000, store.laterMs / 1_000)
  expect(html.match(/<section /g)).toHaveLength(answers.length)
})
