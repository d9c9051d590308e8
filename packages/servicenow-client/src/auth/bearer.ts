import type { Authenticator } from './authenticator.ts'

/** A bearer token made elsewhere: it cannot be renewed here. */
export function bearer(token: string): Authenticator {
  return {
    scheme: 'bearer',
    headers: async () => ({ Authorization: `Bearer ${token}` }),
    renew: () => false
  }
}
