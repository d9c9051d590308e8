import { type ChoiceList, valuesAsLabels } from './choice-list.ts'

const INCIDENT_STATES: ChoiceList['choices'] = [
  ['1', 'New'],
  ['2', 'In Progress'],
  ['3', 'On Hold'],
  ['6', 'Resolved'],
  ['7', 'Closed'],
  ['8', 'Canceled']
]

const PROBLEM_STATES: ChoiceList['choices'] = [
  ['101', 'New'],
  ['102', 'Assess'],
  ['103', 'Root Cause Analysis'],
  ['104', 'Fix in Progress'],
  ['106', 'Resolved'],
  ['107', 'Closed']
]

/** The choice lists of incidents, problems and problem tasks. */
export const TICKET_CHOICES: readonly ChoiceList[] = [
  { table: 'incident', element: 'state', choices: INCIDENT_STATES },
  { table: 'incident', element: 'incident_state', choices: INCIDENT_STATES },
  {
    table: 'incident',
    element: 'hold_reason',
    choices: [
      ['1', 'Awaiting Caller'],
      ['5', 'Awaiting Change'],
      ['3', 'Awaiting Problem'],
      ['4', 'Awaiting Vendor']
    ]
  },
  {
    table: 'incident',
    element: 'category',
    choices: [
      ['inquiry', 'Inquiry / Help'],
      ['software', 'Software'],
      ['hardware', 'Hardware'],
      ['network', 'Network'],
      ['database', 'Database']
    ]
  },
  {
    table: 'incident',
    element: 'subcategory',
    choices: [
      ['email', 'Email'],
      ['os', 'Operating System'],
      ['vpn', 'VPN'],
      ['db2', 'DB2'],
      ['oracle', 'Oracle']
    ]
  },
  {
    table: 'incident',
    element: 'severity',
    choices: [
      ['1', '1 - High'],
      ['2', '2 - Medium'],
      ['3', '3 - Low']
    ]
  },
  {
    table: 'incident',
    element: 'close_code',
    choices: valuesAsLabels(
      'Duplicate',
      'Known error',
      'No resolution provided',
      'Resolved by caller',
      'Resolved by change',
      'Resolved by problem',
      'Resolved by request',
      'Solution provided',
      'Workaround provided',
      'User error'
    )
  },
  { table: 'problem', element: 'state', choices: PROBLEM_STATES },
  { table: 'problem', element: 'problem_state', choices: PROBLEM_STATES },
  {
    table: 'problem',
    element: 'resolution_code',
    choices: [
      ['fix_applied', 'Fix Applied'],
      ['risk_accepted', 'Risk Accepted'],
      ['duplicate', 'Duplicate'],
      ['canceled', 'Canceled']
    ]
  },
  {
    table: 'problem_task',
    element: 'state',
    choices: [
      ['151', 'New'],
      ['152', 'Assess'],
      ['154', 'Work in Progress'],
      ['157', 'Closed']
    ]
  },
  {
    table: 'problem_task',
    element: 'problem_task_type',
    choices: [
      ['rca', 'Root Cause Analysis'],
      ['general', 'General']
    ]
  },
  {
    table: 'problem_task',
    element: 'close_code',
    choices: valuesAsLabels('Successful', 'Unsuccessful', 'Canceled')
  }
]
