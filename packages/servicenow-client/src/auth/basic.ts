import type { Authenticator } from './authenticator.ts'

/** Basic authentication; credentials are encoded as UTF-8 (RFC 7617). */
export function basic(username: string, password: string, onSecret: (secret: string) => void): Authenticator {
  const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
  onSecret(encoded)
  return {
    scheme: 'basic',
    headers: async () => ({ Authorization: `Basic ${encoded}` }),
    renew: () => false
  }
}
