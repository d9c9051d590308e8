import { flag, integer, longText, reference, special, type Table, table, text } from './field.ts'

const SCHEDULE = table('cmn_schedule', 'Schedule', 'name', [
  text('name'),
  text('type'),
  text('time_zone'),
  longText('description')
])

/** Start and end are `YYYYMMDDTHHMMSS` in the zone of the schedule, or in UTC with a `Z`. */
const SCHEDULE_SPAN = table('cmn_schedule_span', 'Schedule Entry', 'name', [
  text('name'),
  reference('schedule', 'cmn_schedule'),
  text('type'),
  text('start_date_time', { label: 'When' }),
  text('end_date_time', { label: 'To' }),
  text('repeat_type', { label: 'Repeats' }),
  text('days_of_week'),
  text('repeat_until')
])

const CI_RELATION = table('cmdb_rel_ci', 'CI Relationship', 'type', [
  reference('parent', 'cmdb_ci'),
  reference('child', 'cmdb_ci'),
  text('type')
])

const AFFECTED_CI = table('task_ci', 'Affected CI', 'ci_item', [
  reference('task', 'task'),
  reference('ci_item', 'cmdb_ci', { label: 'Configuration item' })
])

const IMPACTED_SERVICE = table('task_cmdb_ci_service', 'Impacted Service', 'cmdb_ci_service', [
  reference('task', 'task'),
  reference('cmdb_ci_service', 'cmdb_ci', { label: 'Service' }),
  flag('manually_added')
])

const IMPACTED_OFFERING = table('task_service_offering', 'Impacted Service Offering', 'service_offering', [
  reference('task', 'task'),
  reference('service_offering', 'cmdb_ci'),
  flag('manually_added')
])

/** Work that the Change Management API does after its response. `request`, `messages` and `payload` are JSON. */
const WORKER = table('chg_mgt_worker', 'Change Management Worker', 'type', [
  text('type'),
  text('operation'),
  integer('state'),
  reference('change_request', 'change_request'),
  special('request', 'string'),
  special('messages', 'string'),
  special('payload', 'string')
])

/** Schedules, the configuration items of changes, and the workers that use them. */
export const PLANNING_TABLES: readonly Table[] = [
  SCHEDULE,
  SCHEDULE_SPAN,
  CI_RELATION,
  AFFECTED_CI,
  IMPACTED_SERVICE,
  IMPACTED_OFFERING,
  WORKER
]
