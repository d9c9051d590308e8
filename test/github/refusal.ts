/** A response that is an error, thrown by the rule that is broken. */
export class Refusal extends Error {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    more: { headers?: Record<string, string>; errors?: readonly unknown[] } = {}
  ) {
    super(message)
    this.status = status
    this.headers = more.headers ?? {}
    this.body = {
      message,
      ...(more.errors ? { errors: more.errors } : {}),
      documentation_url: 'https://docs.github.com/rest',
      status: String(status)
    }
  }
}

/** 404: there is none, or the caller may not know that there is one. */
export function notFound(): Refusal {
  return new Refusal(404, 'Not Found')
}

/** 422 with GitHub's list of errors. */
export function invalid(message: string, errors?: readonly unknown[]): Refusal {
  return new Refusal(422, message, errors ? { errors } : {})
}

/** A mistake of this test server, or a use of it that it does not imitate: it fails the test. */
export class Defect extends Error {}
