/** A condition of a query that was added, to which others can be added. */
export interface QueryConditionLike {
  addOrCondition(field: string, operator: unknown, ...value: unknown[]): QueryConditionLike
  addCondition(field: string, operator: unknown, ...value: unknown[]): QueryConditionLike
}

export interface QueryTerms {
  readonly QueryCondition: new (terms: string[]) => QueryConditionLike
  /** A term of an encoded query: `(field, value)` or `(field, operator, [value])`. */
  term(field: string, operator: unknown, value: readonly unknown[]): string
}

/** What builds the terms of an encoded query. */
export function queryTerms(): QueryTerms {
  const textOf = (value: unknown) => (value === null || value === undefined ? '' : String(value))
  const termText = (value: unknown) => textOf(value).replace(/\^/g, '^^')

  const term = (field: string, operator: unknown, value: readonly unknown[]) => {
    if (value.length === 0) return `${field}=${termText(operator)}`
    const [only] = value
    return `${field}${textOf(operator)}${termText(Array.isArray(only) ? only.join(',') : only)}`
  }

  class QueryCondition {
    readonly #terms: string[]
    readonly #at: number

    constructor(terms: string[]) {
      this.#terms = terms
      this.#at = terms.length - 1
    }
    addOrCondition(field: string, operator: unknown, ...value: unknown[]): this {
      this.#terms[this.#at] += `^OR${term(field, operator, value)}`
      return this
    }
    addCondition(field: string, operator: unknown, ...value: unknown[]): this {
      this.#terms[this.#at] += `^${term(field, operator, value)}`
      return this
    }
  }

  return { QueryCondition, term }
}
