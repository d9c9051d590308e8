import { isUnderstood, notesOf, type Parameters, type Reply, type Send } from './hooks.ts'
import type { Octokit } from './octokit.ts'

/** The hook for reads that are repeated: they are sent with the ETag of their last response. */
export function conditional(octokit: Octokit) {
  const known = new Map<string, { readonly etag: string; readonly response: Reply }>()
  return async <P extends Parameters, R extends Reply>(request: Send<P, R>, parameters: P): Promise<R> => {
    if (notesOf(parameters).conditional !== true) return await request(parameters)
    const { url } = octokit.request.endpoint(parameters as never)
    const last = known.get(url)
    // Octokit hands the same object to every hook, so the header has to be put into it.
    if (last !== undefined) Object.assign(parameters.headers, { 'if-none-match': last.etag })
    try {
      const response = await request(parameters)
      const { etag } = response.headers
      if (etag !== undefined && isUnderstood(response, parameters.method)) known.set(url, { etag, response })
      return response
    } catch (error) {
      if ((error as { status?: number }).status !== 304 || last === undefined) throw error
      return last.response as R
    }
  }
}
