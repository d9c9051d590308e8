import type { Titled } from '../errors.ts'

/** All that is wrong with a step's inputs, one problem a line. */
export class InputError extends Error implements Titled {
  override readonly name = 'InputError'
  readonly title = 'Input error'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}
