import { ADMINISTRATION_TABLES } from './administration.ts'
import { CHANGE_REQUEST, INHERITED_BY_TASKS } from './change-request.ts'
import { EVENT_TABLES } from './events.ts'
import {
  dateTime,
  flag,
  integer,
  journal,
  longText,
  reference,
  special,
  type Table,
  table,
  text
} from './field.ts'
import { PLANNING_TABLES } from './planning.ts'
import { ticketTables } from './tickets.ts'
import { TINY_URL } from './tiny-url.ts'

const CHANGE_TASK = table(
  'change_task',
  'Change Task',
  'number',
  [
    text('number'),
    reference('parent', 'task'),
    reference('change_request', 'change_request'),
    text('short_description', { maxLength: 160 }),
    longText('description'),
    integer('state', { choicesOf: 'change_task' }),
    integer('priority', { choicesOf: 'task' }),
    text('approval', { choicesOf: 'task' }),
    dateTime('due_date'),
    text('change_task_type', { label: 'Type', choicesOf: 'change_task' }),
    flag('active'),
    flag('on_hold'),
    longText('on_hold_reason'),
    reference('assignment_group', 'sys_user_group'),
    reference('assigned_to', 'sys_user'),
    reference('cmdb_ci', 'cmdb_ci', { label: 'Configuration item' }),
    dateTime('planned_start_date'),
    dateTime('planned_end_date'),
    dateTime('work_start', { label: 'Actual start date' }),
    dateTime('work_end', { label: 'Actual end date' }),
    text('close_code', { choicesOf: 'change_task' }),
    longText('close_notes'),
    dateTime('closed_at', { label: 'Closed' }),
    reference('closed_by', 'sys_user'),
    text('correlation_id', { label: 'Correlation ID', maxLength: 100 }),
    reference('opened_by', 'sys_user'),
    dateTime('opened_at', { label: 'Opened' }),
    journal('work_notes'),
    journal('comments', { label: 'Additional comments' }),
    text('created_from', { choicesOf: 'change_task' }),
    text('sys_class_name', { label: 'Task type', readOnly: true }),
    ...INHERITED_BY_TASKS
  ],
  { prefix: 'CTASK', first: 10_001 }
)

/** The fields that change requests and change tasks share. `parent` and `sysapproval` refer to this table. */
const TASK = table(
  'task',
  'Task',
  'number',
  [...CHANGE_REQUEST.fields.values()].filter(
    field => CHANGE_TASK.fields.has(field.name) || field.name === 'approval'
  )
)

const APPROVER = table('sysapproval_approver', 'Approval', 'approver', [
  reference('approver', 'sys_user'),
  text('state', { choicesOf: 'sysapproval_approver' }),
  reference('sysapproval', 'task', { label: 'Approval for' }),
  text('document_id', { label: 'Approving' }),
  text('source_table'),
  journal('comments'),
  reference('group', 'sysapproval_group', { label: 'Group approval' }),
  text('wf_activity'),
  dateTime('due_date'),
  dateTime('expected_start')
])

const GROUP_APPROVAL = table('sysapproval_group', 'Group approval', 'number', [
  text('number'),
  reference('parent', 'task'),
  reference('assignment_group', 'sys_user_group'),
  text('approval', { choicesOf: 'task' }),
  text('wait_for'),
  text('short_description', { maxLength: 160 })
])

const USER = table('sys_user', 'User', 'name', [
  text('user_name', { label: 'User ID', maxLength: 40 }),
  text('name'),
  text('first_name'),
  text('last_name'),
  text('email'),
  text('title'),
  text('phone', { label: 'Business phone' }),
  text('mobile_phone'),
  text('employee_number'),
  reference('department', 'cmn_department'),
  reference('location', 'cmn_location'),
  reference('manager', 'sys_user'),
  flag('vip', { label: 'VIP' }),
  flag('active'),
  flag('locked_out'),
  flag('web_service_access_only'),
  text('time_zone'),
  special('user_password', 'password')
])

const GROUP = table('sys_user_group', 'Group', 'name', [
  text('name'),
  longText('description'),
  text('email'),
  flag('active'),
  reference('manager', 'sys_user'),
  reference('parent', 'sys_user_group')
])

const GROUP_MEMBER = table('sys_user_grmember', 'Group Member', 'user', [
  reference('group', 'sys_user_group'),
  reference('user', 'sys_user')
])

const USER_ROLE = table('sys_user_has_role', 'User Role', 'role', [
  reference('user', 'sys_user'),
  reference('role', 'sys_user_role')
])

const DELEGATE = table('sys_user_delegate', 'Delegate', 'user', [
  reference('user', 'sys_user'),
  reference('delegate', 'sys_user'),
  flag('approvals')
])

