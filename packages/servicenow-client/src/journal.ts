import { type Fields, fieldOf } from './changes/fields.ts'
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
    if (!areOfAccounts(entries, accounts)) return undefined
    return entries.map(row => fieldOf(row, 'value').value)
  } catch (error) {
    if (isClientProblem(error, ...NOT_READABLE)) return undefined
    throw error
  }
}

/** Records whose notes are asked for in one request. */
const BATCH = 100

/**
 * The work notes with a marker of ours (`[gha2`) that the account itself, or one of the named accounts, wrote on many
 * records, a hundred records a request; oldest first.
 *
 * @returns by the sys_id of the record. One that is missing may have notes that the account may not read
 */
export async function readMarkedNotes(
  pipeline: Pipeline,
  sysIds: readonly string[],
  accounts: readonly string[]
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  for (let from = 0; from < sysIds.length; from += BATCH) {
    const query = new Query()
      .in('element_id', sysIds.slice(from, from + BATCH))
      .is('element', 'work_notes')
      .contains(['value'], '[gha2')
      .createdByMe(accounts)
      .orderBy('sys_created_on')
    const operation = 'reading the work notes with markers'
    try {
      const read = { table: 'sys_journal_field', query, operation, limit: 1_000, fields: COLUMNS }
      const { rows, cut } = await readWholeTable(pipeline, read)
      const entries = accepted(query, rows, operation)
      if (cut || !areOfAccounts(entries, accounts)) continue
      for (const row of entries) {
        const sysId = fieldOf(row, 'element_id').value
        found.set(sysId, [...(found.get(sysId) ?? []), fieldOf(row, 'value').value])
      }
    } catch (error) {
      if (!isClientProblem(error, ...NOT_READABLE)) throw error
    }
  }
  return found
}

/** Rows of several others show that the instance ignored the term. */
function areOfAccounts(entries: readonly Fields[], accounts: readonly string[]): boolean {
  const trusted = accounts.map(name => name.toLowerCase())
  const writers = new Set(entries.map(row => fieldOf(row, 'sys_created_by').value.toLowerCase()))
  return [...writers].filter(name => !trusted.includes(name)).length <= 1
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
