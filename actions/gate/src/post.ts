import { stateText } from '@change-actions/change-control'
import {
  type Env,
  isTitled,
  markdown,
  parseInputs,
  readInput,
  runStep,
  type Step,
  type StepDefinition,
  type StepTools
} from '@change-actions/github-actions'
import { connect, reported } from '@change-actions/github-actions/change'
import { deployedCommit, environmentSecrets } from '@change-actions/github-actions/input-sets'
import type { Change } from '@change-actions/servicenow-client'
import { ENDINGS, type Ending, type Endings, leftToDo, resultOf } from './ending.ts'
import { finish } from './finish.ts'
import { type GateInputs, inputs, rules } from './inputs.ts'
import { utc } from './notes.ts'
import { withPolicy } from './policy-file.ts'
import { type GateState, readGate, readPolicy } from './state.ts'

/** The post step shares five minutes with all others when a run is cancelled; it takes at most one, exit included. */
const BUDGET_MS = 55_000
const REQUEST_MS = 10_000
const RETRIES = 3

export const definition: StepDefinition<typeof inputs> = {
  name: 'gate, post',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  prepare,
  run
}

/** Nothing to do when the gate never had a change. Inputs gone wrong since are no reason to fail the job. */
async function prepare(tools: StepTools): Promise<Env | undefined> {
  const state = readGate(tools)
  if (state === undefined) {
    tools.log.info('The gate has no change to finish.')
    return undefined
  }
  const env = withPolicy(tools.env, readPolicy(tools))
  try {
    await parseInputs(inputs, { env, rules, warn: () => undefined })
    return env
  } catch (error) {
    const failing = readInput(env, 'fail-on-post-error')?.toLowerCase() === 'true'
    tools.summary.heading('Change after the deployment')
    settle(tools, { error, failing, left: leftToDo(endingsIn(env), state, resultIn(env)) })
    return undefined
  }
}

async function run(step: Step<GateInputs>): Promise<void> {
  const state = readGate(step)
  if (state === undefined) return
  const budget = AbortSignal.timeout(BUDGET_MS)
  const signal = AbortSignal.any([step.signal, budget])
  const seen: { change?: Change } = {}
  try {
    await work({ ...step, inputs: hurried(step.inputs), signal }, state, seen)
  } catch (error) {
    const left = leftToDo(step.inputs, state, resultOf(step.inputs.jobStatus))
    const late = budget.aborted ? new Error(`Not finished within ${BUDGET_MS / 1000} s.`) : undefined
    // Before the change is seen, the report's word on where it stands would be that there is none.
    const cause = error instanceof Error ? error.cause : undefined
    const plain = seen.change === undefined && isTitled(error) && isTitled(cause) ? cause : error
    settle(step, { error: late ?? plain, failing: step.inputs.failOnPostError, left })
  }
}

/** The job waits for this, and the runner kills what takes too long. */
function hurried(values: GateInputs): GateInputs {
  return {
    ...values,
    requestTimeout: Math.min(values.requestTimeout, REQUEST_MS),
    maxRetries: Math.min(values.maxRetries, RETRIES)
  }
}

async function work(step: Step<GateInputs>, state: GateState, seen: { change?: Change }): Promise<void> {
  const connection = connect(step)
  await reported(step, connection, 'Change after the deployment', async report => {
    const result = resultOf(step.inputs.jobStatus)
    const times = [...state.times]
    const onState = (change: Change): void => {
      report.change = change
      seen.change = change
      const name = stateText(change)
      if (times.at(-1)?.[0] !== name) times.push([name, connection.client.now()])
    }
    report.result = result
    report.facts.push(['Job', result])
    await finish({ step, connection, state, result, onState })
    report.facts.push(['States', markdown(times.map(([name, at]) => `${name} ${utc(at)}`).join(', '))])
  })
}

interface Unfinished {
  readonly error: unknown
  readonly failing: boolean
  readonly left: string
}

/** A ServiceNow outage must not turn a good deployment into a rollback: the job's result is left alone. */
function settle({ log, summary }: Pick<StepTools, 'log' | 'summary'>, end: Unfinished): void {
  const { error, failing, left } = end
  const title = isTitled(error) ? error.title : 'Change after the deployment: not finished'
  const text = `${error instanceof Error ? error.message : String(error)}\nLeft to do by hand: ${left}`
  summary.line(`**Left to do by hand:** ${markdown(left)}`)
  if (failing) throw Object.assign(new Error(text, { cause: error }), { title })
  log.error(text, title)
}

function resultIn(env: Env) {
  return resultOf(readInput(env, 'job-status'))
}

/** Where the inputs as a whole cannot be read. */
function endingsIn(env: Env): Endings {
  const word = (name: string): Ending | undefined =>
    ENDINGS.find(one => one === readInput(env, name)?.toLowerCase())
  return { onSuccess: word('on-success'), onFailure: word('on-failure'), onCancel: word('on-cancel') }
}

export function post(): Promise<void> {
  return runStep(definition)
}
