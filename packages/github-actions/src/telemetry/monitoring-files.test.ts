/** The files of monitoring/ ask for measures that the steps send, by the names that Prometheus has for them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Measure } from '@change-actions/telemetry'
import { expect, it } from '@jest/globals'
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

it.each(['prometheus-rules.yaml', 'prometheus-rules.test.yaml', 'grafana-dashboard.json'])('%s', file => {
  const text = readFileSync(join(FOLDER, file), 'utf8')
  const named = text.match(/\bservicenow_(?:change|step|api|deployments)_(?!close_code)[a-z_]+/g) ?? []
  expect(named.length).toBeGreaterThan(5)
  expect([...new Set(named)].filter(name => !sent.has(name))).toEqual([])
})

it('the dashboard has every measure', () => {
  const text = readFileSync(join(FOLDER, 'grafana-dashboard.json'), 'utf8')
  const shown = [...sent].filter(name => !/_(?:sum|count|bucket)$/.test(name))
  for (const name of [
    ...shown,
    'servicenow_change_creation_duration_seconds',
    'servicenow_change_approval_wait_seconds',
    'servicenow_step_duration_seconds'
  ])
    expect(text).toContain(name)
})
