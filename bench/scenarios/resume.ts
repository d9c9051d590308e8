import { type ManyResult, playMany, type Wait } from '../../actions/resume-deployments/src/testing/many.ts'
import {
  lightGitHub,
  limitedGitHub,
  repositories
} from '../../actions/resume-deployments/src/testing/many-github.ts'
import { seeded } from '../../packages/change-control/src/polling-simulation.ts'
import { table } from '../measure/format.ts'
import { mean, quantile } from '../measure/statistics.ts'
import type { Finding, Result, Scenario } from '../scenario.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY
const INTERVAL_MS = 15 * MINUTE
const MAX_LAG_MS = INTERVAL_MS + MINUTE
const MIN_PER_HOUR = 450

const WAITS = 1_000
const WEEK_WAITS = 10_000
const MAX_GITHUB_PER_HOUR = 1_000
const MAX_SERVICENOW_PER_HOUR = 60

/** One sweep for many waiting deployments: how long they wait for it, and what it costs. */
export const resume: Scenario = {
  name: 'resume',
  title: 'Many deployments that wait at GitHub',
  run: async () => {
    const spread = await playMany({ ...overADay(), ...limited(100) })
    const burst = await playMany({ ...atOnce(), ...limited(100) })
    const names = repositories(1_000)
    const week = await playMany({ ...overAWeek(names), github: now => lightGitHub(names, now) })
    for (const { failures } of [spread, burst, week])
      if (failures.length > 0) throw new Error(`a sweep failed: ${failures[0]}`)
    return {
      findings: [...spreadFindings(spread), ...burstFindings(burst), ...weekFindings(week)],
      details: [
        'On a virtual clock; each request takes 100 ms of it. A sweep starts every 15 minutes, with an App token of its own. The first two rows have the test GitHub with the default limits of an installation token (5,000 requests an hour and 50 more for each repository above 20; 80 written contents a minute and 500 an hour), the third one counts alone.',
        costTable([
          ['approved over a day, 1,000 waits, 100 repositories', spread],
          ['approved in one minute, 1,000 waits, 100 repositories', burst],
          ['decided over a week, 10,000 waits, 1,000 repositories', week]
        ])
      ].join('\n\n')
    } satisfies Result
  }
}

function limited(count: number) {
  const names = repositories(count)
  return { github: (now: () => number) => limitedGitHub(names, now) }
}

function overADay() {
  const names = repositories(100)
  const waits = Array.from({ length: WAITS }, (_, n): Wait => {
    const decidedAt = ((n + 0.5) / WAITS) * DAY
    const repository = names[n % names.length] ?? ''
    return { repository, askedAt: 0, decidedAt, plannedStart: -HOUR, plannedEnd: decidedAt + DAY }
  })
  return { waits, intervalMs: INTERVAL_MS, untilMs: DAY + HOUR }
}

/** Planned starts in another order than that of the approvals. */
function atOnce() {
  const names = repositories(100)
  const waits = Array.from({ length: WAITS }, (_, n): Wait => {
    const plannedStart = ((n * 7_919) % WAITS) * MINUTE - DAY
    const repository = names[n % names.length] ?? ''
    return { repository, askedAt: 0, decidedAt: 1 + (n / WAITS) * MINUTE, plannedStart, plannedEnd: WEEK }
  })
  return { waits, intervalMs: INTERVAL_MS, untilMs: 6 * HOUR }
}

/** All wait at the beginning. Of 100, three are rejected, and one is approved when its run is over. */
function overAWeek(names: readonly string[]) {
  const random = seeded(1)
  const waits = Array.from({ length: WEEK_WAITS }, (_, n): Wait => {
    const decidedAt = random() * WEEK
    const kind = random()
    const end = kind < 0.03 ? 'rejected' : kind < 0.04 ? 'gone' : 'approved'
    const repository = names[n % names.length] ?? ''
    return { repository, askedAt: 0, decidedAt, end, plannedStart: -HOUR, plannedEnd: decidedAt + DAY }
  })
  return { waits, intervalMs: INTERVAL_MS, untilMs: WEEK + HOUR }
}

