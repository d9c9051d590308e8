/** What a request failed with, in few words: the part of the title after the status. Loaded with every step. */
import type { ClientCode, ClientProblem } from '@change-actions/servicenow-client'

export const CLIENT_TITLES: Readonly<Record<Exclude<ClientCode, 'unsafe-query'>, string>> = {
  'sign-in': 'OAuth sign-in refused',
  'sign-in-missing': 'no OAuth sign-in at this address',
  'identity-token': 'no identity token from GitHub',
  credentials: 'credentials refused',
  role: 'permission missing',
  'business-rule': 'a business rule refused',
  'data-policy': 'mandatory fields missing',
  'read-only': 'a field is read-only',
  'ip-list': 'address not allowed',
  'oauth-scope': 'OAuth scope refused',
  forbidden: 'refused',
  'not-found': 'not found, or not readable',
  'not-servicenow': 'a response that is not from ServiceNow',
  'api-missing': 'API not available',
  'bad-request': 'request refused',
  'rate-limit': 'rate limit reached',
  'transaction-canceled': 'transaction canceled',
  'server-error': 'internal error',
  unavailable: 'instance unavailable',
  hibernating: 'the instance is hibernating',
  'login-page': 'a login page instead of JSON',
  'not-json': 'a response that is not JSON',
  partial: 'an error inside a successful response',
  truncated: 'response cut short',
  'response-too-long': 'response too long',
  redirect: 'a redirect',
  dns: 'host not found',
  'dns-down': 'the name server did not respond',
  refused: 'connection refused',
  connection: 'connection lost',
  tls: 'certificate not trusted',
  'client-certificate': 'client certificate refused',
  'request-timeout': 'no response in time',
  proxy: 'the proxy refused',
  'proxy-down': 'no connection through the proxy',
  file: 'the file cannot be sent',
  unexpected: 'unexpected response',
  'other-record': 'a response about another record',
  unreadable: 'fields not readable',
  'query-ignored': 'a condition of the query was ignored',
  'list-cut': 'the list is too long',
  'lookup-none': 'no such record',
  'lookup-many': 'the name is ambiguous',
  attachment: 'attachment differs from the file'
}

/** `ServiceNow 503: instance unavailable`, for a line of the log. */
export function clientTitle({ code, facts }: ClientProblem): string {
  if (code === 'unsafe-query') return 'Input error'
  const { status } = facts
  return `ServiceNow${status === undefined ? '' : ` ${status}`}: ${CLIENT_TITLES[code]}`
}
