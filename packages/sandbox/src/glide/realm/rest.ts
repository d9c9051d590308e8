import type { Host, RequestFact, ResponseFact, Scope } from './types.ts'

/** Defines `sn_ws.RESTMessageV2` and `sn_ws_err`. */
export function installRest(scope: Scope, host: Host): void {
  interface Received {
    readonly status: number
    readonly headers: Record<string, string>
    readonly body: string
    readonly failure?: string
  }

  class RESTResponseV2 {
    readonly #received: Received

    constructor(received: Received) {
      this.#received = received
    }
    getStatusCode(): number {
      return this.#received.status
    }
    getBody(): string {
      return this.#received.body
    }
    getHeader(name: string): string | null {
      return this.#received.headers[String(name).toLowerCase()] ?? null
    }
    getHeaders(): Record<string, string> {
      return this.#received.headers
    }
    haveError(): boolean {
      return this.#received.status === 0 || this.#received.status >= 400
    }
    getErrorCode(): number {
      return this.haveError() ? 1 : 0
    }
    getErrorMessage(): string {
      const { failure, status } = this.#received
      return failure ?? (this.haveError() ? `Method failed: with code: ${status}` : '')
    }
    waitForResponse(): void {}
  }

  class RESTMessageV2 {
    #endpoint = ''
    #method = 'GET'
    #body = ''
    #timeoutMs = 30_000
    readonly #headers: Record<string, string> = {}
    readonly #query: string[] = []

    setEndpoint(endpoint: string): void {
      this.#endpoint = String(endpoint)
    }
    getEndpoint(): string {
      return this.#endpoint
    }
    setHttpMethod(method: string): void {
      this.#method = String(method).toUpperCase()
    }
    setHttpTimeout(ms: number): void {
      this.#timeoutMs = Number(ms)
    }
    setRequestHeader(name: string, value: string): void {
      this.#headers[String(name)] = String(value)
    }
    getRequestHeader(name: string): string | null {
      return this.#headers[name] ?? null
    }
    getRequestHeaders(): Record<string, string> {
      return this.#headers
    }
    setQueryParameter(name: string, value: string): void {
      this.#query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    }
    setRequestBody(body: string): void {
      this.#body = String(body)
    }
    getRequestBody(): string {
      return this.#body
    }
    setBasicAuth(user: string, password: string): void {
      this.#headers.Authorization = `Basic ${host('base64', { text: `${user}:${password}` })}`
    }
    disableForcedVariableSubstitution(): void {}
    setLogLevel(): void {}
    setEccParameter(): void {}
    setEccCorrelator(): void {}
    /** @throws Error when there is no response */
    execute(): RESTResponseV2 {
      const query =
        this.#query.length === 0
          ? ''
          : `${this.#endpoint.indexOf('?') < 0 ? '?' : '&'}${this.#query.join('&')}`
      const received = host('http', {
        url: this.#endpoint + query,
        method: this.#method,
        headers: this.#headers,
        body: this.#body,
        timeoutMs: this.#timeoutMs
      })
      return new RESTResponseV2(received as Received)
    }
    executeAsync(): RESTResponseV2 {
      return this.execute()
    }
  }
  scope.sn_ws = { RESTMessageV2 }

  const errors: Record<string, unknown> = {}
  const define = (name: string, status: number, title: string) => {
    errors[name] = class {
      status = status
      message: string
      detail: string
      constructor(detail: unknown = '') {
        this.message = title
        this.detail = String(detail)
      }
      setStatus(code: number): void {
        this.status = Number(code)
      }
      setMessage(message: string): void {
        this.message = String(message)
      }
      setDetail(detail: string): void {
        this.detail = String(detail)
      }
    }
  }
  define('ServiceError', 500, 'Internal Server Error')
  define('BadRequestError', 400, 'Bad Request')
  define('NotFoundError', 404, 'Not Found')
  define('NotAcceptableError', 406, 'Not Acceptable')
  define('ConflictError', 409, 'Conflict')
  define('UnsupportedMediaTypeError', 415, 'Unsupported Media Type')
  scope.sn_ws_err = errors
}

/** The `request` of a Scripted REST resource. Header names are found in any case that is usual on the platform. */
export function realmRequest(fact: RequestFact): unknown {
  const entries = () => {
    const parsed: unknown = JSON.parse(fact.text)
    return Array.isArray(parsed) ? parsed : [parsed]
  }
  let next = 0
  const body = {
    dataString: fact.text,
    /** @throws SyntaxError for a body that is not JSON */
    get data() {
      return fact.text === '' ? {} : JSON.parse(fact.text)
    },
    hasNext: () => next < entries().length,
    nextEntry: () => entries()[next++]
  }
  const header = (name: string) => fact.headers[String(name).toLowerCase()] ?? null
  const headers: Record<string, string> = {}
  for (const name of Object.keys(fact.headers)) {
    const value = fact.headers[name] as string
    const titled = name.replace(/(^|-)([a-z])/g, (_, dash, letter) => dash + letter.toUpperCase())
    headers[name] = value
    headers[titled] = value
  }
  return {
    body,
    headers,
    getHeader: header,
    getSupportedResponseContentTypes: () =>
      String(header('accept') ?? '')
        .split(',')
        .map(one => one.trim()),
    pathParams: fact.path_params,
    queryParams: fact.query,
    queryString: fact.queryString,
    uri: fact.path,
    url: fact.url
  }
}

/** The `response` of a Scripted REST resource, and what it was told. */
export function realmResponse(): { response: unknown; told: (returned: unknown) => ResponseFact } {
  let status = 200
  let headers: Record<string, string> = {}
  let stream: string | undefined
  let value: unknown
  let error: { status: number; message: string; detail: string } | undefined
  const writer = {
    writeString: (text: unknown) => {
      stream = (stream ?? '') + String(text)
    }
  }
  const response = {
    setStatus: (code: unknown) => {
      status = typeof code === 'number' ? code : 0
    },
    setHeader: (name: string, text: unknown) => {
      headers[name] = String(text)
    },
    setHeaders: (all: Record<string, string>) => {
      headers = all
    },
    setContentType: (type: unknown) => {
      headers['Content-Type'] = String(type)
    },
    setLocation: (location: unknown) => {
      headers.Location = String(location)
    },
    setBody: (body: unknown) => {
      value = body
    },
    setError: (problem: { status: number; message: string; detail: string }) => {
      error = { status: problem.status, message: problem.message, detail: problem.detail }
    },
    getStreamWriter: () => writer
  }
  const told = (returned: unknown): ResponseFact => {
    const fact: Record<string, unknown> = { status, headers }
    if (stream !== undefined) fact.stream = stream
    const body = returned === undefined ? value : returned
    if (body !== undefined) fact.value = body
    if (error) fact.error = error
    return fact as unknown as ResponseFact
  }
  return { response, told }
}
