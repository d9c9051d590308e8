import type { Field } from '../dictionary/field.ts'
import { referenceDisplayValue } from '../engine/display.ts'
import type { Row } from '../engine/store.ts'
import type { Compiler, RowTest } from './compiler.ts'
import { dateTest } from './date-operators.ts'
import { otherField, pairTest } from './field-comparisons.ts'
import { fieldAtPath, followPath, valueAt } from './field-path.ts'
import { InvalidQuery } from './invalid-query.ts'
import { compare, readsDisplayValue, type ValueTest, valueTest } from './operators.ts'
import { type Condition, type Operator, TEXT_SEARCHES } from './parse.ts'
import { isRelated, relatedTest } from './related.ts'
import { evaluateScripts, groupsOf } from './scripts.ts'
import { textSearch } from './text-search.ts'

/** The "dynamic" filters of every instance, by sys_id: the operator and the value that they stand for. */
const DYNAMIC_FILTERS: Readonly<Record<string, (compiler: Compiler) => [Operator, string]>> = {
  '90d1921e5f510100a9ad2572f2b477fe': ({ actor }) => ['=', actor.sysId],
  d6435e965f510100a9ad2572f2b47744: ({ engine, actor }) => ['IN', groupsOf(engine, actor).join(',')]
}

function dynamic(compiler: Compiler, condition: Condition): Condition {
  const filter = Object.hasOwn(DYNAMIC_FILTERS, condition.value)
    ? DYNAMIC_FILTERS[condition.value]
    : undefined
  if (!filter) throw new InvalidQuery(`Unknown dynamic filter: ${condition.value}`)
  const [operator, value] = filter(compiler)
  return { ...condition, operator, value }
}

/** The results by value: many records have the same one. */
function remembered(test: ValueTest): ValueTest {
  const known = new Map<string, boolean>()
  return value => {
    const result = known.get(value) ?? test(value)
    known.set(value, result)
    return result
  }
}

/** The test of the values of a field; undefined for an operator that is none of these. */
function fieldTest({ engine, actor }: Compiler, field: Field, condition: Condition): ValueTest | undefined {
  const dates = dateTest(engine, actor, condition)
  if (dates) return dates
  const operand = evaluateScripts(engine, actor, condition.value)
  if (operand === undefined) return () => false
  const operator = condition.operator as Operator
  const test = valueTest(field, operator, operand)
  if (!test || !readsDisplayValue(field, operator)) return test
  return remembered(value => test(referenceDisplayValue(engine, field.target ?? '', value)))
}

/** Values are read by name, or along a dotted path. The results of a path are kept by its first reference. */
function testAtPath(
  { engine }: Compiler,
  table: string,
  path: string,
  field: Field,
  test: ValueTest
): RowTest {
  if (field.type === 'journal') return () => test('')
  if (!path.includes('.')) return row => test(row[path] ?? '')
  const first = path.slice(0, path.indexOf('.'))
  const known = new Map<string, boolean>()
  return row => {
    const key = row[first] ?? ''
    const result = known.get(key) ?? test(valueAt(followPath(engine, table, row, path)))
    known.set(key, result)
    return result
  }
}

/**
 * The test of a condition on the rows of a table.
 * @throws InvalidQuery for a value that its operator cannot have
 */
export function compile(compiler: Compiler, table: string, condition: Condition): RowTest {
  const { operator } = condition
  if (isRelated(operator)) return relatedTest(compiler, table, { ...condition, operator })
  if (TEXT_SEARCHES.includes(condition.field)) return textSearch(table, condition.field, condition.value)
  if (operator === 'DYNAMIC') return compile(compiler, table, dynamic(compiler, condition))
  const field = fieldAtPath(table, condition.field)
  if (!field) throw new Error(`no field ${condition.field}`)
  const other = otherField(condition)
  if (other) {
    const test = pairTest(compiler.actor, condition, other.rest, (one, two) => compare(field, one, two))
    const read = (row: Row, path: string) => valueAt(followPath(compiler.engine, table, row, path))
    return row => test(read(row, condition.field), read(row, other.path))
  }
  const test = fieldTest(compiler, field, condition)
  if (!test) throw new Error(`no test for ${operator}`)
  return testAtPath(compiler, table, condition.field, field, test)
}
