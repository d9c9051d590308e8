import type { Signer } from '../../auth/scheme.ts'
import { isClientProblem } from '../../problems/codes.ts'
import type { Policy } from '../message.ts'

/**
 * Signs each request. After a 401 it signs in once more: tokens expire in the middle of long waits.
 *
 * @param scheme its name, for the problem of credentials that are refused
 */
export function authenticate(signer: Signer, scheme: string): Policy {
  return async (request, next) => {
    const signed = async () => {
      const headers = await signer.headers()
      return { headers, request: { ...request, headers: { ...request.headers, ...headers } } }
    }
    const first = await signed()
    try {
      return await next(first.request)
    } catch (error) {
      if (!isClientProblem(error, 'credentials')) throw error
      if (!signer.renew(first.headers)) throw error.with({ scheme })
      const again = await signed()
      return next({ ...again.request, resigned: true }).catch(second => {
        throw isClientProblem(second, 'credentials') ? second.with({ scheme }) : second
      })
    }
  }
}
