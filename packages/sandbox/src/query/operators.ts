import type { Field } from '../dictionary/field.ts'
import type { Operator } from './parse.ts'

interface Found {
  readonly value: string
  readonly display: string
}

/** Numbers compare as numbers, everything else as text in any case; dates sort as text. */
function compare(field: Field, left: string, right: string): number {
  if (field.type === 'integer' && left !== '' && right !== '') return Number(left) - Number(right)
  const [one, two] = [left.toLowerCase(), right.toLowerCase()]
  if (one === two) return 0
  return one < two ? -1 : 1
}

const same = (field: Field, left: string, right: string): boolean => compare(field, left, right) === 0

/** Empty never is less or more than anything. */
const ordered = (value: string, test: boolean): boolean => value !== '' && test

function within(field: Field, value: string, list: string): boolean {
  return list.split(',').some(one => same(field, value, one.trim()))
}

function between(field: Field, value: string, range: string): boolean {
  const [low = '', high = ''] = range.split('@')
  return ordered(value, compare(field, value, low) >= 0 && compare(field, value, high) <= 0)
}

/** `ONToday@javascript:…@javascript:…`: label, start and end. Script bounds are resolved before. */
function on(field: Field, value: string, range: string): boolean {
  const [, low = '', high = ''] = range.split('@')
  return between(field, value, `${low}@${high}`)
}

/** Whether one condition holds for what was found at its field. Text searches in references look at names. */
export function holds(field: Field, found: Found, operator: Operator, wanted: string): boolean {
  const { value } = found
  const shown = (field.type === 'reference' ? found.display : value).toLowerCase()
  const needle = wanted.toLowerCase()
  switch (operator) {
    case '=':
    case 'SAMEAS':
    case 'DYNAMIC':
    case 'IN_HIERARCHY':
      return same(field, value, wanted)
    case '!=':
    case 'NSAMEAS':
      return !same(field, value, wanted)
    case '<':
      return ordered(value, compare(field, value, wanted) < 0)
    case '<=':
      return ordered(value, compare(field, value, wanted) <= 0)
    case '>':
      return ordered(value, compare(field, value, wanted) > 0)
    case '>=':
      return ordered(value, compare(field, value, wanted) >= 0)
    case 'STARTSWITH':
      return shown.startsWith(needle)
    case 'ENDSWITH':
    case '%':
      return shown.endsWith(needle)
    case 'LIKE':
    case '*':
      return shown.includes(needle)
    case 'NOT LIKE':
    case 'NOTLIKE':
    case '!*':
      return !shown.includes(needle)
    case 'IN':
      return within(field, value, wanted)
    case 'NOT IN':
    case 'NOTIN':
      return !within(field, value, wanted)
    case 'ISEMPTY':
    case 'EMPTYSTRING':
      return value === ''
    case 'ISNOTEMPTY':
      return value !== ''
    case 'BETWEEN':
      return between(field, value, wanted)
    case 'ON':
      return on(field, value, wanted)
    case 'ANYTHING':
    case 'DATEPART':
      return true
  }
}
