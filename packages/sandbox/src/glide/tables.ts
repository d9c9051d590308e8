import { dateTime, longText, reference, special, table, text } from '../dictionary/field.ts'

/** The tables that scripts and flows write to. */
export const SCRIPT_TABLES = [
  table('sys_properties', 'System Property', 'name', [
    text('name'),
    longText('value'),
    text('type'),
    longText('description')
  ]),
  table('syslog', 'Log Entry', 'message', [text('level'), longText('message'), text('source')]),
  table('sysevent', 'Event', 'name', [
    text('name'),
    text('table'),
    text('instance'),
    longText('parm1'),
    longText('parm2'),
    text('state'),
    reference('user_id', 'sys_user'),
    dateTime('process_on')
  ]),
  table('sys_flow_context', 'Flow Context', 'name', [
    text('name'),
    text('state'),
    longText('error_message'),
    text('type'),
    text('user'),
    special('inputs', 'string'),
    special('outputs', 'string')
  ]),
  // A script that is due, for one record or flow.
  table('sys_trigger', 'Schedule Item', 'name', [
    text('name'),
    text('kind'),
    text('document'),
    text('document_key'),
    text('user'),
    text('payload')
  ])
]
