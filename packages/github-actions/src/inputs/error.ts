import { Problem } from '@change-actions/servicenow-client'

/** The facts of an input error. */
export interface InputFacts {
  /** Whole sentences without a full stop at the end, each naming what is wrong and what to do. */
  readonly problems: readonly string[]
}

/** All that is wrong with a step's inputs, its environment or its policy file; nothing was sent. */
export type InputError = Problem<'input', InputFacts>

/** An input error. @param problems whole sentences without a full stop */
export function inputError(problems: readonly string[]): InputError {
  return new Problem({ code: 'input', facts: { problems } })
}

/** Whether something thrown is an input error. */
export function isInputError(error: unknown): error is InputError {
  return error instanceof Problem && error.code === 'input'
}
