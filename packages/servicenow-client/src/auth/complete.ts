/** Which sets of credentials are complete among what is given, and what the others lack. */
import {
  allNamesOf,
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
  return SCHEMES.filter(one => !SCHEMES.some(other => includes(one, other, namesOf)))
}

/**
 * Every complete set among what is given; a sign-in needs exactly one. A set that a larger one includes does not count:
 * a client and a user together are the password grant.
 */
export function credentialSets(given: GivenCredentials): readonly Credentials[] {
  return completeSchemes(given).map(scheme => {
    const values = allNamesOf(scheme).flatMap(name =>
      given[name] === undefined ? [] : [[name, given[name]] as const]
    )
    return { scheme: scheme.name, ...Object.fromEntries(values) } as Credentials
  })
}

/** A field that is of no use without others. */
export interface Incomplete {
  readonly given: CredentialName
  /** What the scheme that is nearest to complete still needs. */
  readonly missing: readonly CredentialName[]
}

/**
 * What is given and belongs to no complete set. A field that one scheme alone has says which scheme is meant: the
 * others of that scheme are not listed beside it.
 */
export function incompleteCredentials(given: GivenCredentials): readonly Incomplete[] {
  const used = new Set(completeSchemes(given).flatMap(scheme => allNamesOf(scheme)))
  const unused = CREDENTIAL_NAMES.filter(name => given[name] !== undefined && !used.has(name))
  const found: Incomplete[] = []
  const told = new Set<CredentialName>()
  for (const name of unused) {
    const [only, ...others] = schemesWith(name)
    if (only === undefined || others.length > 0 || told.has(name)) continue
    found.push({ given: name, missing: missingOf(only, given) })
    for (const one of allNamesOf(only)) told.add(one)
  }
  for (const name of unused) {
    if (told.has(name)) continue
    const ways = schemesWith(name).map(scheme => missingOf(scheme, given))
    const [missing = []] = ways.sort((a, b) => a.length - b.length)
    found.push({ given: name, missing })
  }
  return found.sort((a, b) => CREDENTIAL_NAMES.indexOf(a.given) - CREDENTIAL_NAMES.indexOf(b.given))
}

function schemesWith(name: CredentialName): readonly KnownScheme[] {
  return SCHEMES.filter(scheme => namesOf(scheme).includes(name))
}

function missingOf(scheme: KnownScheme, given: GivenCredentials): readonly CredentialName[] {
  return namesOf(scheme).filter(name => given[name] === undefined)
}

function completeSchemes(given: GivenCredentials): readonly KnownScheme[] {
  const complete = SCHEMES.filter(scheme => namesOf(scheme).every(name => given[name] !== undefined))
  return complete.filter(one => !complete.some(other => includes(other, one, allNamesOf)))
}

/** Whether the fields of `larger`, as `fieldsOf` lists them, are those that `smaller` needs and more. */
function includes(
  larger: KnownScheme,
  smaller: KnownScheme,
  fieldsOf: (scheme: KnownScheme) => readonly CredentialName[]
): boolean {
  const names = fieldsOf(larger)
  return larger !== smaller && namesOf(smaller).every(name => names.includes(name))
}
