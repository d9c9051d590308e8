import type { Measure } from '@change-actions/telemetry'
import type { StepFacts } from './step-spans.ts'
import type { StepMeasures } from './telemetry.ts'

/** Seconds. A change is created in some seconds; a person approves in minutes, hours or days. */
const CREATION_BOUNDS = [0.5, 1, 2, 5, 10, 30, 60, 120] as const
const WAIT_BOUNDS = [10, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800] as const
const STEP_BOUNDS = [1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400] as const

/** Steps that are to leave a change behind them. */
const CREATING: readonly string[] = ['gate', 'create-change']

/** Ends of such a step that say nothing of a creation: nothing was to be created, or a change was found that cannot be used. */
const NO_CREATION: readonly string[] = [
  'dry-run',
  'not-required',
  'interrupted',
  'already-over',
  'already-used',
  'differs',
  'other-title',
  'rejected-before'
]

/** The measures of a step that has ended. @param measured undefined for a step that failed before it began its work */
export function stepMetrics(facts: StepFacts, measured: StepMeasures | undefined): Measure[] {
  const { waitMs, closed, waiting } = measured ?? {}
  return [
    ...creation(facts, measured),
    ...(waitMs === undefined ? [] : [wait(waitMs, facts.result)]),
    step(facts),
    ...requests(facts),
    ...(closed === undefined ? [] : [closing(closed.closeCode, facts.result)]),
    ...(facts.isGaugeOpen ? [waitingGauge(undefined)] : []),
    ...(waiting === undefined ? [] : deployments(waiting))
  ]
}

/** A creation that failed is one too: nobody deploys without a change. */
function creation(facts: StepFacts, measured: StepMeasures | undefined): Measure[] {
  const { creationMs, changeNumber } = measured ?? {}
  const failed =
    CREATING.includes(facts.name) &&
    !facts.isChangeNamed &&
    facts.errorType !== undefined &&
    changeNumber === undefined &&
    !NO_CREATION.includes(facts.result) &&
    !NO_CREATION.includes(facts.errorType)
  if (creationMs === undefined && !failed) return []
  const errorType = failed ? facts.errorType : undefined
  return [
    {
      kind: 'histogram',
      name: 'servicenow.change.creation.duration',
      unit: 's',
      description: 'Time to create a change, or to fail at it',
      attributes: { 'error.type': errorType },
      value: (creationMs ?? facts.endMs - facts.startMs) / 1_000,
      bounds: CREATION_BOUNDS
    }
  ]
}

function wait(waitMs: number, result: string): Measure {
  return {
    kind: 'histogram',
    name: 'servicenow.change.approval.wait',
    unit: 's',
    description: 'Time a step waited for the approval of a change',
    attributes: { 'servicenow.result': result },
    value: waitMs / 1_000,
    bounds: WAIT_BOUNDS
  }
}

function step({ name, result, errorType, startMs, endMs }: StepFacts): Measure {
  return {
    kind: 'histogram',
    name: 'servicenow.step.duration',
    unit: 's',
    description: 'Time that a step added to its job',
    attributes: { 'servicenow.action': name, 'servicenow.result': result, 'error.type': errorType },
    value: (endMs - startMs) / 1_000,
    bounds: STEP_BOUNDS
  }
}

/** As the output `metrics` counts them: each attempt, sign-ins included. */
function requests({ attempts }: StepFacts): Measure[] {
  return attempts.map(({ event }) => ({
    kind: 'sum',
    name: 'servicenow.api.requests',
    unit: '{request}',
    description: 'Requests to ServiceNow, sign-ins and failed attempts included',
    attributes: { 'error.type': event.problem === undefined ? undefined : String(event.status) },
    value: 1
  }))
}

function closing(closeCode: string, result: string): Measure {
  return {
    kind: 'sum',
    name: 'servicenow.change.closed',
    unit: '{change}',
    description: 'Changes that a step closed or canceled',
    attributes: { 'servicenow.change.close_code': closeCode, 'servicenow.result': result },
    value: 1
  }
}

/** A step that waits for approval now. @param seconds undefined when it waits for it no longer */
export function waitingGauge(seconds: number | undefined): Measure {
  return {
    kind: 'gauge',
    name: 'servicenow.change.approval.waiting',
    unit: 's',
    description: 'How long a step has been waiting for approval, until there is one',
    attributes: {},
    value: seconds
  }
}

function deployments({ count, oldestSeconds }: NonNullable<StepMeasures['waiting']>): Measure[] {
  return [
    {
      kind: 'gauge',
      name: 'servicenow.deployments.waiting',
      unit: '{deployment}',
      description: 'Deployments held at GitHub that wait for their change',
      attributes: {},
      value: count
    },
    {
      kind: 'gauge',
      name: 'servicenow.deployments.oldest_waiting',
      unit: 's',
      description: 'How long the oldest of them has waited since the last update of its change',
      attributes: {},
      value: oldestSeconds
    }
  ]
}
