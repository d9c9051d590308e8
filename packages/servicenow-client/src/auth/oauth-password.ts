import { defineScheme } from './scheme.ts'
import { renewingToken } from './token.ts'

/** OAuth password grant, for releases without client credentials. */
export const oauthPassword = defineScheme({
  name: 'oauth-password',
  label: 'OAuth password grant',
  fields: { clientId: {}, clientSecret: { secret: true }, username: {}, password: { secret: true } },
  signer: ({ clientId, clientSecret, username, password }, tools) =>
    renewingToken(
      () =>
        tools.fetchToken({
          grant_type: 'password',
          client_id: clientId,
          client_secret: clientSecret,
          username,
          password
        }),
      tools
    )
})
