import { formatNothingSaved, SAVED_STATE } from '@change-actions/change-control'
import {
  type GivenText,
  type Layers,
  type NothingToDo,
  type PolicyFacts,
  runStep,
  type StepDefinition,
  type StepTools
} from '@change-actions/github-actions'
import { deployedCommit } from '@change-actions/github-actions/input-sets'
import { inputs, rules } from './inputs.ts'
import { lengthProblems } from './state.ts'

/** The step, ready to run. */
export const definition: StepDefinition<typeof inputs> = {
  name: 'gate',
  inputs,
  rules: (values, given) => [...rules(values, given), ...lengthProblems(values)],
  layers,
  runtime: deployedCommit,
  // A step that dies before it knows must not leave a gate open.
  initialOutputs: { approved: 'false', outcome: 'error', created: 'false', attachments: '[]' },
  initialState: { [SAVED_STATE]: formatNothingSaved() },
  // Loaded when the inputs are right: refusing a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

/** Lays the policy under the inputs. Where it says that the environment needs no change, there is nothing to do. */
async function layers(given: GivenText<typeof inputs>, tools: StepTools): Promise<Layers | NothingToDo> {
  const { applyPolicy, policyCommit, policyText } = await import(
    /* webpackChunkName: "policy" */ '@change-actions/github-actions/policy'
  )
  const { workspace } = tools.runtime
  const [file, environment] = [given('policyFile'), given('environment')]
  const applied = await applyPolicy({ inputs, file, environment, workspace })
  if (applied.kind === 'free') {
    const { policy } = applied
    return { done: () => notRequired(tools, policy, policyCommit(policy.file, tools.runtime)) }
  }
  tools.log.info(policyText(applied))
  return applied.kind === 'none' ? { layers: [] } : applied
}

function notRequired({ log, outputs, summary }: StepTools, { file }: PolicyFacts, commit: string): void {
  const where = commit === '' ? file : `${file} (commit ${commit})`
  log.notice(
    `According to ${where}, this environment is not change-controlled: no change is needed, and nothing was sent.`
  )
  outputs.set('outcome', 'not-required')
  summary.heading('Change-controlled deployment')
  summary.line('Not required: the environment is not change-controlled.')
}

/** Runs the step, to its exit code. */
export function main(): Promise<void> {
  return runStep(definition)
}
