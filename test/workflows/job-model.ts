/**
 * Which steps of a job the runner takes, when one of them fails or the run is cancelled meanwhile, by GitHub's own
 * evaluator of expressions. act cannot cancel, and forgets the outputs of a job that failed.
 */
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

export interface Step {
  readonly name?: string
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
}

export interface Job {
  readonly if?: string
  readonly outputs?: Readonly<Record<string, string>>
  readonly permissions?: unknown
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

export interface JobRun {
  readonly inputs: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** What the steps say, by their ids. */
  readonly outputs?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The name of the step that ends badly, and how. */
  readonly endsBadly?: readonly [step: string, how: 'failure' | 'cancelled']
}

export interface CompletedJob {
  /** Names of the steps that ran. */
  readonly steps: readonly string[]
  /** What each of them was given, by its name. */
  readonly with: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly outputs: Readonly<Record<string, string>>
}

type Value = string | { readonly [name: string]: Value }

export function stepName(step: Step): string {
  return step.name ?? step.uses?.replace(/@.*/, '') ?? step.run ?? ''
}

/** The job from its first step to its outputs. */
export function runJob(job: Job, jobRun: JobRun): CompletedJob {
  const [failing, how] = jobRun.endsBadly ?? []
  const outcomes: Record<string, Value> = {}
  const steps: string[] = []
  const given: Record<string, Record<string, string>> = {}
  let status = 'success'
  const contexts = () => ({
    inputs: jobRun.inputs,
    env: jobRun.env ?? {},
    job: { status },
    steps: outcomes,
    github: { ref_type: 'branch', sha: 'cafe' },
    secrets: {},
    vars: {},
    runner: { temp: '/temp' }
  })
  for (const step of job.steps) {
    const runs = isTrue(step.if, contexts(), status)
    let outcome = 'skipped'
    if (runs) {
      outcome = stepName(step) === failing ? (how ?? 'failure') : 'success'
      steps.push(stepName(step))
      given[stepName(step)] = textsOf(step.with ?? {}, contexts(), status)
      if (outcome !== 'success' && status !== 'cancelled') status = outcome
    }
    if (step.id !== undefined)
      outcomes[step.id] = { outcome, outputs: runs ? (jobRun.outputs?.[step.id] ?? {}) : {} }
  }
  return { steps, with: given, outputs: textsOf(job.outputs ?? {}, contexts(), status) }
}

/** A condition, with `success()` in front where it asks for no status itself. */
function isTrue(condition: string | undefined, contexts: Value, status: string): boolean {
  const text = (condition ?? 'true').replace(/^\$\{\{|\}\}$/g, '')
  const asks = /\b(?:always|success|failure|cancelled)\s*\(/.test(text)
  const value = evaluate(asks ? text : `success() && (${text})`, contexts, status)
  return value !== '' && value !== 'false' && value !== '0'
}

function textsOf(
  values: Readonly<Record<string, string>>,
  contexts: Value,
  status: string
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => [
      name,
      String(text).replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
        evaluate(expression, contexts, status)
      )
    ])
  )
}

const STATUSES = {
  always: () => true,
  success: (status: string) => status === 'success',
  failure: (status: string) => status === 'failure',
  cancelled: (status: string) => status === 'cancelled'
}

function evaluate(expression: string, contexts: Value, status: string): string {
  const functions = Object.entries(STATUSES).map(([name, holds]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(holds(status))
  }))
  const context = toData(contexts) as data.Dictionary
  const names = context.pairs().map(pair => pair.key)
  const tree = new Parser(new Lexer(expression.trim()).lex().tokens, names, functions).parse()
  return new Evaluator(tree, context, new Map(functions.map(one => [one.name, one])))
    .evaluate()
    .coerceString()
}

function toData(value: Value): data.ExpressionData {
  if (typeof value === 'string') return new data.StringData(value)
  return new data.Dictionary(...Object.entries(value).map(([key, one]) => ({ key, value: toData(one) })))
}
