import type { Field } from '../dictionary/field.ts'

export const FUNCTIONS = ['avg', 'sum', 'min', 'max'] as const

export type AggregateFunction = (typeof FUNCTIONS)[number]

/** Decimals of an average in a response. */
const DECIMALS = 4

function smaller(field: Field, left: string, right: string): boolean {
  return field.type === 'integer' ? Number(left) < Number(right) : left < right
}

function extreme(field: Field, values: readonly string[], wanted: 'min' | 'max'): string {
  const [first = '', ...others] = values
  return others.reduce((best, value) => {
    const isBetter = wanted === 'min' ? smaller(field, value, best) : smaller(field, best, value)
    return isBetter ? value : best
  }, first)
}

/**
 * An aggregate of stored values. Empty values do not count; without others it is empty.
 * Sums and averages of text count what is no number as 0.
 */
export function aggregate(name: AggregateFunction, field: Field, stored: readonly string[]): string {
  const values = stored.filter(value => value !== '')
  if (values.length === 0) return ''
  if (name === 'min' || name === 'max') return extreme(field, values, name)
  const sum = values.reduce((total, value) => total + (Number(value) || 0), 0)
  return name === 'sum' ? String(sum) : (sum / values.length).toFixed(DECIMALS)
}
