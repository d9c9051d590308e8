/**
 * Encoded queries, built so that no value can change their meaning, and checked so that a term the instance
 * dropped is noticed: an unknown field does not fail there, it makes the query match everything.
 */
import type { Fields } from '../changes/fields.ts'
import { clientProblem } from '../problems/codes.ts'

interface Term {
  readonly fields: readonly string[]
  readonly op: '=' | '!=' | 'IN' | 'LIKE' | 'STARTSWITH' | 'ISEMPTY' | '>=' | '<='
  readonly value: string
  /** Further values, any of which will do. */
  readonly or?: readonly string[]
}

/** What a value stands for. `all`: nothing else. */
export interface StandsFor {
  readonly values: readonly string[]
  readonly all: boolean
}

/** The only scripts that are sent: the account itself. Values from outside are never scripts. */
const MY_NAME = 'javascript:gs.getUserName()'
const MY_ID = 'javascript:gs.getUserID()'

/**
 * Whether a value is safe between the operators of an encoded query; one that is not could start a term of its own or
 * run a script there.
 */
export function isSafeInQuery(value: string): boolean {
  return value !== '' && !/[\^\p{Cc}]/u.test(value) && !/javascript:/i.test(value) && value.trim() === value
}

export class Query {
  private readonly terms: readonly Term[]
  private readonly order: readonly string[]
  private readonly others: readonly Query[]

  constructor(terms: readonly Term[] = [], order: readonly string[] = [], others: readonly Query[] = []) {
    this.terms = terms
    this.order = order
    this.others = others
  }

  is(field: string, value: string): Query {
    return this.with([field], '=', value)
  }

  isNot(field: string, value: string): Query {
    return this.with([field], '!=', value)
  }

  /** One of the fields equals the value. */
  anyIs(fields: readonly string[], value: string): Query {
    return this.with(fields, '=', value)
  }

  contains(fields: readonly string[], value: string): Query {
    return this.with(fields, 'LIKE', value)
  }

  startsWith(field: string, value: string): Query {
    return this.with([field], 'STARTSWITH', value)
  }

  /** A field with date and time is not before this time. @param at epoch milliseconds; seconds are the resolution */
  notBefore(field: string, at: number): Query {
    return this.with([field], '>=', timestamp(at))
  }

  /** A field with date and time is not after this time. @param at epoch milliseconds; seconds are the resolution */
  notAfter(field: string, at: number): Query {
    return this.with([field], '<=', timestamp(at))
  }

  in(field: string, values: readonly string[]): Query {
    for (const value of values) {
      if (value.includes(',')) throw clientProblem('unsafe-query', { value })
    }
    return this.with([field], 'IN', values.join(','))
  }

  /**
   * Created by the account itself, whose name the instance fills in, or by one of the named ones.
   *
   * @throws Problem `unsafe-query`
   */
  createdByMe(others: readonly string[] = []): Query {
    for (const value of others) if (!isSafeInQuery(value)) throw clientProblem('unsafe-query', { value })
    return this.withTerm({ fields: ['sys_created_by'], op: '=', value: MY_NAME, or: others })
  }

  /** The field refers to the account itself. */
  isMe(field: string): Query {
    return this.withTerm({ fields: [field], op: '=', value: MY_ID })
  }

  /** Not created by the account itself. */
  notCreatedByMe(): Query {
    return this.withTerm({ fields: ['sys_created_by'], op: '!=', value: MY_NAME })
  }

  /** The field holds the user name of the account itself. */
  isMyName(field: string): Query {
    return this.withTerm({ fields: [field], op: '=', value: MY_NAME })
  }

  isEmpty(field: string): Query {
    return this.withTerm({ fields: [field], op: 'ISEMPTY', value: '' })
  }

  orderBy(...fields: string[]): Query {
    return new Query(this.terms, [...this.order, ...fields], this.others)
  }

  /** What this query finds, and what another one does. Terms are added before, not after it. */
  or(other: Query): Query {
    return new Query(this.terms, this.order, [...this.others, other])
  }

  /** The values that a field is compared with, each once. */
  valuesOf(field: string): readonly string[] {
    const terms = this.terms.filter(term => term.fields.length === 1 && term.fields[0] === field)
    const values = terms.flatMap(term => (term.op === 'IN' ? term.value.split(',') : [term.value]))
    return [...new Set([...values, ...this.others.flatMap(one => one.valuesOf(field))])]
  }

