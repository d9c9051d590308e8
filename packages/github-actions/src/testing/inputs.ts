/** Inputs given as a runner gives them, for tests. */
import {
  type Input,
  isInputError,
  type Resolved,
  type ResolveOptions,
  resolveInputs,
  type Shape
} from '../index.ts'

export type Variables = Readonly<Record<string, string | undefined>>

type Options<S extends Shape> = Partial<ResolveOptions<S>>

/** What the variables give for a shape. */
export function resolved<S extends Shape>(
  shape: S,
  env: Variables,
  options: Options<S> = {}
): Promise<Resolved<S>> {
  return resolveInputs(shape, { warn: () => {}, ...options, env })
}

/** The problems of inputs that must be refused. @throws Error when they are not */
export async function problemsOf<S extends Shape>(
  shape: S,
  env: Variables,
  options: Options<S> = {}
): Promise<readonly string[]> {
  const error: unknown = await resolved(shape, env, options).catch(reason => reason)
  if (isInputError(error)) return error.facts.problems
  throw new Error(`no input error but ${error instanceof Error ? error.stack : JSON.stringify(error)}`)
}

/** The value of a single input `x`. */
export async function parsed<T>(schema: Input<T>, given?: string): Promise<T> {
  const { values } = await resolved({ x: schema }, { INPUT_X: given })
  return values.x
}

/** The one problem of a single input `x`. @throws Error when there is none, or several */
export async function problemOf<T>(schema: Input<T>, given?: string): Promise<string> {
  const [problem, ...others] = await problemsOf({ x: schema }, { INPUT_X: given })
  if (problem === undefined || others.length > 0) throw new Error(`other problems: ${others.join('; ')}`)
  return problem
}