const CI = table('cmdb_ci', 'Configuration Item', 'name', [
  text('name'),
  text('sys_class_name', { label: 'Class' }),
  text('short_description'),
  integer('install_status', { choicesOf: 'cmdb_ci' }),
  integer('operational_status', { choicesOf: 'cmdb_ci' }),
  text('serial_number'),
  reference('maintenance_schedule', 'cmn_schedule'),
  reference('assigned_to', 'sys_user'),
  reference('support_group', 'sys_user_group')
])

const PRODUCER = table('std_change_record_producer', 'Standard Change Template', 'name', [
  text('sys_class_name', { label: 'Class', readOnly: true }),
  text('name'),
  text('sys_name'),
  text('short_description', { maxLength: 160 }),
  longText('description'),
  flag('active'),
  flag('retired'),
  text('category'),
  reference('current_version', 'std_change_producer_version'),
  longText('template', { label: 'Template values' })
])

const PRODUCER_VERSION = table('std_change_producer_version', 'Standard Change Template Version', 'name', [
  text('name'),
  reference('std_change_producer', 'std_change_record_producer'),
  integer('version'),
  flag('active'),
  flag('published')
])

const MODEL = table('chg_model', 'Change Model', 'name', [
  text('sys_class_name', { label: 'Class', readOnly: true }),
  text('name'),
  longText('description'),
  flag('active'),
  flag('available_in_ui'),
  flag('default_change_model'),
  text('table_name'),
  text('state_field'),
  text('color'),
  integer('order'),
  longText('record_preset')
])

const CHOICE = table('sys_choice', 'Choice', 'label', [
  text('sys_class_name', { label: 'Class', readOnly: true }),
  text('name'),
  text('element'),
  text('value'),
  text('label'),
  text('language'),
  integer('sequence'),
  flag('inactive')
])

const JOURNAL = table('sys_journal_field', 'Journal Entry', 'element', [
  text('name'),
  text('element'),
  text('element_id'),
  longText('value')
])

const ATTACHMENT = table('sys_attachment', 'Attachment', 'file_name', [
  text('file_name'),
  text('content_type'),
  text('size_bytes'),
  text('size_compressed'),
  text('compressed'),
  text('table_name'),
  text('table_sys_id'),
  text('state'),
  text('hash'),
  text('average_image_color'),
  text('image_width'),
  text('image_height'),
  text('chunk_size_bytes')
])

const DEFINITIONS = [
  CHANGE_REQUEST,
  CHANGE_TASK,
  TASK,
  APPROVER,
  GROUP_APPROVAL,
  USER,
  GROUP,
  GROUP_MEMBER,
  USER_ROLE,
  DELEGATE,
  CI,
  PRODUCER,
  PRODUCER_VERSION,
  MODEL,
  CHOICE,
  JOURNAL,
  ATTACHMENT,
  TINY_URL,
  ...PLANNING_TABLES,
  ...ticketTables(TASK),
  ...ADMINISTRATION_TABLES,
  ...EVENT_TABLES
]

const BY_NAME = new Map(DEFINITIONS.map(one => [one.name, one]))

/** The tables of the instance by name. */
export const TABLES: ReadonlyMap<string, Table> = BY_NAME

const columnsOf = ({ fields }: Table): string =>
  [...fields.values()]
    .map(({ name, type }) => `${name} ${type}`)
    .sort()
    .join()

/**
 * Adds tables to the instances of this process; one that is there already has to be the same.
 * @throws Error for another table of the same name
 */
export function addTables(tables: readonly Table[]): void {
  for (const one of tables) {
    const known = TABLES.get(one.name)
    if (known && columnsOf(known) !== columnsOf(one)) {
      throw new Error(`There is another table "${one.name}" already.`)
    }
    if (!known) BY_NAME.set(one.name, one)
  }
}

/** The tables that extend a table. Their records are also records of that table. */
export const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  task: ['change_request', 'change_task', 'incident', 'problem', 'problem_task'],
  sys_metadata: [
    'sys_db_object',
    'sys_dictionary',
    'sys_choice',
    'sys_user_role',
    'std_change_record_producer',
    'chg_model'
  ]
}

/** The table that a table extends; undefined for one that extends none. */
export function parentOf(name: string): string | undefined {
  return Object.keys(EXTENSIONS).find(parent => EXTENSIONS[parent]?.includes(name))
}

/** The label of a field; the name when the table has no such field. */
export function fieldLabel(table: string, name: string): string {
  return TABLES.get(table)?.fields.get(name)?.label ?? name
}

/** The label of a field of a change; the name when there is no such field. */
export function changeFieldLabel(name: string): string {
  return fieldLabel('change_request', name)
}

/**
 * The definition of a table.
 * @throws Error for an unknown table
 */
export function definitionOf(name: string): Table {
  const found = TABLES.get(name)
  if (!found) throw new Error(`The sandbox has no table "${name}". Tables: ${[...TABLES.keys()].join(', ')}.`)
  return found
}
