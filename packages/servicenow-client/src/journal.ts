import { fieldOf } from './changes/fields.ts'
import { accepted } from './changes/responses.ts'
import type { Pipeline } from './http/pipeline.ts'
import { readWholeTable } from './lookups/table.ts'
import { isClientProblem } from './problems/codes.ts'
import { Query } from './query/query.ts'

const COLUMNS = ['sys_id', 'element_id', 'element', 'value', 'sys_created_by', 'sys_created_on']

/**
 * The work notes that the account itself, or one of the named accounts, wrote on a record; oldest first. Access rules
 * may hide rows without an error: an empty list does not mean that there are none.
 *
 * @returns undefined when the account may not read them, there are too many, or the instance did not filter them by
 *   their writers
 */
export async function readJournal(
  pipeline: Pipeline,
  sysId: string,
  accounts: readonly string[]
): Promise<readonly string[] | undefined> {
  const query = new Query()
    .is('element_id', sysId)
    .is('element', 'work_notes')
    .createdByMe(accounts)
    .orderBy('sys_created_on')
  const operation = 'reading who wrote the work notes'
  try {
    const read = { table: 'sys_journal_field', query, operation, limit: 100, fields: COLUMNS }
    const { rows, cut } = await readWholeTable(pipeline, read)
    if (cut) return undefined
    const entries = accepted(query, rows, operation)
    const trusted = accounts.map(name => name.toLowerCase())
    const writers = new Set(entries.map(row => fieldOf(row, 'sys_created_by').value.toLowerCase()))
    // Rows of several others: the instance ignored the term.
    if ([...writers].filter(name => !trusted.includes(name)).length > 1) return undefined
    return entries.map(row => fieldOf(row, 'value').value)
  } catch (error) {
    if (isClientProblem(error, ...NOT_READABLE)) return undefined
    throw error
  }
}

const NOT_READABLE = [
  'role',
  'forbidden',
  'not-found',
  'not-servicenow',
  'unexpected',
  'query-ignored',
  'api-missing'
] as const
