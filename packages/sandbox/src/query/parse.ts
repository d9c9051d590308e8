/** Parses ServiceNow's encoded queries: `active=true^nameLIKEdev^ORowner=me^NQ…^ORDERBYDESCnumber`. */

/** Longer names come before those that they begin with. */
const OPERATORS = [
  'GT_OR_EQUALS_FIELD',
  'LT_OR_EQUALS_FIELD',
  'DOES NOT CONTAIN',
  'IN_HIERARCHY',
  'ISNOTEMPTY',
  'EMPTYSTRING',
  'INSTANCEOF',
  'RELATIVEGT',
  'RELATIVELT',
  'RELATIVEGE',
  'RELATIVELE',
  'RELATIVEEE',
  'STARTSWITH',
  'ISNOTNULL',
  'MATCH_PAT',
  'ANYTHING',
  'CONTAINS',
  'DATEPART',
  'ENDSWITH',
  'GT_FIELD',
  'LESSTHAN',
  'LT_FIELD',
  'MORETHAN',
  'NOT LIKE',
  'BETWEEN',
  'DYNAMIC',
  'ISEMPTY',
  'NOTLIKE',
  'NSAMEAS',
  'ISNULL',
  'NOT IN',
  'SAMEAS',
  'NOTIN',
  'NOTON',
  'LIKE',
  'IN',
  'ON',
  '!=',
  '<=',
  '>=',
  '!*',
  '=',
  '<',
  '>',
  '*',
  '%'
] as const

/** Terms about the records of another table. They have no field. */
const RELATED = ['JOIN', 'RLQUERY', 'SUBQUERY'] as const

export type Operator = (typeof OPERATORS)[number]
export type RelatedOperator = (typeof RELATED)[number]

/** Names that stand for every text of a record, where a condition has its field. */
export const TEXT_SEARCHES: readonly string[] = [
  '123TEXTQUERY321',
  'IR_AND_OR_QUERY',
  'IR_AND_QUERY',
  'IR_OR_QUERY'
]

export interface Condition {
  /** A field name; with dots a field of a referenced record. Empty with a {@link RelatedOperator}. */
  readonly field: string
  readonly operator: Operator | RelatedOperator
  readonly value: string
}

export interface Order {
  readonly field: string
  readonly descending: boolean
}

export interface EncodedQuery {
  /** Alternatives (`^NQ`). All groups of an alternative must match; in a group (`^OR`) one condition is enough. */
  readonly alternatives: readonly (readonly (readonly Condition[])[])[]
  readonly order: readonly Order[]
  /** Terms without a field and an operator that exists. */
  readonly unparsed: readonly string[]
}

/** Splits at `^`. A doubled `^^` is the character itself. */
function split(query: string): string[] {
  const terms = ['']
  for (let at = 0; at < query.length; at += 1) {
    const character = query.charAt(at)
    if (character !== '^') terms[terms.length - 1] += character
    else if (query.charAt(at + 1) === '^') {
      terms[terms.length - 1] += '^'
      at += 1
    } else terms.push('')
  }
  return terms
}

const doubled = (text: string): string => text.replaceAll('^', '^^')

/**
 * The terms of a query. `RLQUERY` and `SUBQUERY` reach to their end (`ENDRLQUERY`) and are one term, with the carets
 * between their parts.
 */
function termsOf(query: string): string[] {
  const terms: string[] = []
  const open: string[] = []
  for (const part of split(query)) {
    const start = /^(?:NQ|OR)?(RLQUERY|SUBQUERY)/.exec(part)?.[1]
    // The carets of a query inside of another may be doubled: then it is one part, with its end.
    const isWhole = part.includes('^END')
    if (open.length === 0) terms.push(part)
    else if (part !== `END${open.at(-1)}` || open.length > 1) terms[terms.length - 1] += `^${doubled(part)}`
    if (start !== undefined && !isWhole) open.push(start)
    else if (part === `END${open.at(-1)}`) open.pop()
  }
  return terms
}

function relatedFrom(term: string): Condition | undefined {
  const operator = RELATED.find(one => term.startsWith(one))
  if (!operator) return undefined
  return { field: '', operator, value: term.slice(operator.length).replace(/\^END(?:RL|SUB)QUERY$/, '') }
}

function conditionFrom(term: string): Condition | undefined {
  const search = TEXT_SEARCHES.find(one => term.startsWith(`${one}=`))
  // A name in capitals before a sign is a field that no table has, and not an operator.
  const capitals = /^[A-Z]\w*(?=!?=|[<>])/.exec(term)?.[0]
  const field = search ?? capitals ?? /^[A-Za-z][a-z0-9_]*(?:\.[A-Za-z]?[a-z0-9_]+)*/.exec(term)?.[0]
  if (!field) return undefined
  const rest = term.slice(field.length)
  const operator = OPERATORS.find(one => rest.startsWith(one))
  return operator && { field, operator, value: rest.slice(operator.length) }
}

function orderFrom(term: string): Order | undefined {
  const match = /^ORDERBY(DESC)?([a-z][a-z0-9_.]*)$/.exec(term)
  return match ? { field: match[2] ?? '', descending: match[1] !== undefined } : undefined
}

/** Terms that say how a list is shown, and the end of a query. */
const WITHOUT_MEANING = /^(?:$|EQ$|GROUPBY|TRENDBY|ORDERBY(?:DESC)?$)/

/** Parses an encoded query. It never throws: what it does not understand is in `unparsed`. */
export function parseQuery(text: string): EncodedQuery {
  const alternatives: Condition[][][] = [[]]
  const order: Order[] = []
  const unparsed: string[] = []
  for (const term of termsOf(text)) {
    if (WITHOUT_MEANING.test(term)) continue
    const sorted = orderFrom(term)
    if (sorted) {
      order.push(sorted)
      continue
    }
    const joiner = /^(?:NQ|OR)/.exec(term)?.[0] ?? ''
    const plain = term.slice(joiner.length).replace(/^GOTO/, '')
    const related = relatedFrom(plain)
    const condition = related ?? conditionFrom(plain)
    // RLQUERY and SUBQUERY hold for the whole alternative, whatever joins them.
    const always = related && related.operator !== 'JOIN'
    if (joiner === 'NQ' && !always) alternatives.push([])
    if (!condition) {
      unparsed.push(term)
      continue
    }
    const current = alternatives.at(-1) ?? []
    const group = current.at(-1)
    if (joiner === 'OR' && group && !always) group.push(condition)
    else current.push([condition])
  }
  return { alternatives, order, unparsed }
}

function conditionText({ field, operator, value }: Condition): string {
  if (operator === 'RLQUERY' || operator === 'SUBQUERY') return `${operator}${value}^END${operator}`
  return `${field}${operator}${doubled(value)}`
}

/** The encoded query of these alternatives. */
export function encode(alternatives: EncodedQuery['alternatives']): string {
  return alternatives
    .filter(groups => groups.length > 0)
    .map(groups => groups.map(group => group.map(conditionText).join('^OR')).join('^'))
    .join('^NQ')
}
