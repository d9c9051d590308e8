/** What is to be replaced: names, mail addresses and secrets that were seen so far. */
import { isBuiltIn, isSysId } from './fields.ts'

/** What stands between mail addresses. */
const NOT_MAIL = /([^\w.@+-])/

/** Text before `@`, and a domain with a dot behind it. */
function isMail(word: string): boolean {
  const [local = '', domain = '', ...more] = word.split('@')
  return more.length === 0 && local !== '' && domain.indexOf('.') > 0
}

/** Shorter ones would be found in other words. */
const MIN_SECRET = 4
const MIN_PART = 3

/** The operators of a query, to split by: they stay in the list of the pieces. */
export const OPERATORS = /(\^|!=|[=,&]|LIKE|STARTSWITH|ENDSWITH|CONTAINS|NOT IN|(?<=[a-z])IN)/

export const SECRET = '[secret]'

export class Known {
  readonly #hosts = new Map<string, string>()
  readonly #secrets = new Set<string>()
  /** Placeholders by lower-case name. */
  readonly #people = new Map<string, string>()
  readonly #parts = new Set<string>()
  readonly #mails = new Map<string, string>()
  /** Made when it is needed: a recording gets many names. */
  #pattern: { readonly whole: RegExp | undefined; readonly parts: RegExp | undefined } | undefined

  addHost(host: string, placeholder: string): void {
    this.#hosts.set(host, placeholder)
  }

  addSecret(secret: string): void {
    if (secret.length >= MIN_SECRET) this.#secrets.add(secret)
  }

  /** A name, a user name or a list of them. Accounts of every instance and sys_ids stay; mail addresses need no list. */
  addPerson(text: string): void {
    for (const name of listed(text)) {
      const key = name.toLowerCase()
      if (isBuiltIn(name) || isSysId(name) || /@|^javascript:/.test(name) || this.#people.has(key)) continue
      const number = this.#people.size + 1
      this.#people.set(key, /\s/.test(name) ? `Person ${number}` : `person.${number}`)
      for (const part of name.split(/[\s.]+/))
        if (part.length >= MIN_PART) this.#parts.add(part.toLowerCase())
      this.#pattern = undefined
    }
  }

  /** The text without anything known. @param free whether single names are replaced, too */
  replaced(text: string, free = false): string {
    let result = text
    for (const secret of this.#secrets) result = result.replaceAll(secret, SECRET)
    for (const [host, placeholder] of this.#hosts) result = result.replaceAll(host, placeholder)
    if (result.includes('@'))
      result = result
        .split(NOT_MAIL)
        .map(word => (isMail(word) ? this.#mail(word) : word))
        .join('')
    // A single name may be a word of the instance, such as a part of the name of a group.
    const whole = [...this.#people.keys()].filter(name => /[\s._-]/.test(name))
    this.#pattern ??= { whole: wordsOf(whole), parts: wordsOf([...this.#parts]) }
    const { whole: names, parts } = this.#pattern
    if (names) result = result.replace(names, name => this.#people.get(name.toLowerCase()) ?? name)
    return free && parts ? result.replace(parts, 'Name') : result
  }

  /** The text of a field that holds people: a list of names. */
  replacedPeople(text: string): string {
    const names = listed(text).map(name => this.#people.get(name.toLowerCase()))
    if (names.length > 0 && names.every(name => name !== undefined)) return names.join(',')
    return this.replaced(text, true)
  }

  /** A query, whose values follow operators without a space. */
  replacedQuery(query: string): string {
    return query
      .split(OPERATORS)
      .map(piece => this.#people.get(piece.trim().toLowerCase()) ?? this.replaced(piece))
      .join('')
  }

  #mail(mail: string): string {
    const key = mail.toLowerCase()
    const known = this.#mails.get(key) ?? `person.${this.#mails.size + 1}@example.com`
    this.#mails.set(key, known)
    return known
  }
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '')
}

/** These words, where they are not part of longer ones; the longest first. */
function wordsOf(words: readonly string[]): RegExp | undefined {
  if (words.length === 0) return undefined
  const escaped = [...words]
    .sort((a, b) => b.length - a.length)
    .map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${escaped.join('|')})(?![\\p{L}\\p{N}_])`, 'giu')
}