const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 })

function lagsOf({ decided }: ManyResult): number[] {
  return decided.flatMap(({ at, wait }) => (at === undefined ? [] : [at - wait.decidedAt]))
}

function spreadFindings(result: ManyResult): Finding[] {
  const lags = lagsOf(result)
  const p95 = quantile(lags, 0.95)
  return [
    {
      what: 'waiting deployments, approved over a day: from approval to release, 95 of 100',
      target: `≤ ${number(MAX_LAG_MS / MINUTE)} min`,
      measured: `${number(p95 / MINUTE)} min (${number(lags.length)} of ${number(WAITS)} released)`,
      met: p95 <= MAX_LAG_MS && lags.length === WAITS
    }
  ]
}

function burstFindings({ decided, order }: ManyResult): Finding[] {
  const times = decided.flatMap(({ at }) => at ?? []).sort((one, other) => one - other)
  const first = times[0] ?? 0
  const perHour = (times.length - 1) / (((times.at(-1) ?? 0) - first) / HOUR)
  const starts = order.map(n => decided[n]?.wait.plannedStart ?? 0)
  const disorder = starts.filter((start, n) => n > 0 && start < (starts[n - 1] ?? start)).length
  return [
    {
      what: '1,000 approved in one minute: released in an hour, with the secondary limit of 500',
      target: `≥ ${MIN_PER_HOUR}, none lost`,
      measured: `${number(perHour)} (${number(times.length)} of ${number(WAITS)})`,
      met: perHour >= MIN_PER_HOUR && times.length === WAITS
    },
    {
      what: 'the same: released before another one whose planned start is earlier',
      target: '0',
      measured: String(disorder),
      met: disorder === 0
    }
  ]
}

function weekFindings({ decided, sweeps }: ManyResult): Finding[] {
  const due = decided.filter(({ wait }) => wait.end !== 'gone')
  const missing = due.filter(({ at }) => at === undefined).length
  const most = (side: 'github' | 'servicenow') => {
    const hours = new Map<number, number>()
    for (const one of sweeps) {
      const hour = Math.floor(one.at / HOUR)
      hours.set(hour, (hours.get(hour) ?? 0) + one[side])
    }
    return Math.max(...hours.values())
  }
  const [github, servicenow] = [most('github'), most('servicenow')]
  return [
    {
      what: '10,000 waits in 1,000 repositories for a week: requests to GitHub in an hour, at most',
      target: `≤ ${number(MAX_GITHUB_PER_HOUR)}`,
      measured: `${number(github)} (${missing} not decided)`,
      met: github <= MAX_GITHUB_PER_HOUR && missing === 0
    },
    {
      what: 'the same: requests to ServiceNow in an hour, at most',
      target: `≤ ${MAX_SERVICENOW_PER_HOUR}`,
      measured: number(servicenow),
      met: servicenow <= MAX_SERVICENOW_PER_HOUR
    }
  ]
}

function costTable(rows: readonly (readonly [string, ManyResult])[]): string {
  const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0)
  const cells = rows.map(([what, { sweeps, order, decided }]) => {
    const github = sum(sweeps.map(one => one.github))
    const servicenow = sum(sweeps.map(one => one.servicenow))
    const idle = sweeps.filter(one => one.decisions === 0)
    const idleText =
      idle.length === 0
        ? ''
        : `${number(mean(idle.map(one => one.github)))} / ${number(mean(idle.map(one => one.servicenow)))}`
    return [
      what,
      number(order.length),
      number(sweeps.length),
      number(github / order.length),
      number(servicenow / order.length),
      idleText,
      `${number((github / decided.length) * 1_000)} / ${number((servicenow / decided.length) * 1_000)}`
    ]
  })
  return table(
    [
      'deployments',
      'decisions',
      'sweeps',
      'GitHub, per decision',
      'ServiceNow, per decision',
      'a sweep that decides nothing: GitHub / ServiceNow',
      'per 1,000 waits: GitHub / ServiceNow'
    ],
    cells
  )
}
