import type { RequestNotes } from '../hooks.ts'

/** Octokit's `request` of a read. @param operation what is being done, as a participle */
export function noted(
  operation: string,
  signal: AbortSignal | undefined
): RequestNotes & { readonly signal?: AbortSignal } {
  return signal === undefined ? { operation } : { operation, signal }
}
