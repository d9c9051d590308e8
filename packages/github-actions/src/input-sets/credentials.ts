/** The inputs of the sign-in schemes: which there are, and which are missing, comes from the client's list of schemes. */
import {
  CREDENTIAL_NAMES,
  type CredentialName,
  type Credentials,
  credentialSets,
  type GivenCredentials,
  incompleteCredentials,
  isPemCredential,
  isSecretCredential,
  namesOf,
  schemeNamed,
  simplestSchemes
} from '@change-actions/servicenow-client'
import { type Input, kebab } from '../inputs/field.ts'
import { text } from '../inputs/scalars.ts'
import type { Source } from '../inputs/source.ts'
import type { Env } from '../step/runtime.ts'
import { signingKeyFault } from './private-key.ts'

/**
 * Where a secret may be sent is part of the secret: instance, path, certificates and credentials come from one place,
 * the inputs or the environment. An earlier step of the job can set variables, and could redirect a secret by one.
 */
export const CONNECTION = 'connection'

/** An input for each field of each scheme. */
export const credentialInputs = Object.fromEntries(
  CREDENTIAL_NAMES.map(name => [
    name,
    text({
      // Its secret is the job's own: what is left to say belongs into the workflow.
      ...(name !== 'oidcAudience' && { env: variableOf(name) }),
      group: CONNECTION,
      secret: isSecretCredential(name)
    })
  ])
) as { readonly [K in CredentialName]: Input<string | undefined> }

/** Where the credentials came from. */
export type CredentialSources = { readonly [K in CredentialName]: Source }

/** What is wrong with the credentials, each being right by itself. */
export function credentialProblems(
  values: GivenCredentials,
  { sources, env, fromInputs }: { sources: CredentialSources; env: Env; fromInputs: boolean }
): string[] {
  // One group: all of them come from the environment, or none.
  const fromEnvironment = CREDENTIAL_NAMES.some(name => sources[name].kind === 'environment')
  const shown = (name: CredentialName) => (fromEnvironment ? variableOf(name) : `\`${kebab(name)}\``)
  const forms = formProblems(values, shown)
  if (forms.length > 0) return forms
  const halves = incompleteCredentials(values)
  if (halves.length > 0)
    return halves.map(
      ({ given, missing }) => `${shown(given)} is given without ${listed(missing.map(shown))}`
    )
  const sets = credentialSets(values)
  if (sets.length === 1) return []
  if (sets.length > 1) {
    const found = sets.map(setName).join(' and ')
    return [`Several sets of credentials are given: ${found}. Give one of them`]
  }
  return [noneGiven(fromInputs ? CREDENTIAL_NAMES.map(variableOf).filter(name => env[name]?.trim()) : [])]
}

/** @param unused variables of credentials that are set and do not count */
function noneGiven(unused: readonly string[]): string {
  const [first = '', ...others] = simplestSchemes().map(scheme => inputsOf(namesOf(scheme)))
  const choices = listed([`${first} (recommended)`, ...others], 'or')
  if (unused.length > 0)
    return `No credentials are given beside the other inputs of the connection: give ${choices} under \`with:\` too. ${listed(unused)} of the environment ${unused.length === 1 ? 'is' : 'are'} not used with them`
  const [variable] = CREDENTIAL_NAMES.map(variableOf)
  return `No credentials are given: give ${choices}, or set ${variable}, …`
}

/** Sent as a header, as they are. */
const HEADERS: readonly CredentialName[] = ['token', 'apiKey']

/** Values that no instance can have given out like that: damaged on their way. They are never quoted. */
function formProblems(values: GivenCredentials, shown: (name: CredentialName) => string): string[] {
  return CREDENTIAL_NAMES.flatMap(name => {
    const value = values[name]
    if (value === undefined) return []
    const wrong = isPemCredential(name) ? signingKeyFault(value) : damageOf(name, value)
    return wrong === undefined ? [] : [`${shown(name)} ${wrong}`]
  })
}

function damageOf(name: CredentialName, value: string): string | undefined {
  if (/[\r\n]/.test(value)) return HAS_LINE_BREAK
  if (name === 'token' && /^(bearer|basic)\s/i.test(value))
    return 'begins with the name of a scheme: give the token alone, without `Bearer` in front of it'
  if (/\p{Cc}/u.test(value)) return 'has a control character in it: store it again as plain text'
  if (HEADERS.includes(name) && /[^\x21-\x7e]/.test(value))
    return 'has a blank, or a character that is not ASCII, in it: store it again, as the instance gave it'
  return undefined
}

/** What is wrong with a secret that has several lines, worded to follow its name. */
export const HAS_LINE_BREAK =
  'has a line break in it: store it again as one line, without what was copied before or after it'

/** `SERVICENOW_CLIENT_ID` for `clientId`. */
function variableOf(name: string): string {
  return `SERVICENOW_${kebab(name).toUpperCase().replaceAll('-', '_')}`
}

/** `` `username` and `password` (Basic) ``. */
function setName({ scheme: name }: Credentials): string {
  const scheme = schemeNamed(name)
  const label = 'label' in scheme && scheme.label !== undefined ? ` (${scheme.label})` : ''
  return `${inputsOf(namesOf(scheme))}${label}`
}

function inputsOf(names: readonly CredentialName[]): string {
  return listed(names.map(name => `\`${kebab(name)}\``))
}

function listed(parts: readonly string[], word = 'and'): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`
}
