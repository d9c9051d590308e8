import { isAbsolute, join } from 'node:path'
import type { Step } from '@change-actions/github-actions'
import { stepProblem } from '@change-actions/github-actions/change'
import { CREDENTIALS, exportedVariables } from './credentials.ts'
import type { SandboxInputs } from './inputs.ts'
import { type Launched, launch, whenReady } from './process.ts'
import { SANDBOX_PID } from './state.ts'

/**
 * Starts the sandbox, and gives the job its address and credentials.
 *
 * @throws Problem `sandbox-start` when it ends before it is ready, or is not ready in time
 */
export async function run(step: Step<SandboxInputs>, script: string): Promise<void> {
  const { runtime, outputs, log } = step
  const launched = launch({
    script,
    flags: flagsOf(step),
    cwd: runtime.workspace,
    env: step.env,
    temp: runtime.temp
  })
  // Before all else: what is started must be stopped, even when this step is killed next.
  step.saveState(SANDBOX_PID, String(launched.pid ?? ''))
  step.onInterrupt(() => launched.kill())
  const instance = await addressOf(launched, step)
  const { username, password, clientId, clientSecret } = CREDENTIALS
  for (const secret of [password, clientSecret]) step.mask(secret)
  outputs.set('instance', instance)
  outputs.set('username', username)
  outputs.set('password', password)
  outputs.set('client-id', clientId)
  outputs.set('client-secret', clientSecret)
  const variables = exportedVariables(instance)
  for (const [name, value] of Object.entries(variables)) step.exportVariable(name, value)
  log.info(`The sandbox listens at ${instance} until the end of the job.`)
  log.info(`Exported for the steps that follow: ${Object.keys(variables).join(', ')}.`)
}

async function addressOf(launched: Launched, step: Step<SandboxInputs>): Promise<string> {
  try {
    return await whenReady(launched, step)
  } catch (error) {
    launched.kill()
    step.signal.throwIfAborted()
    throw stepProblem('sandbox-start', { reason: error instanceof Error ? error.message : String(error) })
  }
}

function flagsOf({ inputs, runtime }: Step<SandboxInputs>): string[] {
  const { port, approveAfter, stateFile, seed } = inputs
  return [
    ['--port', String(port)],
    approveAfter === undefined ? [] : ['--approve-after', String(approveAfter / 1000)],
    stateFile === undefined
      ? []
      : ['--state-file', isAbsolute(stateFile) ? stateFile : join(runtime.workspace, stateFile)],
    ['--seed', seed]
  ].flat()
}
