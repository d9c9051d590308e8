/** Which sets of credentials are complete among what is given, and what the others lack. */
import {
  CREDENTIAL_NAMES,
  type CredentialName,
  type Credentials,
  type GivenCredentials,
  type KnownScheme,
  namesOf,
  SCHEMES
} from './schemes.ts'

/** Schemes that include no smaller one: what there is to choose from, in few words. */
export function simplestSchemes(): readonly KnownScheme[] {
  return SCHEMES.filter(one => !SCHEMES.some(other => includes(one, other)))
}

/**
 * Every complete set among what is given; a sign-in needs exactly one. A set that a larger one includes does not count:
 * a client and a user together are the password grant.
 */
export function credentialSets(given: GivenCredentials): readonly Credentials[] {
  return completeSchemes(given).map(scheme => {
    const values = namesOf(scheme).map(name => [name, given[name]] as const)
    return { scheme: scheme.name, ...Object.fromEntries(values) } as Credentials
  })
}

/** A field that is of no use without others. */
export interface Incomplete {
  readonly given: CredentialName
  /** What the scheme that is nearest to complete still needs. */
  readonly missing: readonly CredentialName[]
}

/** What is given and belongs to no complete set. */
export function incompleteCredentials(given: GivenCredentials): readonly Incomplete[] {
  const used = new Set(completeSchemes(given).flatMap(scheme => namesOf(scheme)))
  return CREDENTIAL_NAMES.filter(name => given[name] !== undefined && !used.has(name)).map(name => {
    const ways = SCHEMES.filter(scheme => namesOf(scheme).includes(name)).map(scheme =>
      namesOf(scheme).filter(other => given[other] === undefined)
    )
    const [missing = []] = ways.sort((a, b) => a.length - b.length)
    return { given: name, missing }
  })
}

function completeSchemes(given: GivenCredentials): readonly KnownScheme[] {
  const complete = SCHEMES.filter(scheme => namesOf(scheme).every(name => given[name] !== undefined))
  return complete.filter(one => !complete.some(other => includes(other, one)))
}

/** Whether the fields of `larger` are those of `smaller` and more. */
function includes(larger: KnownScheme, smaller: KnownScheme): boolean {
  const names = namesOf(larger)
  return larger !== smaller && namesOf(smaller).every(name => names.includes(name))
}
