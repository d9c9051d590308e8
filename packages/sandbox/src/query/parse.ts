/** Parses ServiceNow's encoded queries: `active=true^nameLIKEdev^ORowner=me^NQ…^ORDERBYDESCnumber`. */

const OPERATORS = [
  'DOES NOT CONTAIN',
  'IN_HIERARCHY',
  'ISNOTEMPTY',
  'EMPTYSTRING',
  'ISNOTNULL',
  'MATCH_PAT',
  'CONTAINS',
  'STARTSWITH',
  'NOT LIKE',
  'ENDSWITH',
  'DATEPART',
  'ANYTHING',
  'NSAMEAS',
  'NOTLIKE',
  'NOT IN',
  'ISEMPTY',
  'ISNULL',
  'BETWEEN',
  'DYNAMIC',
  'SAMEAS',
  'NOTIN',
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

export type Operator = (typeof OPERATORS)[number]

export interface Condition {
  /** A field name; with dots a field of a referenced record. */
  readonly field: string
  readonly operator: Operator
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
  /** Terms without a field and an operator. */
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

function conditionFrom(term: string): Condition | undefined {
  const field = /^[a-z][a-z0-9_.]*/.exec(term)?.[0]
  if (!field) return undefined
  const rest = term.slice(field.length)
  const operator = OPERATORS.find(one => rest.startsWith(one))
  return operator && { field, operator, value: rest.slice(operator.length) }
}

function orderFrom(term: string): Order | undefined {
  const match = /^ORDERBY(DESC)?([a-z][a-z0-9_.]*)$/.exec(term)
  return match ? { field: match[2] ?? '', descending: match[1] !== undefined } : undefined
}

/** Parses an encoded query. It never throws: ServiceNow ignores terms that it cannot parse. */
export function parseQuery(text: string): EncodedQuery {
  const alternatives: Condition[][][] = [[]]
  const order: Order[] = []
  const unparsed: string[] = []
  for (const term of split(text)) {
    if (term === '' || term === 'EQ' || term.startsWith('GROUPBY')) continue
    const sorted = orderFrom(term)
    if (sorted) {
      order.push(sorted)
      continue
    }
    const joiner = /^(?:NQ|OR)/.exec(term)?.[0] ?? ''
    const condition = conditionFrom(term.slice(joiner.length))
    if (joiner === 'NQ') alternatives.push([])
    if (!condition) {
      unparsed.push(term)
      continue
    }
    const current = alternatives.at(-1) ?? []
    const group = current.at(-1)
    if (joiner === 'OR' && group) group.push(condition)
    else current.push([condition])
  }
  return { alternatives, order, unparsed }
}

function conditionText({ field, operator, value }: Condition): string {
  return `${field}${operator}${value.replaceAll('^', '^^')}`
}

/** The encoded query of these alternatives. */
export function encode(alternatives: EncodedQuery['alternatives']): string {
  return alternatives
    .filter(groups => groups.length > 0)
    .map(groups => groups.map(group => group.map(conditionText).join('^OR')).join('^'))
    .join('^NQ')
}
