import { problemOfNetwork } from '../../problems/classify-network.ts'
import { problemOfResponse } from '../../problems/classify-response.ts'
import { type ClientProblem, clientProblem } from '../../problems/codes.ts'
import type { Undecodable } from '../decode.ts'
import type { Policy } from '../message.ts'
import { AttemptTimeout, Interrupted, TooLong } from '../transport.ts'

interface Options {
  /** Origin of the instance. */
  readonly instance: string
  readonly requestTimeoutMs: number
  readonly now: () => number
  /** Takes secrets out of a text, before it is cut: half a secret would not be recognised any more. */
  readonly redact?: ((text: string) => string) | undefined
}

/** Makes a problem of everything but a plain success. @throws Problem, Interrupted */
export function classify(options: Options): Policy {
  return async (request, next) => {
    const response = await next(request).catch(error => {
      throw error instanceof Interrupted ? error : networkProblem(error, request.operation, options)
    })
    request.inspect?.(response)
    const problem = problemOfResponse(response, request.operation, options.now(), {
      write: request.method !== 'GET',
      redact: options.redact
    })
    if (problem !== undefined) throw problem
    return response
  }
}

function networkProblem(error: unknown, operation: string, options: Options): ClientProblem {
  const { host } = new URL(options.instance)
  if (error instanceof TooLong)
    return clientProblem(
      'response-too-long',
      { operation, status: error.status, message: error.message },
      { cause: error }
    )
  if (error instanceof Error && error.name === 'Undecodable') {
    const { message, status } = error as Undecodable
    // The instance has responded, and perhaps written; another attempt would get the same.
    return clientProblem('unexpected', { operation, status, message }, { cause: error, committed: 'maybe' })
  }
  if (!(error instanceof AttemptTimeout)) return problemOfNetwork(error, operation, host)
  const message = `${host}: no complete response within ${options.requestTimeoutMs / 1000} s`
  return clientProblem('request-timeout', { operation, status: 'timeout', message }, { cause: error })
}
