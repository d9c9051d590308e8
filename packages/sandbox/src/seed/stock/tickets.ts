/** The incidents and problems of the demo data of a new instance: one state, category and urgency of each kind. */
import type { Values } from '../../engine/store.ts'

export interface TicketSeed {
  readonly number: string
  /** Days from its opening to the start of the instance. */
  readonly age: number
  /** User name. */
  readonly caller?: string
  /** User name. */
  readonly assignee?: string
  /** Name of a group. */
  readonly group?: string
  /** Stored values of other fields. */
  readonly values: Values
}

const SOLVED = { close_code: 'Solution provided', close_notes: 'Solved with the caller.' }

function incident(
  number: number,
  summary: string,
  people: Omit<TicketSeed, 'number' | 'age' | 'values'>,
  values: Values = {}
): TicketSeed {
  const id = `INC${String(number).padStart(7, '0')}`
  return { number: id, age: 60 - number, ...people, values: { short_description: summary, ...values } }
}

export const INCIDENTS: readonly TicketSeed[] = [
  incident(
    1,
    'Can not read e-mail',
    { caller: 'fred.luddy', assignee: 'charlie.whitherspoon', group: 'Service Desk' },
    { ...SOLVED, state: '7', impact: '1', urgency: '1', category: 'network' }
  ),
  incident(
    2,
    'Network file shares access issue',
    { caller: 'taylor.vreeland', assignee: 'beth.anglin', group: 'Network' },
    { state: '3', hold_reason: '1', impact: '1', urgency: '1', category: 'network' }
  ),
  incident(
    3,
    'Wireless access is down in my area',
    { caller: 'bertie.luby', assignee: 'beth.anglin', group: 'Network' },
    { state: '2', impact: '1', urgency: '1', category: 'network' }
  ),
  incident(
    7,
    'Need access to sales database for the West',
    { caller: 'david.loo', assignee: 'beth.anglin', group: 'Database' },
    { state: '3', hold_reason: '5', impact: '1', urgency: '1', category: 'database' }
  ),
  incident(
    15,
    'The VPN client does not start after its update',
    { caller: 'don.goodliffe' },
    { state: '2', impact: '1', urgency: '1', category: 'software' }
  ),
  incident(
    16,
    'The main DNS server restarts every hour',
    { caller: 'bow.ruggeri', assignee: 'david.loo', group: 'Hardware' },
    { state: '2', impact: '1', urgency: '1', category: 'hardware' }
  ),
  incident(
    19,
    'The printer on the second floor prints blank pages',
    { caller: 'employee' },
    { category: 'hardware' }
  ),
  incident(
    20,
    'I need a replacement for a defective phone',
    { caller: 'abel.tuter' },
    { state: '6', ...SOLVED, urgency: '2' }
  ),
  incident(
    24,
    'Issue with a web page on the wiki',
    { caller: 'rick.berzle', assignee: 'don.goodliffe' },
    { state: '7', ...SOLVED }
  ),
  incident(
    31,
    'The list of services is too long to find anything',
    { caller: 'jerrod.bennett', group: 'Service Desk' },
    { state: '8' }
  ),
  incident(
    46,
    'Can not access SFA software',
    { caller: 'sam.sorokin', group: 'Software' },
    { category: 'software', impact: '2' }
  ),
  incident(
    50,
    'Can not access Exchange server',
    { caller: 'jerrod.bennett', assignee: 'luke.wilson', group: 'Service Desk' },
    { state: '2', category: 'hardware', subcategory: 'email', impact: '1', urgency: '2' }
  )
]

const CAUSE = { cause_notes: 'The cause is known.' }
const FIX = { ...CAUSE, fix_notes: 'The fix is installed.' }

function problem(number: number, summary: string, values: Values = {}): TicketSeed {
  const id = `PRB${String(number).padStart(7, '0')}`
  return {
    number: id,
    age: 60 - number,
    assignee: 'problem.manager',
    group: 'Problem Solving',
    values: { short_description: summary, ...values }
  }
}

export const PROBLEMS: readonly TicketSeed[] = [
  problem(1, 'Unable to send or receive e-mails', { category: 'software', subcategory: 'email' }),
  problem(2, 'Switch occasionally drops connections', { category: 'network', state: '103', impact: '2' }),
  problem(3, 'VPN sessions end after one hour', { category: 'network', state: '102' }),
  problem(4, 'Database is slow at the end of the month', { category: 'database', state: '104', ...FIX }),
  problem(5, 'Scheduled reports are sent twice', { state: '106', resolution_code: 'fix_applied', ...FIX }),
  problem(6, 'Old browsers can not open the portal', {
    state: '107',
    resolution_code: 'risk_accepted',
    ...CAUSE,
    close_notes: 'Old browsers are no longer supported.'
  }),
  problem(7, 'Phones restart at night', { category: 'hardware', impact: '1', urgency: '1' }),
  problem(8, 'Disk of the log server is full every week', { category: 'hardware', state: '103' }),
  problem(9, 'Accounts are locked after a password change'),
  problem(10, 'Printer queue stops with large files', { category: 'hardware', state: '102' }),
  problem(11, 'Time of the second data center is wrong', { category: 'network' }),
  problem(12, 'Search finds no new articles', { category: 'software', state: '103', urgency: '2' })
]
