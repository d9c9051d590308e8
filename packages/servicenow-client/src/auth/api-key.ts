import { defineScheme, fixedHeaders } from './scheme.ts'

/** A ServiceNow REST API key, as a header: in a query it would end up in the instance's logs. */
export const apiKey = defineScheme({
  name: 'api-key',
  fields: { apiKey: { secret: true } },
  signer: values => fixedHeaders({ 'x-sn-apikey': values.apiKey })
})
