import type { Field } from '../dictionary/field.ts'
import type { Operator } from './parse.ts'

interface FieldValue {
  readonly value: string
  readonly display: string
}

/** Compares numbers as numbers, other values as text in any case. Stored dates can be compared as text. */
function compare(field: Field, left: string, right: string): number {
  if (field.type === 'integer' && left !== '' && right !== '') return Number(left) - Number(right)
  const [one, two] = [left.toLowerCase(), right.toLowerCase()]
  if (one === two) return 0
  return one < two ? -1 : 1
}

const same = (field: Field, left: string, right: string): boolean => compare(field, left, right) === 0

/** An empty value is neither less nor greater than another. */
const unlessEmpty = (value: string, test: boolean): boolean => value !== '' && test

function isInList(field: Field, value: string, list: string): boolean {
  return list.split(',').some(one => same(field, value, one.trim()))
}

function isBetween(field: Field, value: string, range: string): boolean {
  const [low = '', high = ''] = range.split('@')
  return unlessEmpty(value, compare(field, value, low) >= 0 && compare(field, value, high) <= 0)
}

/** `ONToday@start@end`: label, start and end. `javascript:` values have been evaluated before. */
function isOn(field: Field, value: string, range: string): boolean {
  const [, low = '', high = ''] = range.split('@')
  return isBetween(field, value, `${low}@${high}`)
}

/** `*` stands for any text. */
function matchesPattern(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text)
}

/** Whether a field matches a condition. Text operators on a reference compare its display value. */
export function matchesOperator(
  field: Field,
  fieldValue: FieldValue,
  operator: Operator,
  operand: string
): boolean {
  const { value } = fieldValue
  const text = (field.type === 'reference' ? fieldValue.display : value).toLowerCase()
  const searched = operand.toLowerCase()
  switch (operator) {
    case '=':
    case 'SAMEAS':
    case 'DYNAMIC':
    case 'IN_HIERARCHY':
      return same(field, value, operand)
    case '!=':
    case 'NSAMEAS':
      return !same(field, value, operand)
    case '<':
      return unlessEmpty(value, compare(field, value, operand) < 0)
    case '<=':
      return unlessEmpty(value, compare(field, value, operand) <= 0)
    case '>':
      return unlessEmpty(value, compare(field, value, operand) > 0)
    case '>=':
      return unlessEmpty(value, compare(field, value, operand) >= 0)
    case 'STARTSWITH':
      return text.startsWith(searched)
    case 'ENDSWITH':
    case '%':
      return text.endsWith(searched)
    case 'LIKE':
    case 'CONTAINS':
    case '*':
      return text.includes(searched)
    case 'NOT LIKE':
    case 'NOTLIKE':
    case 'DOES NOT CONTAIN':
    case '!*':
      return !text.includes(searched)
    case 'IN':
      return isInList(field, value, operand)
    case 'NOT IN':
    case 'NOTIN':
      return !isInList(field, value, operand)
    case 'ISEMPTY':
    case 'ISNULL':
    case 'EMPTYSTRING':
      return value === ''
    case 'ISNOTEMPTY':
    case 'ISNOTNULL':
      return value !== ''
    case 'MATCH_PAT':
      return matchesPattern(text, searched)
    case 'BETWEEN':
      return isBetween(field, value, operand)
    case 'ON':
      return isOn(field, value, operand)
    case 'ANYTHING':
    case 'DATEPART':
      return true
  }
}