  /**
   * The same query where each value that a field is compared with stands for others. Where not all of these are known,
   * the query accepts more: nothing that it should find is left out.
   *
   * @throws Problem `unsafe-query`
   */
  replaceValues(field: string, standsFor: (value: string) => StandsFor): Query {
    const replace = (query: Query, term: Term): Query => {
      const [only, ...others] = term.fields
      if (only !== field || others.length > 0 || !['=', '!=', 'IN'].includes(term.op))
        return query.withTerm(term)
      const found = (term.op === 'IN' ? term.value.split(',') : [term.value]).map(standsFor)
      const values = found.flatMap(one => one.values)
      if (term.op === '!=') return values.reduce((narrowed, value) => narrowed.isNot(field, value), query)
      return values.length > 0 && found.every(one => one.all) ? query.in(field, values) : query
    }
    const replaced = this.terms.reduce(replace, new Query([], this.order))
    return this.others.reduce((query, other) => query.or(other.replaceValues(field, standsFor)), replaced)
  }

  /** By the time of creation, which has a resolution of one second. */
  newestFirst(): Query {
    return this.orderBy('DESCsys_created_on')
  }

  /** The fields the query filters by. */
  get fields(): readonly string[] {
    return [
      ...new Set([...this.terms.flatMap(term => term.fields), ...this.others.flatMap(one => one.fields)])
    ]
  }

  toString(): string {
    const order = this.order.map(field => `ORDERBY${field}`)
    return [[this, ...this.others].map(one => one.condition()).join('^NQ'), ...order]
      .filter(part => part !== '')
      .join('^')
  }

  /** Whether a returned record satisfies the query: an instance drops terms that it does not know. */
  accepts(record: Fields): boolean {
    const own = this.terms.every(term => term.fields.some(field => holds(term, record[field])))
    return own || this.others.some(one => one.accepts(record))
  }

  private condition(): string {
    const terms = this.terms.map(term =>
      term.fields
        .flatMap(field => [term.value, ...(term.or ?? [])].map(value => `${field}${term.op}${value}`))
        .join('^OR')
    )
    return terms.join('^')
  }

  /** @throws Problem `unsafe-query` */
  private with(fields: readonly string[], op: Term['op'], value: string): Query {
    if (!isSafeInQuery(value)) throw clientProblem('unsafe-query', { value })
    return this.withTerm({ fields, op, value })
  }

  private withTerm(term: Term): Query {
    if (this.others.length > 0) throw new Error('terms are added before `or`')
    return new Query([...this.terms, term], this.order)
  }
}

function holds(term: Term, field: { value: string; display: string } | undefined): boolean {
  if (field === undefined) return false
  if (term.value === MY_NAME || term.value === MY_ID) return field.value !== ''
  const wanted = fold(term.value)
  const has = [fold(field.value), fold(field.display)]
  switch (term.op) {
    case '=':
      return has.includes(wanted)
    case '!=':
      return fold(field.value) !== wanted
    case 'IN':
      return wanted.split(',').some(value => value === has[0])
    case 'LIKE':
      return has.some(text => text.includes(wanted))
    case 'ISEMPTY':
      return field.value === ''
    case 'STARTSWITH':
      return has.some(text => text.startsWith(wanted))
    case '>=':
      return timeIn(field.value) >= timeIn(term.value) - ZONES_MS
    case '<=':
      return timeIn(field.value) <= timeIn(term.value) + ZONES_MS
  }
}

/** An instance may take a time in a query for one of the account's time zone: the rows are then off by up to a day. */
const ZONES_MS = 24 * 60 * 60_000

/** UTC as an instance has it, `YYYY-MM-DD HH:MM:SS`. */
function timestamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** Epoch milliseconds; NaN, which satisfies no bound, for a text that is no time. */
function timeIn(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`)
}

/** Letters that collations compare as other letters, and that are not made of a letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  þ: 'th'
}

/**
 * The database may compare without case, accents, surrounding and invisible characters, and with ß as ss or as s; so
 * does this check. It finds out that a term was dropped, not whether two texts are the same.
 */
function fold(text: string): string {
  // Upper case first: that of ß is SS.
  const plain = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toUpperCase()
    .toLowerCase()
  return plain
    .replace(/[æœøđðħıłþ]/g, letter => LETTERS[letter] ?? letter)
    .replace(/s+/g, 's')
    .trim()
}

/** Whether two names are the same to a person: case and surrounding spaces aside. */
export function isSameName(a: string, b: string): boolean {
  const [left, right] = [a, b].map(text => text.normalize('NFC').toLowerCase().trim())
  return left === right
}
