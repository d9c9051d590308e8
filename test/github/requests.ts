import type { Caller } from './tokens.ts'

/** One request, for assertions. It has no token. */
export interface RequestRecord {
  /** Epoch milliseconds of the server's clock. */
  readonly at: number
  readonly method: string
  /** Without the prefix of the API, and without the query. */
  readonly path: string
  readonly query: string
  /** `graphql` for a query; '' where the description has no such operation. */
  operationId: string
  /** Kind of the token; `none` also for one that was refused. */
  caller: Caller['kind']
  /** Eight characters that are the same for the same token. */
  readonly token: string | undefined
  readonly body: unknown
  /** Status that was sent; 0 while the request is open, and when the connection was cut. */
  status: number
  /** Whether the operation was carried out, whatever was sent then. */
  committed: boolean
  /** Kind of the fault that affected it. */
  fault: string | undefined
}
