import { expect, it } from '@jest/globals'
import { integer, text } from '../dictionary/field.ts'
import { TableRows } from './table-rows.ts'

const [name, order] = [text('name'), integer('order')]

/** Enough rows for indexes: `name` is Even or Odd, `order` is the last digit of the index. */
function filled(): TableRows {
  const rows = new TableRows()
  for (let index = 0; index < 1000; index += 1) rows.put(rowOf(index))
  return rows
}

const rowOf = (index: number, values = {}) => ({
  sys_id: `id${index}`,
  name: index % 2 ? 'Odd' : 'Even',
  order: String(index % 10),
  ...values
})

const found = (rows: TableRows, value: string, digit: string) =>
  rows.withValues([
    { field: name, value },
    { field: order, value: digit }
  ])

it('finds the rows with all values, texts in any case and numbers as numbers', () => {
  const rows = filled()
  expect(found(rows, 'EVEN', '4.0').map(row => row.sys_id)).toEqual(
    Array.from({ length: 100 }, (_, index) => `id${index * 10 + 4}`)
  )
  expect(found(rows, 'even', '5')).toEqual([])
  expect(rows.withValues([])).toHaveLength(1000)
})

it('follows every write, and a row that is replaced keeps its place', () => {
  const rows = filled()
  expect(found(rows, 'even', '4')).toHaveLength(100)
  rows.put(rowOf(4, { note: 'new' }))
  rows.put(rowOf(14, { name: 'other' }))
  rows.remove('id24')
  rows.put(rowOf(5, { name: 'even', order: '4' }))
  const ids = found(rows, 'even', '4').map(row => row.sys_id)
  expect(ids.slice(0, 4)).toEqual(['id4', 'id5', 'id34', 'id44'])
  expect(found(rows, 'even', '4')[0]?.note).toBe('new')
  expect(found(rows, 'other', '4').map(row => row.sys_id)).toEqual(['id14'])
  rows.replace([rowOf(3)])
  expect(rows.all()).toEqual([rowOf(3)])
})
