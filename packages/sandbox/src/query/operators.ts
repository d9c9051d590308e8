import type { Field } from '../dictionary/field.ts'
import { EXTENSIONS } from '../dictionary/tables.ts'
import type { Operator } from './parse.ts'

/** Whether a value matches. */
export type ValueTest = (value: string) => boolean

/** How an operator tests the values of a field. */
type Builder = (field: Field, operand: string) => ValueTest

const BOOLEANS: Readonly<Record<string, string>> = { '1': 'true', '0': 'false' }

/** Values that are the same: numbers as numbers, other values in any case. `NULL` is the empty value. */
const equal: Builder = (field, operand) => {
  if (operand === '' || operand === 'NULL') return value => value === ''
  if (field.type === 'integer') {
    const number = Number(operand)
    return value => value === operand || (value !== '' && Number(value) === number)
  }
  const wanted = field.type === 'boolean' ? (BOOLEANS[operand] ?? operand) : operand
  const lower = wanted.toLowerCase()
  return value => value === wanted || (value.length === wanted.length && value.toLowerCase() === lower)
}

const not =
  (build: Builder): Builder =>
  (field, operand) => {
    const test = build(field, operand)
    return value => !test(value)
  }

/**
 * Negative, 0 or positive. Numbers are compared as numbers, other values as text in any case. Stored dates can be
 * compared as text.
 */
export function compare(field: Field, left: string, right: string): number {
  if (field.type === 'integer' && left !== '' && right !== '') return Number(left) - Number(right)
  const [one, other] = [left.toLowerCase(), right.toLowerCase()]
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** An empty value is neither less nor greater than another. */
const ordered =
  (holds: (difference: number) => boolean): Builder =>
  (field, operand) =>
  value =>
    value !== '' && holds(compare(field, value, operand))

const atLeast = ordered(difference => difference >= 0)
const atMost = ordered(difference => difference <= 0)

const between: Builder = (field, operand) => {
  const [low = '', high = ''] = operand.split('@')
  const [isHigh, isLow] = [atLeast(field, low), atMost(field, high)]
  return value => isHigh(value) && isLow(value)
}

/** `ONToday@start@end`: label, start and end. */
const on: Builder = (field, operand) => between(field, operand.slice(operand.indexOf('@') + 1))

const oneOf: Builder = (field, operand) => {
  const tests = operand.split(',').map(one => equal(field, one.trim()))
  if (field.type === 'integer') return value => tests.some(test => test(value))
  const wanted = new Set(operand.split(',').map(one => one.trim().toLowerCase()))
  return value => wanted.has(value.toLowerCase())
}

const text =
  (holds: (value: string, searched: string) => boolean): Builder =>
  (_, operand) => {
    const searched = operand.toLowerCase()
    return value => holds(value.toLowerCase(), searched)
  }

const contains = text((value, searched) => value.includes(searched))
const endsWith = text((value, searched) => value.endsWith(searched))

/** `*` stands for any text. Each piece is looked for once, so that no pattern takes long. */
function matchesPattern(value: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return value === first
  if (!value.startsWith(first)) return false
  let at = first.length
  for (const piece of rest) {
    const found = value.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return value.length - last.length >= at && value.endsWith(last)
}

const isEmpty: Builder = () => value => value === ''

/** A class of records is also each class that it extends. */
const instanceOf: Builder = (field, operand) => {
  const tests = [operand, ...(EXTENSIONS[operand] ?? [])].map(one => equal(field, one))
  return value => tests.some(test => test(value))
}

/** The operators that need nothing but the value of the field. */
const BUILDERS: Partial<Record<Operator, Builder>> = {
  '=': equal,
  '!=': not(equal),
  '<': ordered(difference => difference < 0),
  '<=': atMost,
  '>': ordered(difference => difference > 0),
  '>=': atLeast,
  STARTSWITH: text((value, searched) => value.startsWith(searched)),
  ENDSWITH: endsWith,
  '%': endsWith,
  LIKE: contains,
  CONTAINS: contains,
  '*': contains,
  'NOT LIKE': not(contains),
  NOTLIKE: not(contains),
  'DOES NOT CONTAIN': not(contains),
  '!*': not(contains),
  MATCH_PAT: text(matchesPattern),
  IN: oneOf,
  'NOT IN': not(oneOf),
  NOTIN: not(oneOf),
  // No table of the sandbox has a hierarchy: a record is in its own only.
  IN_HIERARCHY: equal,
  INSTANCEOF: instanceOf,
  ISEMPTY: isEmpty,
  ISNULL: isEmpty,
  EMPTYSTRING: isEmpty,
  ISNOTEMPTY: not(isEmpty),
  ISNOTNULL: not(isEmpty),
  BETWEEN: between,
  ON: on,
  NOTON: not(on),
  ANYTHING: () => () => true
}

/** Operators on a reference that read its display value. */
const TEXT_OPERATORS: readonly Operator[] = [
  'STARTSWITH',
  'ENDSWITH',
  '%',
  'LIKE',
  'CONTAINS',
  '*',
  'NOT LIKE',
  'NOTLIKE',
  'DOES NOT CONTAIN',
  '!*',
  'MATCH_PAT'
]

/** Whether the operator reads the display value of the field. */
export function readsDisplayValue(field: Field, operator: Operator): boolean {
  return field.type === 'reference' && TEXT_OPERATORS.includes(operator)
}

/** The test of an operator; undefined for one that needs more than the value of the field. */
export function valueTest(field: Field, operator: Operator, operand: string): ValueTest | undefined {
  return BUILDERS[operator]?.(field, operand)
}
