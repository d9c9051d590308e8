import type { Authenticator } from './authenticator.ts'

/** An existing bearer token: it cannot be renewed here. */
export function bearer(token: string): Authenticator {
  return {
    scheme: 'bearer',
    headers: async () => ({ Authorization: `Bearer ${token}` }),
    renew: () => false
  }
}
