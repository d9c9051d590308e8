import type { Policy, Response } from '../message.ts'

const VERSIONED = '/api/sn_chg_rest/v1/'
const PLAIN = '/api/sn_chg_rest/'

/**
 * Uses `/api/sn_chg_rest` where there is no `/api/sn_chg_rest/v1`: they are the same resources, and a gateway may serve
 * one of the two. Which one is there is remembered, so that it is asked once; where the versioned path works, no
 * request is added.
 */
export function versionedPath(): Policy {
  let prefix: typeof VERSIONED | typeof PLAIN | undefined
  return async (request, next) => {
    if (!request.path.startsWith(VERSIONED)) return next(request)
    /** Sends it below one of the two, and remembers it when the response shows that it is there. */
    const send = (under: typeof VERSIONED | typeof PLAIN, missing: () => void) => {
      const inspect = (response: Response) => {
        if (isMissing(response)) missing()
        else if (isThere(response)) prefix = under
      }
      return next({ ...request, path: `${under}${request.path.slice(VERSIONED.length)}`, inspect })
    }
    if (prefix !== undefined) return send(prefix, () => undefined)
    let missing = false
    try {
      return await send(VERSIONED, () => {
        missing = true
      })
    } catch (error) {
      if (!missing) throw error
      let both = false
      return await send(PLAIN, () => {
        both = true
      }).catch(second => {
        // Neither of them: what is reported is the path of the documentation.
        if (both) prefix = VERSIONED
        throw both ? error : second
      })
    }
  }
}

/** The path is unknown, as an instance or a gateway says it. For an unknown record, ServiceNow has other words. */
function isMissing({ status, body, text }: Response): boolean {
  if (status !== 400 && status !== 404) return false
  if (/requested uri does not represent any resource/i.test(text)) return true
  return status === 404 && !isFailure(body) && !/hibernating/i.test(text)
}

/** A refused sign-in says nothing about the path, and nor does a page. */
function isThere({ status, body }: Response): boolean {
  return (
    status === 204 ||
    (status >= 200 && status < 300 && body !== undefined) ||
    (status === 404 && isFailure(body))
  )
}

/** ServiceNow's own errors: `{ error: { message, detail }, status: 'failure' }`. */
function isFailure(body: unknown): boolean {
  const { error, status } = (body ?? {}) as { error?: unknown; status?: unknown }
  return typeof error === 'object' && error !== null && status === 'failure'
}
