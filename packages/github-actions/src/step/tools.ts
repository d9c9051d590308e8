import * as core from '@actions/core'
import { createLog } from '../log.ts'
import { createOutputs } from '../outputs.ts'
import { createSecrets } from '../secrets.ts'
import { createSummary } from '../summary.ts'
import type { StepTools } from './definition.ts'
import type { Interrupts } from './interrupts.ts'
import { readRuntime } from './runtime.ts'
import { sleep } from './sleep.ts'

/** The outside of a step: the process's environment, the runner's files and commands. */
export function createTools({ signal, add }: Interrupts): StepTools {
  const { env } = process
  const runtime = readRuntime(env)
  const secrets = createSecrets()
  const log = createLog({ redact: secrets.redact, debug: runtime.debug })
  const summary = createSummary({
    file: env.GITHUB_STEP_SUMMARY,
    redact: secrets.redact,
    warn: text => log.warning(text)
  })
  return {
    runtime,
    env,
    log,
    outputs: createOutputs(),
    summary,
    signal,
    onInterrupt: add,
    mask: secret => secrets.add(secret).forEach(piece => void core.setSecret(piece)),
    redact: secrets.redact,
    exportVariable(name, value) {
      if (env.GITHUB_ENV) core.exportVariable(name, value)
      else env[name] = value
    },
    saveState(name, value) {
      if (env.GITHUB_STATE) core.saveState(name, value)
    },
    readState: name => core.getState(name),
    now: () => Date.now(),
    sleep: (ms, own = signal) => sleep(ms, own)
  }
}

/**
 * Standard output as a pipe is written in the background, and what is not written yet when the process
 * exits is lost: the error annotation before all. Node has no public switch for it, only the handle's.
 */
export function writeAtOnce(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle } = stream as unknown as { _handle?: { setBlocking?: (blocking: boolean) => void } }
    _handle?.setBlocking?.(true)
    // A reader that has gone away is no reason to leave work half done.
    stream.on('error', () => {})
  }
}
