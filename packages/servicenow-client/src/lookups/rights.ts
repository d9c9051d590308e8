import { fieldOf, toFields } from '../changes/fields.ts'
import { rowsOf } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { isClientProblem } from '../problems/codes.ts'
import { Query } from '../query/query.ts'
import { pageOf, type TableRows } from './pages.ts'
import { readWholeTable } from './table.ts'

/** The first rows of a list resource of any API. @throws Problem */
export function probe(pipeline: Pipeline, path: string, operation: string): Promise<TableRows> {
  return pipeline.request({
    operation,
    method: 'GET',
    path,
    query: { sysparm_limit: '1' },
    read: (body, headers) => {
      const rows = rowsOf(body, operation)
      const { total = rows.length } = pageOf(rows, headers)
      return { rows, hidden: total > 0 && rows.length === 0 }
    }
  })
}

/** Names of the roles of the account itself, inherited ones included; undefined when it may not read them. */
export async function readOwnRoles(pipeline: Pipeline): Promise<readonly string[] | undefined> {
  const query = new Query().isMe('user')
  const operation = "reading the account's own roles"
  try {
    const read = {
      table: 'sys_user_has_role',
      query,
      operation,
      limit: 200,
      fields: ['sys_id', 'user', 'role']
    }
    const { rows, cut } = await readWholeTable(pipeline, read)
    // A role that was not read may be the one that matters.
    if (cut) return undefined
    const records = rows.map(toFields)
    // Rows of several users: the instance ignored the filter.
    if (new Set(records.map(row => fieldOf(row, 'user').value)).size > 1) return undefined
    const names = records.map(row => fieldOf(row, 'role').display).filter(name => name !== '')
    return names.length === 0 ? undefined : names
  } catch (error) {
    if (isClientProblem(error)) return undefined
    throw error
  }
}
