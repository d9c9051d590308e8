import { dateTime, type Field, flag, integer, longText, reference, type Table, table, text } from './field.ts'

const INCIDENT: readonly Field[] = [
  integer('state', { choicesOf: 'incident' }),
  integer('incident_state', { choicesOf: 'incident' }),
  integer('hold_reason', { label: 'On hold reason', choicesOf: 'incident' }),
  reference('caller_id', 'sys_user', { label: 'Caller' }),
  text('category', { choicesOf: 'incident' }),
  text('subcategory', { choicesOf: 'incident' }),
  integer('severity', { choicesOf: 'incident' }),
  integer('notify'),
  text('close_code', { label: 'Resolution code', choicesOf: 'incident' }),
  longText('close_notes', { label: 'Resolution notes' }),
  dateTime('resolved_at', { label: 'Resolved' }),
  reference('resolved_by', 'sys_user'),
  integer('reopen_count'),
  dateTime('reopened_time', { label: 'Last reopened at' }),
  reference('reopened_by', 'sys_user', { label: 'Last reopened by' }),
  reference('parent_incident', 'incident'),
  integer('child_incidents'),
  reference('problem_id', 'problem', { label: 'Problem' }),
  reference('rfc', 'change_request', { label: 'Change Request' }),
  reference('caused_by', 'change_request', { label: 'Caused by Change' }),
  text('cause', { label: 'Probable cause' }),
  text('business_impact'),
  text('business_stc', { label: 'Business resolve time' }),
  text('calendar_stc', { label: 'Resolve time' })
]

const PROBLEM: readonly Field[] = [
  integer('state', { choicesOf: 'problem' }),
  integer('problem_state', { choicesOf: 'problem' }),
  text('category', { choicesOf: 'incident' }),
  text('subcategory', { choicesOf: 'incident' }),
  text('resolution_code', { choicesOf: 'problem' }),
  longText('cause_notes'),
  longText('fix_notes'),
  longText('workaround'),
  flag('workaround_applied'),
  dateTime('workaround_communicated_at'),
  reference('workaround_communicated_by', 'sys_user'),
  reference('duplicate_of', 'problem'),
  flag('known_error'),
  flag('major_problem'),
  integer('related_incidents'),
  reference('first_reported_by_task', 'task', { label: 'First reported by' }),
  reference('rfc', 'change_request', { label: 'Change request' }),
  dateTime('confirmed_at'),
  reference('confirmed_by', 'sys_user'),
  dateTime('fix_communicated_at'),
  reference('fix_communicated_by', 'sys_user'),
  dateTime('resolved_at', { label: 'Resolved' }),
  reference('resolved_by', 'sys_user'),
  integer('reopen_count'),
  dateTime('reopened_at'),
  reference('reopened_by', 'sys_user'),
  text('review_outcome')
]

const PROBLEM_TASK: readonly Field[] = [
  integer('state', { choicesOf: 'problem_task' }),
  reference('problem', 'problem'),
  text('problem_task_type', { label: 'Type', choicesOf: 'problem_task' }),
  text('close_code', { choicesOf: 'problem_task' }),
  longText('cause_notes'),
  longText('fix_notes'),
  longText('workaround'),
  dateTime('started_at'),
  reference('started_by', 'sys_user'),
  integer('reopen_count')
]

/**
 * Incidents, problems and problem tasks: tables that extend `task`.
 * @param task the fields that they inherit; a field of their own with the same name replaces it
 */
export function ticketTables(task: Table): readonly Table[] {
  const inherited = [...task.fields.values()]
  const extending = (name: string, label: string, prefix: string, own: readonly Field[]) =>
    table(name, label, 'number', [...inherited, ...own], { prefix, first: 10_001 })
  return [
    extending('incident', 'Incident', 'INC', INCIDENT),
    extending('problem', 'Problem', 'PRB', PROBLEM),
    extending('problem_task', 'Problem Task', 'PTASK', PROBLEM_TASK)
  ]
}
