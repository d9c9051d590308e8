import { defineScheme, fixedHeaders } from './scheme.ts'

/** An existing bearer token: it cannot be renewed here. */
export const bearer = defineScheme({
  name: 'bearer',
  fields: { token: { secret: true } },
  signer: ({ token }) => fixedHeaders({ Authorization: `Bearer ${token}` })
})
