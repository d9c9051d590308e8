/** A step in this process, on the sources: a tenth of what a process of its own costs, with the same promises. */

import { definition as attachEvidence } from '../../actions/attach-evidence/src/main.ts'
import { definition as createChange } from '../../actions/create-change/src/main.ts'
import { definition as gate } from '../../actions/gate/src/main.ts'
import { post } from '../../actions/gate/src/post.ts'
import { definition as runFlow } from '../../actions/run-flow/src/main.ts'
import { definition as sendEvent } from '../../actions/send-event/src/main.ts'
import { type Given, type Performed, performInProcess } from '../../actions/testing/step-in-process.ts'
import { definition as updateChange } from '../../actions/update-change/src/main.ts'
import { definition as waitApproval } from '../../actions/wait-approval/src/main.ts'
import type { StepResult } from '../../demo/runner.mjs'
import type { Script } from './bundles.ts'

export interface StepInProcess {
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  /** Told how far the step's clock has moved by sleeping, in milliseconds. */
  readonly onSleep: (sleptMs: number) => void
}

type Perform = (env: StepInProcess['env'], given: Given) => Promise<Performed>

const STEPS: Readonly<Record<Script, Perform>> = {
  'attach-evidence': (env, given) => performInProcess(attachEvidence, env, given),
  'create-change': (env, given) => performInProcess(createChange, env, given),
  gate: (env, given) => performInProcess(gate, env, given),
  'gate, post': performPost,
  'run-flow': (env, given) => performInProcess(runFlow, env, given),
  'send-event': (env, given) => performInProcess(sendEvent, env, given),
  'update-change': (env, given) => performInProcess(updateChange, env, given),
  'wait-approval': (env, given) => performInProcess(waitApproval, env, given)
}

/** Runs the step to its end, and tells of it as a runner would. */
export async function runInProcess(script: Script, step: StepInProcess): Promise<StepResult> {
  const { inputs, env, state, onLine, onSleep } = step
  const performed = await STEPS[script](env, { inputs, state, onInfo: onLine, onSleep })
  const errors = performed.failure === undefined ? performed.errors : [...performed.errors, performed.failure]
  const annotations = [
    ...errors.map(({ title, text }) => ({ kind: 'error' as const, title, message: text })),
    ...performed.warnings.map(message => ({ kind: 'warning' as const, title: '', message })),
    ...performed.notices.map(message => ({ kind: 'notice' as const, title: '', message }))
  ]
  for (const { title, message } of annotations) onLine(`${title}: ${message}`)
  return {
    code: performed.failure === undefined ? 0 : 1,
    signal: null,
    log: '',
    outputs: { ...performed.outputs },
    state: { ...performed.state },
    env: { ...performed.exported },
    summary: performed.summary,
    annotations,
    masks: []
  }
}

async function performPost(env: StepInProcess['env'], given: Given): Promise<Performed> {
  let performed: Performed | undefined
  await post(
    async definition => {
      performed = await performInProcess(definition, env, given)
    },
    name => given.state?.[name] ?? ''
  )
  if (performed === undefined) throw new Error('the post step had nothing to do')
  return performed
}
