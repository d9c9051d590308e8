import { inputError, isInputError } from '../inputs/error.ts'
import type { Shape } from '../inputs/field.ts'
import { fieldsOf, givenText, isAnyGiven, secretValues } from '../inputs/read.ts'
import { checkNames, resolveInputs } from '../inputs/resolve.ts'
import { describeError } from '../messages/describe-error.ts'
import { entryOf } from '../product.ts'
import { startTelemetry } from '../telemetry/start.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Layers, NothingToDo, StepDefinition, StepTools } from './definition.ts'
import { createInterrupts } from './interrupts.ts'
import { createProcessExit, type ErrorText } from './process-exit.ts'
import { createTools, writeAtOnce } from './tools.ts'
import { unsafeSettings } from './unsafe-settings.ts'

export type { GivenText, Layers, NothingToDo, Step, StepDefinition, StepTools } from './definition.ts'

/**
 * Runs a step from reading its inputs to its exit code. Whatever goes wrong ends in one error annotation
 * and exit code 1: a problem is put into words, any other error is shown as a defect of the action.
 * A signal ends the process at once with exit code 130, after the onInterrupt callbacks.
 */
export async function runStep<S extends Shape>(definition: StepDefinition<S>): Promise<void> {
  writeAtOnce()
  const interrupts = createInterrupts()
  const tools = createTools(interrupts)
  let telemetry: Telemetry | undefined
  const exit = createProcessExit({
    log: tools.log,
    summary: tools.summary,
    env: tools.env,
    describe,
    interrupt: () => interrupts.fire(tools.log),
    flush: async error => telemetry?.flush(error)
  })
  try {
    telemetry = await startTelemetry(definition.name, tools)
    await performStep(definition, { ...tools, telemetry })
    await exit.succeed()
  } catch (error) {
    await exit.fail(error)
  }
}

/** Wrong inputs alone need none of the texts of problems. */
async function describe(error: unknown): Promise<ErrorText | undefined> {
  if (isInputError(error) && !('leftToDo' in error.facts))
    return { title: 'Input error', lines: error.facts.problems, page: entryOf('input') }
  return describeError(error)
}

/**
 * Runs a step with the tools given: reads its inputs and does its work. It touches neither the process nor its exit
 * code, so that tests can run a step in their own process.
 *
 * @throws whatever is to fail the step; Problem `input` for wrong inputs
 */
export async function performStep<S extends Shape>(
  definition: StepDefinition<S>,
  tools: StepTools
): Promise<void> {
  const { inputs: shape, initialOutputs = {}, initialState = {} } = definition
  secretValues(shape, tools.env).forEach(tools.mask)
  for (const [name, value] of Object.entries(initialState)) tools.saveState(name, value)
  for (const [name, value] of Object.entries(initialOutputs)) tools.outputs.set(name, value)
  tools.log.debug(`${definition.name} starts`)
  if (isAnyGiven(shape, ['changeNumber', 'changeSysId'], tools.env)) tools.telemetry?.changeNamed()
  const found = await layersOf(definition, tools)
  if ('done' in found) return endEarly(definition, tools, found)
  const prepared = await prepare(definition, tools, found)
  if (prepared === undefined) return
  const runtime = definition.runtime?.(prepared.values, tools.runtime, tools.log) ?? tools.runtime
  const { values: inputs, sources } = prepared
  if ('environment' in inputs) tools.telemetry?.environment(String(inputs.environment ?? ''))
  await definition.run({ ...tools, runtime, inputs, sources, policy: found.policy })
}

/** Layers, and what is wrong with what they come from. */
type Found = Layers & { readonly problems?: readonly string[] }

async function layersOf<S extends Shape>(
  { inputs, layers }: StepDefinition<S>,
  tools: StepTools
): Promise<Found | NothingToDo> {
  const unsafe = layers === undefined ? [] : unsafeSettings(tools.env)
  // Layers are read over the network too.
  if (unsafe.length > 0) return { layers: [], problems: unsafe }
  try {
    return (await layers?.(key => givenText(inputs, key, tools.env), tools)) ?? { layers: [] }
  } catch (error) {
    if (isInputError(error)) return { layers: [], problems: error.facts.problems }
    throw error
  }
}

async function endEarly<S extends Shape>(
  definition: StepDefinition<S>,
  tools: StepTools,
  nothing: NothingToDo
): Promise<void> {
  const { inputs, partial } = definition
  const warn = (text: string) => tools.log.warning(text)
  const problems = partial ? [] : checkNames(fieldsOf(inputs), { env: tools.env, warn })
  if (problems.length > 0) throw inputError(problems)
  return nothing.done()
}

/** The inputs; undefined when they are wrong and the definition has dealt with it. */
async function prepare<S extends Shape>(definition: StepDefinition<S>, tools: StepTools, found: Found) {
  const { inputs: shape, rules, derived, partial } = definition
  const { env, log } = tools
  try {
    return await resolveInputs(shape, {
      ...found,
      env,
      rules,
      derived,
      partial,
      warn: text => log.warning(text),
      debug: text => log.debug(text)
    })
  } catch (error) {
    if (definition.refused === undefined || !isInputError(error)) throw error
    await definition.refused(error, tools)
    return undefined
  }
}
