import type { Pipeline } from '../http/pipeline.ts'
import { whole } from '../lookups/pages.ts'
import { readWholeTable } from '../lookups/table.ts'
import type { Query } from '../query/query.ts'
import { BRIEF_FIELDS, changeOf } from './change.ts'
import type { ChangeList } from './change-api.ts'
import { accepted } from './responses.ts'

/** Rows of one request: the Change Management API has no choice of fields, so the Table API is asked. */
const PAGE = 1_000

/** See `ChangeApi.list`. */
export async function listChanges(
  pipeline: Pipeline,
  query: Query,
  operation: string,
  fields: readonly string[] = []
): Promise<ChangeList> {
  const columns = [...new Set([...BRIEF_FIELDS, ...query.fields, ...fields])]
  const read = { table: 'change_request', query, operation, limit: PAGE, fields: columns }
  const list = await readWholeTable(pipeline, read)
  const rows = accepted(query, whole(list, operation), operation)
  return { changes: rows.map(row => changeOf(row, operation)), hidden: list.hidden }
}
