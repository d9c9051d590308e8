/** The departments, people and roles of the demo data of a new instance. */

export interface DepartmentSeed {
  readonly sysId?: string
  readonly name: string
  /** User name. */
  readonly head?: string
}

/** With the sys_ids that clients of ServiceNow rely on in their tests. */
export const DEPARTMENTS: readonly DepartmentSeed[] = [
  { sysId: 'a581ab703710200044e0bfc8bcbe5de8', name: 'Finance', head: 'natasha.ingram' },
  { name: 'IT', head: 'david.loo' },
  { name: 'Development', head: 'fred.luddy' },
  { name: 'HR' },
  { name: 'Sales' },
  { name: 'Customer Support' },
  { name: 'Product Management' }
]

export interface PersonSeed {
  readonly userName: string
  readonly name: string
  readonly department: string
  readonly roles?: readonly string[]
  /** Names of the groups that the person is a member of. */
  readonly groups?: readonly string[]
  readonly sysId?: string
  readonly title?: string
  readonly mobile?: string
}

const ADMIN = ['admin']
const ITIL = ['itil']

/** Nobody of these has a password, as on a new instance. */
export const PEOPLE: readonly PersonSeed[] = [
  {
    userName: 'natasha.ingram',
    sysId: '46c5bf6ca9fe1981010713e3ac7d3384',
    name: 'Natasha Ingram',
    department: 'Finance',
    title: 'CFO'
  },
  {
    userName: 'problem.admin',
    sysId: '26fbff173b331300ad3cc9bb34efc4bd',
    name: 'Problem Admin',
    department: 'IT',
    roles: ['problem_admin'],
    groups: ['Problem Solving']
  },
  {
    userName: 'problem.manager',
    name: 'Problem Manager',
    department: 'IT',
    roles: ITIL,
    groups: ['Problem Solving']
  },
  {
    userName: 'incident.manager',
    name: 'Incident Manager',
    department: 'IT',
    roles: ['itil_admin'],
    groups: ['Service Desk']
  },
  {
    userName: 'change.manager',
    name: 'Change Manager',
    department: 'IT',
    roles: ['change_manager'],
    groups: ['Change Management', 'CAB Approval']
  },
  { userName: 'itil', name: 'ITIL User', department: 'IT', roles: ITIL, groups: ['Service Desk'] },
  { userName: 'employee', name: 'Joe Employee', department: 'Sales' },
  { userName: 'abel.tuter', name: 'Abel Tuter', department: 'Product Management', mobile: '+1 555 0100' },
  {
    userName: 'beth.anglin',
    name: 'Beth Anglin',
    department: 'IT',
    roles: ITIL,
    groups: ['Database', 'Network'],
    mobile: '+1 555 0101'
  },
  { userName: 'bow.ruggeri', name: 'Bow Ruggeri', department: 'IT', roles: ADMIN, groups: ['Network'] },
  { userName: 'bud.richman', name: 'Bud Richman', department: 'IT', roles: ADMIN, groups: ['Hardware'] },
  { userName: 'byron.fortuna', name: 'Byron Fortuna', department: 'IT', roles: ADMIN, groups: ['Software'] },
  { userName: 'charlie.whitherspoon', name: 'Charlie Whitherspoon', department: 'HR' },
  { userName: 'christen.mitchell', name: 'Christen Mitchell', department: 'IT', roles: ADMIN },
  { userName: 'david.loo', name: 'David Loo', department: 'IT', roles: ADMIN, groups: ['Service Desk'] },
  { userName: 'david.dan', name: 'David Dan', department: 'Development', roles: ADMIN },
  {
    userName: 'don.goodliffe',
    name: 'Don Goodliffe',
    department: 'IT',
    roles: ITIL,
    groups: ['Service Desk']
  },
  { userName: 'fred.luddy', name: 'Fred Luddy', department: 'Development', roles: ADMIN },
  { userName: 'luke.wilson', name: 'Luke Wilson', department: 'IT', roles: ITIL, groups: ['Service Desk'] },
  { userName: 'rob.phillips', name: 'Rob Phillips', department: 'Development', roles: ADMIN },
  { userName: 'rick.berzle', name: 'Rick Berzle', department: 'Customer Support', roles: ADMIN },
  { userName: 'carol.coughlin', name: 'Carol Coughlin', department: 'Customer Support', roles: ADMIN },
  { userName: 'margaret.grey', name: 'Margaret Grey', department: 'Customer Support', roles: ADMIN },
  { userName: 'jerrod.bennett', name: 'Jerrod Bennett', department: 'Sales' },
  { userName: 'taylor.vreeland', name: 'Taylor Vreeland', department: 'Sales' },
  { userName: 'sam.sorokin', name: 'Sam Sorokin', department: 'Finance' },
  { userName: 'bertie.luby', name: 'Bertie Luby', department: 'Finance' }
]

export interface StockGroupSeed {
  readonly name: string
  /** User name. */
  readonly manager?: string
  readonly roles?: readonly string[]
}

export const STOCK_GROUPS: readonly StockGroupSeed[] = [
  { name: 'CAB Approval', manager: 'change.manager' },
  { name: 'Change Management', manager: 'change.manager', roles: ['change_manager'] },
  { name: 'Database', manager: 'don.goodliffe', roles: ['itil'] },
  { name: 'Hardware', manager: 'bow.ruggeri', roles: ['itil'] },
  { name: 'Incident Management', manager: 'incident.manager', roles: ['itil_admin'] },
  { name: 'LDAP Admins', roles: ['user_admin'] },
  { name: 'Network', manager: 'bow.ruggeri', roles: ['itil'] },
  { name: 'Problem Solving', manager: 'problem.manager', roles: ['problem_admin'] },
  { name: 'Service Desk', manager: 'david.loo', roles: ['itil'] },
  { name: 'Software', manager: 'don.goodliffe', roles: ['itil'] },
  { name: 'Team Development Code Reviewers' }
]
