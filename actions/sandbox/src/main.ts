import { dirname, join } from 'node:path'
import { runStep, type StepDefinition } from '@change-actions/github-actions'
import { inputs } from './inputs.ts'
import { SANDBOX_PID } from './state.ts'

/** The step, ready to run. */
export const definition: StepDefinition<typeof inputs> = definitionWith(besideThisScript())

/** The step with another script of the sandbox, for tests on sources. */
export function definitionWith(script: string): StepDefinition<typeof inputs> {
  return {
    name: 'sandbox',
    inputs,
    initialOutputs: { instance: '', username: '', password: '', 'client-id': '', 'client-secret': '' },
    initialState: { [SANDBOX_PID]: '' },
    run: async step => (await import(/* webpackChunkName: "sandbox" */ './run.ts')).run(step, script)
  }
}

/** The bundles of the sandbox and of this action are in one folder. */
function besideThisScript(): string {
  return join(dirname(process.argv[1] ?? '.'), 'index.js')
}

/** Runs the step, to its exit code. */
export function main(): Promise<void> {
  return runStep(definition)
}
