/** Choice lists. The lists of fields that all tasks share belong to `task`, as on a real instance. */
import { type ChoiceList, valuesAsLabels } from './choice-list.ts'
import { TICKET_CHOICES } from './ticket-choices.ts'

export const CHOICE_LISTS: readonly ChoiceList[] = [
  ...TICKET_CHOICES,
  {
    table: 'change_request',
    element: 'state',
    choices: [
      ['-5', 'New'],
      ['-4', 'Assess'],
      ['-3', 'Authorize'],
      ['-2', 'Scheduled'],
      ['-1', 'Implement'],
      ['0', 'Review'],
      ['3', 'Closed'],
      ['4', 'Canceled']
    ]
  },
  {
    table: 'change_request',
    element: 'type',
    choices: [
      ['normal', 'Normal'],
      ['standard', 'Standard'],
      ['emergency', 'Emergency']
    ]
  },
  {
    table: 'change_request',
    element: 'risk',
    choices: [
      ['1', 'Very High'],
      ['2', 'High'],
      ['3', 'Moderate'],
      ['4', 'Low']
    ]
  },
  {
    table: 'change_request',
    element: 'scope',
    choices: [
      ['1', 'Massive'],
      ['2', 'Large'],
      ['3', 'Medium'],
      ['4', 'Small'],
      ['5', 'Tiny']
    ]
  },
  {
    table: 'change_request',
    element: 'category',
    choices: valuesAsLabels(
      'Hardware',
      'Software',
      'Service',
      'System Software',
      'Applications Software',
      'Network',
      'Telecom',
      'Documentation',
      'Other'
    )
  },
  {
    table: 'change_request',
    element: 'close_code',
    choices: [
      ['successful', 'Successful'],
      ['successful_issues', 'Successful with issues'],
      ['unsuccessful', 'Unsuccessful']
    ]
  },
  {
    table: 'change_request',
    element: 'conflict_status',
    choices: valuesAsLabels('Not Run', 'No Conflict', 'Conflict')
  },
  { table: 'change_request', element: 'phase', choices: [['requested', 'Requested']] },
  { table: 'change_request', element: 'phase_state', choices: [['open', 'Open']] },
  {
    table: 'task',
    element: 'priority',
    choices: [
      ['1', '1 - Critical'],
      ['2', '2 - High'],
      ['3', '3 - Moderate'],
      ['4', '4 - Low'],
      ['5', '5 - Planning']
    ]
  },
  {
    table: 'task',
    element: 'impact',
    choices: [
      ['1', '1 - High'],
      ['2', '2 - Medium'],
      ['3', '3 - Low']
    ]
  },
  {
    table: 'task',
    element: 'urgency',
    choices: [
      ['1', '1 - High'],
      ['2', '2 - Medium'],
      ['3', '3 - Low']
    ]
  },
  {
    table: 'task',
    element: 'approval',
    choices: [
      ['not requested', 'Not Yet Requested'],
      ['requested', 'Requested'],
      ['approved', 'Approved'],
      ['rejected', 'Rejected'],
      ['cancelled', 'Cancelled']
    ]
  },
  { table: 'task', element: 'escalation', choices: [['0', 'Normal']] },
  { table: 'task', element: 'upon_reject', choices: [['cancel', 'Cancel all future Tasks']] },
  { table: 'task', element: 'upon_approval', choices: [['proceed', 'Proceed to Next Task']] },
  {
    table: 'sysapproval_approver',
    element: 'state',
    choices: [
      ['not requested', 'Not Yet Requested'],
      ['requested', 'Requested'],
      ['approved', 'Approved'],
      ['rejected', 'Rejected'],
      ['cancelled', 'Cancelled'],
      ['not_required', 'No Longer Required'],
      ['duplicate', 'Duplicate']
    ]
  },
  {
    table: 'change_task',
    element: 'state',
    choices: [
      ['-5', 'Pending'],
      ['1', 'Open'],
      ['2', 'In Progress'],
      ['3', 'Closed'],
      ['4', 'Canceled']
    ]
  },
  {
    table: 'change_task',
    element: 'change_task_type',
    choices: [
      ['planning', 'Planning'],
      ['implementation', 'Implementation'],
      ['testing', 'Testing'],
      ['review', 'Review']
    ]
  },
  {
    table: 'change_task',
    element: 'close_code',
    choices: [
      ['successful', 'Successful'],
      ['successful_issues', 'Successful with issues'],
      ['unsuccessful', 'Unsuccessful']
    ]
  },
  {
    table: 'cmdb_ci',
    element: 'install_status',
    choices: [
      ['1', 'Installed'],
      ['7', 'Retired']
    ]
  },
  {
    table: 'cmdb_ci',
    element: 'operational_status',
    choices: [
      ['1', 'Operational'],
      ['6', 'Retired']
    ]
  }
]
