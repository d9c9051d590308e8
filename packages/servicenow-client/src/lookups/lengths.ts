import { fieldOf } from '../changes/fields.ts'
import { accepted } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { isClientProblem } from '../problems/codes.ts'
import { Query } from '../query/query.ts'
import { readWholeTable } from './table.ts'

const PAGE = 200

/**
 * Characters that fields of a change keep, by field, from the dictionary; a longer text is cut without an error.
 * Fields that are not known are left out, and so are journals, which keep each entry elsewhere. undefined where the
 * account may not read the dictionary.
 */
export async function readMaxLengths(
  pipeline: Pipeline,
  fields: readonly string[]
): Promise<ReadonlyMap<string, number> | undefined> {
  const query = new Query().in('name', ['change_request', 'task']).in('element', fields)
  const operation = `reading the maximum lengths of ${fields.join(', ')}`
  const columns = ['sys_id', 'name', 'element', 'internal_type', 'max_length']
  try {
    const read = { table: 'sys_dictionary', query, operation, limit: PAGE, fields: columns }
    const { rows, hidden, cut } = await readWholeTable(pipeline, read)
    if (cut || hidden || rows.length === 0) return undefined
    const records = accepted(query, rows, operation).map(row => ({
      own: fieldOf(row, 'name').value === 'change_request',
      field: fieldOf(row, 'element').value,
      type: fieldOf(row, 'internal_type').value,
      length: Number(fieldOf(row, 'max_length').value)
    }))
    const texts = records.filter(({ type, length }) => length > 0 && !type.startsWith('journal'))
    // A field of the table itself comes after one that it inherits, and replaces it.
    const ordered = [...texts].sort((a, b) => Number(a.own) - Number(b.own))
    return new Map(ordered.map(({ field, length }) => [field, length]))
  } catch (error) {
    if (isClientProblem(error, 'role', 'forbidden', 'not-found', 'api-missing', 'query-ignored'))
      return undefined
    throw error
  }
}
