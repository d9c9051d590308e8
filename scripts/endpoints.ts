/**
 * Every request the actions can send, why, and the right it needs: the table of docs/security.md. The contract and
 * end-to-end tests fail on a request that is not listed here.
 */

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** `{…}` stands for one part of the path. */
  readonly path: string
  readonly why: string
  readonly right: string
}

export interface EndpointGroup {
  readonly name: string
  /** When these are called. */
  readonly when: string
  readonly endpoints: readonly Endpoint[]
}

const READ = '`sn_change_read`'
const WRITE = '`sn_change_write`'
const CHANGE = '/api/sn_chg_rest/v1/change'
const TABLE = '/api/now/table'

const get = (path: string, why: string, right: string): Endpoint => ({ method: 'GET', path, why, right })
const post = (path: string, why: string, right: string): Endpoint => ({ method: 'POST', path, why, right })
const patch = (path: string, why: string, right: string): Endpoint => ({ method: 'PATCH', path, why, right })

export const ENDPOINT_GROUPS: readonly EndpointGroup[] = [
  {
    name: 'Sign-in',
    when: 'with `client-id`; again when the token expires',
    endpoints: [post('/oauth_token.do', 'an access token', 'an OAuth application with an application user')]
  },
  {
    name: 'Change Management API',
    when: 'with `api: change-management`, the default',
    endpoints: [
      get(CHANGE, 'find the change of a deployment: by correlation id, number or title', READ),
      get(`${CHANGE}/{change}`, 'every look at a change', READ),
      post(`${CHANGE}/normal`, 'create a normal change', WRITE),
      post(`${CHANGE}/emergency`, 'create an emergency change', WRITE),
      get(`${CHANGE}/standard/template`, 'find the template of a standard change', READ),
      post(`${CHANGE}/standard/{template}`, 'create a standard change from a template', WRITE),
      post(CHANGE, 'create a change of a change model, or of another type', WRITE),
      patch(`${CHANGE}/{change}`, 'fields, moves, notes, closing', WRITE),
      get(`${CHANGE}/{change}/nextstates`, 'say why a move was refused; not needed', READ),
      get(
        `${CHANGE}/{change}/task`,
        'open change tasks, with `change-tasks: close` or `fail`',
        `${READ}, read on \`change_task\``
      ),
      patch(
        `${CHANGE}/{change}/task/{task}`,
        'close them, with `change-tasks: close`',
        `${WRITE}, write on \`change_task\``
      ),
      patch(`${CHANGE}/{change}/risk`, 'with `evaluate-risk: true`', WRITE),
      post(`${CHANGE}/{change}/conflict`, 'start conflict detection, with `check-conflicts`', WRITE),
      get(`${CHANGE}/{change}/conflict`, 'its report', READ)
    ]
  },
  {
    name: 'Table API, for changes',
    when: 'with `api: table`; `check-connection` reads the first two always',
    endpoints: [
      get(`${TABLE}/change_request`, 'find the change of a deployment', READ),
      get(
        `${TABLE}/std_change_record_producer`,
        'find the template of a standard change',
        'read on the table'
      ),
      get(`${TABLE}/change_request/{change}`, 'every look at a change', READ),
      post(`${TABLE}/change_request`, 'create a change', WRITE),
      patch(`${TABLE}/change_request/{change}`, 'fields, moves, notes, closing', WRITE),
      patch(
        `${TABLE}/change_task/{task}`,
        'close a task, with `change-tasks: close`',
        `${WRITE}, write on \`change_task\``
      )
    ]
  },
  {
    name: 'Table API, for names',
    when: 'with either `api`; without the right the actions go on and say less',
    endpoints: [
      get(
        `${TABLE}/sys_user_group`,
        'assignment groups by name',
        'read on the table; else the instance resolves the name and the draft is checked'
      ),
      get(`${TABLE}/sys_user`, 'users by user name, e-mail or name', 'the same'),
      get(`${TABLE}/cmdb_ci`, 'configuration items by name', 'the same'),
      get(`${TABLE}/chg_model`, 'change models by name', 'the same'),
      get(`${TABLE}/sys_choice`, 'choices by label (`risk: low`)', 'the same'),
      get(`${TABLE}/task`, 'whether the parent exists', 'the same'),
      get(
        `${TABLE}/sysapproval_approver`,
        'who has yet to approve, and what approvers said',
        'read on the table; else the log cannot say who'
      ),
      get(
        `${TABLE}/change_task`,
        'open change tasks',
        'read on the table; needed for `change-tasks: close` and `fail` with `api: table`'
      ),
      get(
        `${TABLE}/sys_user_has_role`,
        'the account’s own roles (`check-connection`)',
        'read on own rows; else the doctor says that it cannot tell'
      )
    ]
  },
  {
    name: 'Attachment API',
    when: 'with `attachments` or attach-evidence; `check-connection` reads the list',
    endpoints: [
      get('/api/now/attachment', 'what is attached already', `${READ}, read on \`sys_attachment\``),
      post(
        '/api/now/attachment/file',
        'one file, as raw bytes',
        `${WRITE}, create on \`sys_attachment\`, the role in \`glide.attachment.role\` where one is set`
      )
    ]
  }
]

const ENDPOINTS = ENDPOINT_GROUPS.flatMap(group => group.endpoints)

/** The listed endpoint a request goes to; fixed paths count before those with a part to fill in. */
export function endpointOf(method: string, pathname: string): Endpoint | undefined {
  const fits = ENDPOINTS.filter(one => one.method === method && patternOf(one.path).test(pathname))
  return fits.find(one => one.path === pathname) ?? fits[0]
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
}

/** One table for each group. */
export function endpointTables(): string {
  return ENDPOINT_GROUPS.map(group => `${group.name}: ${group.when}.\n\n${tableOf(group)}`).join('\n\n')
}

function tableOf({ endpoints }: EndpointGroup): string {
  const rows = endpoints.map(one => `| \`${one.method}\` | \`${one.path}\` | ${one.why} | ${one.right} |`)
  return ['| method | path | why | right |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
