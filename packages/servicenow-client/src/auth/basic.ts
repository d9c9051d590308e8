import { defineScheme, fixedHeaders } from './scheme.ts'

/** Basic authentication; credentials are encoded as UTF-8 (RFC 7617). */
export const basic = defineScheme({
  name: 'basic',
  label: 'Basic',
  fields: { username: {}, password: { secret: true } },
  signer({ username, password }, { onSecret }) {
    const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
    onSecret(encoded)
    return fixedHeaders({ Authorization: `Basic ${encoded}` })
  }
})
