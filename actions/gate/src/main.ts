import { type Env, runStep, type StepDefinition, type StepTools } from '@change-actions/github-actions'
import { deployedCommit, environmentSecrets } from '@change-actions/github-actions/input-sets'
import { inputs, rules } from './inputs.ts'
import { commitOf } from './policy-commit.ts'
import { applyPolicy } from './policy-file.ts'
import { savePolicy } from './state.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'gate',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  // A step that dies before it knows must not leave a gate open.
  initialOutputs: { approved: 'false', outcome: 'error', created: 'false', attachments: '[]' },
  prepare,
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

/** Lays the policy under the inputs; undefined when the environment is not change-controlled. */
async function prepare(tools: StepTools): Promise<Env | undefined> {
  const { control, env, added, file } = await applyPolicy(tools.env, tools.runtime)
  if (control.kind !== 'free') {
    savePolicy(tools, added)
    return env
  }
  const commit = commitOf(file, tools.runtime)
  const where = commit === '' ? file : `${file} (commit ${commit})`
  tools.log.notice(
    `This environment is not change-controlled, says ${where}: no change is needed, and nothing was sent.`
  )
  tools.outputs.set('outcome', 'not-required')
  tools.summary.heading('Change-controlled deployment')
  tools.summary.line('Not required: the environment is not change-controlled.')
  return undefined
}

export function main(): Promise<void> {
  return runStep(definition)
}
