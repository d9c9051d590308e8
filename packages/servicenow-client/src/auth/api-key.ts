import type { Authenticator } from './authenticator.ts'

/** A ServiceNow REST API key, as a header: in a query it would end up in the instance's logs. */
export function apiKey(key: string): Authenticator {
  return {
    scheme: 'api-key',
    headers: async () => ({ 'x-sn-apikey': key }),
    renew: () => false
  }
}
