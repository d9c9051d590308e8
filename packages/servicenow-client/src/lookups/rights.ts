import { fieldOf, toFields } from '../changes/fields.ts'
import { rowsOf } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { clientProblem, isClientProblem } from '../problems/codes.ts'
import { Query } from '../query/query.ts'
import { pageOf, type Row, type TableRows } from './pages.ts'
import { readTable, readWholeTable } from './table.ts'

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
      fields: ['sys_id', 'user', 'role'],
      check: (page: readonly Row[]) => {
        // Rows of several users: the instance ignored the filter.
        const users = new Set(page.map(row => fieldOf(toFields(row), 'user').value))
        if (users.size > 1) throw clientProblem('query-ignored', { operation, fields: ['user'] })
      }
    }
    const { rows, cut } = await readWholeTable(pipeline, read)
    // A role that was not read may be the one that matters.
    if (cut) return undefined
    const names = rows.map(row => fieldOf(toFields(row), 'role').display).filter(name => name !== '')
    return names.length === 0 ? undefined : names
  } catch (error) {
    if (isClientProblem(error)) return undefined
    throw error
  }
}

/** User name of the account itself; undefined when the instance evaluates no scripts in queries, or hides the row. */
export async function readOwnName(pipeline: Pipeline): Promise<string | undefined> {
  const operation = "reading the account's own name"
  const read = {
    table: 'sys_user',
    query: new Query().isMyName('user_name'),
    operation,
    limit: 2,
    fields: ['sys_id', 'user_name']
  }
  const { rows } = await readTable(pipeline, read)
  const [only] = rows
  return rows.length === 1 ? fieldOf(toFields(only), 'user_name').value || undefined : undefined
}
