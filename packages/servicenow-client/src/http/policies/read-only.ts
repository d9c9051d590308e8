import type { Next, Request } from '../message.ts'

/** Refuses every write before it is sent. @throws Error */
export function readOnly<R>(request: Request, next: Next<R>): Promise<R> {
  if (request.method === 'GET') return next(request)
  return Promise.reject(new Error(`a dry run must not write (${request.operation})`))
}
