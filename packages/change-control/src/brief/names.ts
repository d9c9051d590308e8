/** Of a brief: names of accounts and teams. Those of GitHub have an alphabet of their own; any other one is quoted. */
import { listed, quoted } from './plain-text.ts'

/** Letters, digits and hyphens; an underscore for accounts that an enterprise manages. */
const LOGIN = /^[A-Za-z0-9_-]{1,100}$/

/** Of an organisation's team; GitHub makes its name into one of these letters. */
const TEAM = /^[A-Za-z0-9_-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/

/** An app has its name followed by this, which no person can have. */
const APP = '[bot]'

const MAX_NAME = 60

/** Who wrote a commit. */
export interface Author {
  /** Untrusted text; '' where it is not known. */
  readonly author: string
  /** `author` is the login of an account; else it is what the commit says, which anybody can write. */
  readonly hasAccount: boolean
}

/** An account by its login: `anna`, `renovate (bot)`. @param login '' for one that is gone */
export function accountText(login: string): string {
  if (login === '') return 'a deleted account'
  const isApp = login.endsWith(APP)
  const name = isApp ? login.slice(0, -APP.length) : login
  if (!LOGIN.test(name)) return quoted(login, MAX_NAME)
  return isApp ? `${name} (bot)` : name
}

export function accountList(logins: readonly string[]): string {
  return listed(logins.map(accountText))
}

export function authorText({ author, hasAccount }: Author): string {
  if (hasAccount) return accountText(author)
  return author.trim() === '' ? 'an unknown author' : `${quoted(author, MAX_NAME)} (no GitHub account)`
}

/** An owner as CODEOWNERS names it: `@anna`, `@acme/team`, an address for mails. */
export function ownerText(owner: string): string {
  const name = owner.slice(1)
  return owner.startsWith('@') && (LOGIN.test(name) || TEAM.test(name)) ? name : quoted(owner, MAX_NAME)
}

/** Labels, checks and files can be called anything. */
export function quotedList(names: readonly string[], max?: number): string {
  return listed(
    names.map(one => quoted(one, MAX_NAME)),
    max
  )
}
