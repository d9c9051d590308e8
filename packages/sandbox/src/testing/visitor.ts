import type { Sandbox } from '../sandbox.ts'
import { ACCOUNTS } from '../seed/accounts.ts'
import { request, type TestResponse } from './caller.ts'

/** A person at the pages, without a browser. */
export interface Visitor {
  /** Name and value of the session's cookie. */
  readonly cookie: string
  /** The token that a page put into its forms. */
  readonly token: string
  get(path: string): Promise<TestResponse>
  /** Sends a form with the token. Headers and fields replace those that a browser would send. */
  post(
    path: string,
    fields?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>
  ): Promise<TestResponse>
}

const FORM = 'application/x-www-form-urlencoded'

/** The response to a form with user name and password. */
export function logIn(sandbox: Sandbox, userName: string, password?: string): Promise<TestResponse> {
  const known = ACCOUNTS.find(account => account.userName === userName)?.password ?? ''
  return request(`${sandbox.url}/login.do`, {
    method: 'POST',
    headers: { 'content-type': FORM, origin: sandbox.url },
    body: new URLSearchParams({ user_name: userName, user_password: password ?? known }).toString()
  })
}

/** Signs in as one of the sandbox's accounts. */
export async function visitorOf(sandbox: Sandbox, userName: string): Promise<Visitor> {
  const { headers } = await logIn(sandbox, userName)
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  const get = (path: string) => request(sandbox.url + path, { headers: { cookie } })
  const token = /name="sysparm_ck" value="(\w+)"/.exec((await get('/')).text)?.[1] ?? ''
  return {
    cookie,
    token,
    get,
    post: (path, fields = {}, more = {}) =>
      request(sandbox.url + path, {
        method: 'POST',
        headers: { cookie, 'content-type': FORM, origin: sandbox.url, ...more },
        body: new URLSearchParams({ sysparm_ck: token, ...fields }).toString()
      })
  }
}
