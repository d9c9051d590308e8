import { flag, integer, longText, reference, special, type Table, table, text } from './field.ts'

const className = text('sys_class_name', { label: 'Class', readOnly: true })

const ROLE = table('sys_user_role', 'Role', 'name', [text('name'), longText('description'), className])

const GROUP_ROLE = table('sys_group_has_role', 'Group Role', 'role', [
  reference('group', 'sys_user_group'),
  reference('role', 'sys_user_role'),
  flag('inherits')
])

const DEPARTMENT = table('cmn_department', 'Department', 'name', [
  text('name'),
  text('id', { label: 'ID' }),
  longText('description'),
  reference('dept_head', 'sys_user', { label: 'Department head' }),
  reference('parent', 'cmn_department')
])

const LOCATION = table('cmn_location', 'Location', 'name', [
  text('name'),
  text('street'),
  text('city'),
  text('state'),
  text('zip'),
  text('country'),
  text('time_zone')
])

/** A table as a record. `name` is the name in the path of the Table API. */
const TABLE_RECORD = table('sys_db_object', 'Table', 'label', [
  text('name'),
  text('label'),
  reference('super_class', 'sys_db_object', { label: 'Extends table' }),
  flag('is_extendable'),
  className
])

const DICTIONARY = table('sys_dictionary', 'Dictionary Entry', 'element', [
  text('name', { label: 'Table' }),
  text('element', { label: 'Column name' }),
  text('column_label'),
  text('internal_type', { label: 'Type' }),
  reference('reference', 'sys_db_object'),
  integer('max_length'),
  flag('active'),
  flag('mandatory'),
  flag('read_only'),
  flag('display'),
  className
])

const METADATA = table('sys_metadata', 'Application File', 'sys_id', [className])

const LOG = table('syslog', 'Log Entry', 'message', [
  text('level'),
  text('source'),
  special('message', 'string')
])

/** What an administrator maintains: roles, departments, locations, and the tables and fields themselves. */
export const ADMINISTRATION_TABLES: readonly Table[] = [
  ROLE,
  GROUP_ROLE,
  DEPARTMENT,
  LOCATION,
  TABLE_RECORD,
  DICTIONARY,
  METADATA,
  LOG
]
