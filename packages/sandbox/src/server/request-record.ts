/** One request as the instance received it. */
export interface RequestRecord {
  /** Arrival, in epoch milliseconds of the instance's clock. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: string
  /** HTTP status. 0 until a response is sent, and when none is sent. */
  readonly status: number
  /** User name; empty when the request was not authenticated. */
  readonly user: string
  readonly userAgent: string
  readonly bodyBytes: number
  /** The text of a JSON body; empty for any other body. */
  readonly json: string
  /** Milliseconds of real time until the response was ready. */
  readonly ms: number
}
