import type { Pipeline } from '../http/pipeline.ts'
import { clientProblem } from '../problems/codes.ts'
import type { ReadOptions } from './change-api.ts'
import { toFields } from './fields.ts'
import { checkRecord } from './one-record.ts'
import { POLL_FIELDS, type PollValues, pollValues } from './poll-values.ts'
import { oneRecord } from './responses.ts'

/** See `ChangeApi.poll`. The Change Management API has no choice of fields, so both dialects ask the Table API. */
export function pollChange(
  pipeline: Pipeline,
  sysId: string,
  { operation = `polling the change ${sysId}`, maxRetries }: Pick<ReadOptions, 'operation' | 'maxRetries'>
): Promise<PollValues> {
  return pipeline.request({
    operation,
    method: 'GET',
    path: `/api/now/table/change_request/${encodeURIComponent(sysId)}`,
    query: {
      sysparm_display_value: 'false',
      sysparm_exclude_reference_link: 'true',
      sysparm_fields: POLL_FIELDS.join(',')
    },
    read: body => {
      const fields = toFields(oneRecord(body, operation))
      checkRecord(fields, { operation, sysId, by: 'read' })
      const values = pollValues(fields)
      // Without its sys_id it may be another one, and without the count of versions an edit would not be seen.
      const missing = (['sys_id', 'sys_mod_count'] as const).filter(name => (values[name] ?? '') === '')
      if (missing.length > 0) throw clientProblem('unreadable', { operation, fields: missing })
      return values
    },
    maxRetries
  })
}
