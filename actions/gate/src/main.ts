import { formatNothingSaved, SAVED_STATE } from '@change-actions/change-control'
import {
  type GivenText,
  inputError,
  type Layers,
  type NothingToDo,
  policyTokenOf,
  runStep,
  type StepDefinition,
  type StepTools
} from '@change-actions/github-actions'
import { deployedCommit } from '@change-actions/github-actions/input-sets'
import { derived, inputs, rules } from './inputs.ts'
import { lengthProblems } from './state.ts'

/** The step, ready to run. */
export const definition: StepDefinition<typeof inputs> = {
  name: 'gate',
  inputs,
  derived,
  rules: (values, given) => [...rules(values, given), ...lengthProblems(values)],
  layers,
  runtime: deployedCommit,
  // A step that dies before it knows must not leave a gate open.
  initialOutputs: { approved: 'false', outcome: 'error', created: 'false', attachments: '[]', policy: '' },
  initialState: { [SAVED_STATE]: formatNothingSaved() },
  // Loaded when the inputs are right: refusing a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

/** Lays the policy under the inputs. Where it says that the environment needs no change, there is nothing to do. */
async function layers(given: GivenText<typeof inputs>, tools: StepTools): Promise<Layers | NothingToDo> {
  const { applyPolicy, freeText, policyOutput, policyText } = await import(
    /* webpackChunkName: "policy" */ '@change-actions/github-actions/policy'
  )
  const environment = given('environment')
  const request = { inputs, environment, file: given('policyFile'), token: policyTokenOf(given) }
  const applied = await applyPolicy(request, tools)
  tools.log.info(policyText(applied))
  if (applied.kind === 'none') return { layers: [] }
  tools.outputs.set('policy', policyOutput(applied.policy))
  const { policyProblems = [] } = applied
  if (applied.kind === 'controlled') return applied
  if (policyProblems.length > 0) throw inputError(policyProblems)
  return { done: () => notRequired(tools, freeText(applied, environment)) }
}

function notRequired({ log, outputs, summary }: StepTools, why: string): void {
  log.notice(`${why} No change is needed, and nothing was sent.`)
  outputs.set('outcome', 'not-required')
  summary.heading('Change-controlled deployment')
  summary.line('Not required: the environment is not change-controlled.')
}

/** Runs the step, to its exit code. */
export function main(): Promise<void> {
  return runStep(definition)
}
