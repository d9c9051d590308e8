/** What every step is built with: its start and end, inputs, log, outputs and summary. */

export { messageOf, stackOf } from './errors.ts'
export * from './inputs/index.ts'
export type { Log } from './log.ts'
export type { Outputs, OutputValue } from './outputs.ts'
export type { PolicyFacts } from './policy/facts.ts'
export { SLUG, VERSION } from './product.ts'
export { layersOfEnvironment, policyTokenOf } from './step/policy-layers.ts'
export { annotationOf } from './step/process-exit.ts'
export {
  type GivenText,
  type Layers,
  type NothingToDo,
  runStep,
  type Step,
  type StepDefinition,
  type StepTools
} from './step/run-step.ts'
export { type Env, type Runtime, readRuntime, tagOf } from './step/runtime.ts'
export { markdownTable, type Summary } from './summary.ts'
export { harmless, link, markdown, oneLine, shorten } from './text.ts'
