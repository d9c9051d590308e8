import type { Credentials } from '../auth/schemes.ts'
import type { TlsOptions } from './agent.ts'
import type { RequestEvent } from './events.ts'
import type { Transport } from './transport.ts'

export interface PipelineOptions {
  /** Origin of the instance, as `parseInstance` makes it. */
  readonly instance: string
  /** In front of the path of every request, as `parseApiPath` makes it; default ''. */
  readonly apiPath?: string | undefined
  readonly credentials: Credentials
  /**
   * A fresh identity token of a third party, for this audience: needed for the scheme `oidc`.
   * @throws Problem `identity-token`
   */
  readonly identityToken?: ((audience: string) => Promise<string>) | undefined
  readonly tls?: TlsOptions | undefined
  /** Default: Node's own client. */
  readonly transport?: Transport
  readonly userAgent: string
  readonly requestTimeoutMs: number
  readonly maxRetries: number
  /** Maximum sleep before a retry, in milliseconds; default 60 000. */
  readonly maxPauseMs?: number
  /** Refuses every write before it is sent. */
  readonly readOnly?: boolean
  readonly signal?: AbortSignal | undefined
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
  /** Called with every secret that is made (tokens, encoded credentials), before its first use. */
  readonly onSecret?: (secret: string) => void
  /** Takes secrets out of what the instance says, before it is cut. Default: nothing is taken out. */
  readonly redact?: (text: string) => string
  /** Told what happens to requests, at once. It must not throw. */
  readonly onEvent?: (event: RequestEvent) => void
}
