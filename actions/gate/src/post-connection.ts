import { kebab, oneLine, type Rules, type Step, type Values } from '@change-actions/github-actions'
import { differences, knownSecrets, otherInstance, withPemText } from '@change-actions/github-actions/change'
import { connectionProblems, credentialInputs } from '@change-actions/github-actions/input-sets'
import { inputs } from './inputs.ts'
import type { SavedGate } from './state.ts'

/** Read again: what is secret is not saved, and the job has a result only now. All else is the main step's. */
export const postInputs = {
  ...credentialInputs,
  clientCertificate: inputs.clientCertificate,
  clientKey: inputs.clientKey,
  clientKeyPassphrase: inputs.clientKeyPassphrase,
  caCertificate: inputs.caCertificate,
  bindingKey: inputs.bindingKey,
  jobStatus: inputs.jobStatus
} as const

export type PostInputs = Values<typeof postInputs>

/**
 * Steps that ran since the main step can set variables and replace files. So a secret is used only where it is the one
 * that the main step had, and only for the instance that the main step had.
 */
export function postRules({ inputs: kept, connection }: SavedGate): Rules<typeof postInputs> {
  return (values, given) => {
    const secrets = withPemText(values)
    const { changed, added, trust } = differences(secrets, given.env, connection)
    const nameOf = (key: string): string => {
      const source = given.sources[key as keyof PostInputs]
      return source.kind === 'environment' ? source.variable : `\`${kebab(key)}\``
    }
    const problems = changed.map(key => {
      const what = values[key as keyof PostInputs] === undefined ? 'is missing' : 'is another one'
      return `${nameOf(key)} ${what} than when the gate was opened: nothing was sent`
    })
    if (trust)
      problems.push(
        'NODE_EXTRA_CA_CERTS, or what else says which certificates Node trusts, is not what it was when the gate was opened: nothing was sent'
      )
    if (problems.length > 0)
      return [...problems, ...added.map(key => `${nameOf(key)} is new since then, and is not used`)]
    return connectionProblems({ ...kept, ...knownSecrets(secrets, connection) }, given)
  }
}

/** Instance, credentials and certificates of the main step. They have passed `postRules`. */
export function postConnection(step: Step<PostInputs>, { inputs: kept, connection }: SavedGate) {
  const { instance = '' } = kept
  const other = otherInstance(step.env, connection, instance)
  if (other !== undefined)
    step.log.warning(
      `SERVICENOW_INSTANCE is now ${oneLine(other, 100)}, and was not when the gate was opened. It is not used: the change is finished at ${instance}.`
    )
  else step.log.info(`The instance is that of the main step: ${instance}.`)
  return { ...kept, ...knownSecrets(withPemText(step.inputs), connection) }
}
