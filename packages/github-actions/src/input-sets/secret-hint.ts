import {
  credentialSets,
  type GivenCredentials,
  incompleteCredentials
} from '@change-actions/servicenow-client'
import type { ConnectionValues } from '../connection/credentials.ts'

/** GitHub gives an empty text for a secret that is not there, and an empty input counts as not given. */
const HINT =
  'A secret that GitHub does not find is empty, and counts as not given. Two causes: the name in `${{ secrets.… }}` is not the name of the secret; or the secret belongs to an environment, and the job does not name it. Fix: correct the name, or add `environment: <name>` to the job'

/** What to look for where a part of the connection is missing: the causes are the same for every part. */
export function secretHint(values: ConnectionValues & GivenCredentials): string[] {
  const { instance, clientCertificate, clientKey } = values
  const halfCertificate = (clientCertificate === undefined) !== (clientKey === undefined)
  const signIn = incompleteCredentials(values).length > 0 || credentialSets(values).length === 0
  return instance === undefined || halfCertificate || signIn ? [HINT] : []
}
