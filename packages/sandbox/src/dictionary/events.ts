import { dateTime, integer, longText, reference, type Table, table, text } from './field.ts'

const EVENT = table('em_event', 'Event', 'description', [
  text('source'),
  text('event_class', { label: 'Source instance' }),
  text('node'),
  text('resource'),
  text('metric_name'),
  text('type'),
  text('message_key', { maxLength: 1024 }),
  integer('severity'),
  longText('description'),
  longText('additional_info'),
  dateTime('time_of_event'),
  text('resolution_state'),
  text('state')
])

const IMPORT_SET = table(
  'sys_import_set',
  'Import Set',
  'number',
  [text('number'), text('table_name'), text('state')],
  { prefix: 'ISET', first: 10_001 }
)

const FACTS = ['version', 'event', 'repository', 'run_id', 'run_attempt', 'commit', 'environment', 'at']

const factFields = [
  text('u_delivery'),
  longText('u_data'),
  text('u_correlation_id'),
  text('u_correlation_display'),
  ...FACTS.map(name => text(`u_${name}`))
]

/** A staging table that an administrator made for the events of pipelines, and the table that it is transformed into. */
const STAGED_EVENT = table('u_deployment_event', 'Deployment event (import)', 'u_delivery', [
  reference('sys_import_set', 'sys_import_set'),
  text('sys_import_state'),
  ...factFields
])

const DEPLOYMENT = table('u_deployment', 'Deployment', 'u_delivery', factFields)

/** Event Management, and import sets. */
export const EVENT_TABLES: readonly Table[] = [EVENT, IMPORT_SET, STAGED_EVENT, DEPLOYMENT]
