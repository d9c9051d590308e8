import type { Description } from './describe.ts'

/**
 * An error in words; undefined for one that was not made for people. The texts of all problems are loaded when one is
 * met: most steps need none of them.
 */
export async function describeError(error: unknown): Promise<Description | undefined> {
  const { describeProblem, isDescribable } = await import(/* webpackChunkName: "messages" */ './describe.ts')
  return isDescribable(error) ? describeProblem(error) : undefined
}
