import { defineScheme } from './scheme.ts'
import { renewingToken } from './token.ts'

/** OAuth client credentials: the account is that of the OAuth application. */
export const oauthClientCredentials = defineScheme({
  name: 'oauth-client-credentials',
  label: 'OAuth client credentials',
  fields: { clientId: {}, clientSecret: { secret: true } },
  signer: ({ clientId, clientSecret }, tools) =>
    renewingToken(
      () =>
        tools.fetchToken({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret
        }),
      tools
    )
})
