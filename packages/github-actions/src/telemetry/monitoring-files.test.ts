/** The files of monitoring/ ask for measures that the steps send, by the names that Prometheus has for them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Measure } from '@change-actions/telemetry'
import { expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { stepMetrics, waitingGauge } from './step-metrics.ts'
import type { EndedAttempt, StepFacts } from './step-spans.ts'
import type { StepMeasures } from './telemetry.ts'

const FOLDER = join(import.meta.dirname, '../../../../monitoring')

const attempt: EndedAttempt = {
  event: { type: 'attempt-ended', operation: 'x', method: 'GET', path: '/x', attempt: 1, status: 200, ms: 1 },
  instance: 'https://sn.example.test',
  at: 2
}

const facts: StepFacts = {
  name: 'gate',
  parent: undefined,
  startMs: 0,
  endMs: 1,
  result: 'approved',
  errorType: undefined,
  changeNumber: 'CHG1',
  isChangeNamed: false,
  wait: { startMs: 0, endMs: 1, ended: true },
  isGaugeOpen: true,
  attempts: [attempt]
}

const measured: StepMeasures = {
  result: 'approved',
  changeNumber: 'CHG1',
  creationMs: 1,
  waitMs: 1,
  waitEndedAt: 1,
  closed: { closeCode: 'successful' },
  waiting: { count: 1, oldestSeconds: 1 }
}

/** OpenTelemetry's "Prometheus and OpenMetrics Compatibility": units are spelt out, and what counts up ends in `_total`. */
function prometheusNames({ name, unit, kind }: Measure): string[] {
  const base = `${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}`
  if (kind === 'sum') return [`${base}_total`]
  return kind === 'gauge' ? [base] : ['bucket', 'sum', 'count'].map(part => `${base}_${part}`)
}

const sent = new Set([...stepMetrics(facts, measured), waitingGauge(1)].flatMap(prometheusNames))

const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8')

/** What a text asks for, with what the rules record taken for what they make it of. */
function namesIn(text: string): string[] {
  const plain = text.replace(/servicenow:(\w+):from_zero/g, 'servicenow_$1')
  return [...new Set(plain.match(/\bservicenow_(?:change|step|api|deployments)_(?!close_code)[a-z_]+/g))]
}

it.each(readdirSync(FOLDER).filter(file => file !== 'collector.yaml'))('%s', file => {
  const named = namesIn(read(file))
  expect(named.length).toBeGreaterThan(2)
  expect(named.filter(name => !sent.has(name))).toEqual([])
})

it('the dashboard has every measure', () => {
  const named = namesIn(read('grafana-dashboard.json')).map(name =>
    name.replace(/_(?:sum|count|bucket)$/, '')
  )
  expect(new Set(named)).toEqual(new Set([...sent].map(name => name.replace(/_(?:sum|count|bucket)$/, ''))))
})

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly annotations?: { readonly summary: string; readonly runbook_url: string }
}
const rules: readonly Rule[] = parse(read('prometheus-rules.yaml')).groups[0].rules

/** What counts up as it is made to begin at 0. */
const fromZero = (name: string) => `(servicenow_${name} * 0 unless servicenow:${name}:from_zero)
    and count_over_time(servicenow_${name}[5m]) < scalar(servicenow:scrapes:count5m)
  or servicenow_${name} * 0 unless on () servicenow:scrapes:count5m
    unless last_over_time(servicenow:${name}:from_zero[1d])
  or servicenow_${name}
  or servicenow:${name}:from_zero and on () max(up{job="servicenow-change"}) == 0
`

it('all that counts up is recorded by the same rule', () => {
  const recorded = rules.filter(one => one.record?.endsWith(':from_zero'))
  const names = recorded.map(one => one.record?.split(':')[1] ?? '')
  expect(recorded.map(one => one.expr)).toEqual(names.map(fromZero))
  const used = [...rules.map(one => one.expr), read('grafana-dashboard.json')].join('\n')
  const wanted = [...used.matchAll(/servicenow:(\w+):from_zero/g)].map(([, name]) => name)
  expect(new Set(wanted)).toEqual(new Set(names))
  // What counts up is looked at by no other way.
  const raw = /(?:increase|rate)\(servicenow_/
  expect(used).not.toMatch(raw)
})

interface Dashboard {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[]
}

it('promtool tests each query of the dashboard', () => {
  const { panels }: Dashboard = JSON.parse(read('grafana-dashboard.json'))
  const chosen = { $repository: '.*', $environment: '.*', $__range: '7d' }
  const queries = panels
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .map(expr => expr.replace(/\$\w+/g, name => chosen[name as keyof typeof chosen] ?? name))
  const tests: { promql_expr_test: { expr: string }[] }[] = parse(read('grafana-dashboard.test.yaml')).tests
  expect(queries.length).toBeGreaterThan(10)
  expect(tests[0]?.promql_expr_test.map(({ expr }) => expr)).toEqual(queries)
})
