import type { Description } from './describe.ts'

/**
 * An error in words; undefined for one that was not made for people. The texts of all problems are loaded when one is
 * met: most steps need none of them.
 */
export async function describeError(error: unknown): Promise<Description | undefined> {
  try {
    const { describeProblem, isDescribable } = await import(
      /* webpackChunkName: "messages" */ './describe.ts'
    )
    return isDescribable(error) ? describeProblem(error) : undefined
  } catch {
    // A failure to describe an error must not hide the error.
    return undefined
  }
}
