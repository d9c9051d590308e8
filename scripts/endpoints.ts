/**
 * Every request that the actions can send, its purpose and the right it needs: the tables in docs/security.md. The
 * contract and end-to-end tests fail on a request that is not listed here.
 */

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** `{…}` stands for one segment. */
  readonly path: string
  /** Markdown. */
  readonly why: string
  /** The right that the account needs. Markdown. */
  readonly right: string
}

export interface EndpointGroup {
  readonly name: string
  /** When the requests are sent. Markdown. */
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
    endpoints: [
      post('/oauth_token.do', 'request an access token', 'an OAuth application with an application user')
    ]
  },
  {
    name: 'Change Management API',
    when: 'with `api: change-management`, the default; below `/api/sn_chg_rest/change` where there is no `/api/sn_chg_rest/v1`',
    endpoints: [
      get(CHANGE, 'find the change of a deployment: by correlation id, number or title', READ),
      get(`${CHANGE}/{change}`, 'read a change', READ),
      post(`${CHANGE}/normal`, 'create a normal change', WRITE),
      post(`${CHANGE}/emergency`, 'create an emergency change', WRITE),
      get(`${CHANGE}/standard/template`, 'find the template of a standard change', READ),
      post(`${CHANGE}/standard/{template}`, 'create a standard change from a template', WRITE),
      post(CHANGE, 'create a change of a change model, or of another type', WRITE),
      patch(`${CHANGE}/{change}`, 'update a change: fields, state, work notes, close data', WRITE),
      get(
        `${CHANGE}/{change}/nextstates`,
        'find out which fields a move needs, and the reason for a refused one; optional',
        READ
      ),
      get(
        `${CHANGE}/{change}/task`,
        'list open change tasks, with `change-tasks: close` or `fail`',
        `${READ}, read on \`change_task\``
      ),
      patch(
        `${CHANGE}/{change}/task/{task}`,
        'close change tasks, with `change-tasks: close`',
        `${WRITE}, write on \`change_task\``
      ),
      patch(`${CHANGE}/{change}/risk`, 'evaluate the risk, with `evaluate-risk: true`', WRITE),
      post(`${CHANGE}/{change}/conflict`, 'start conflict detection, with `check-conflicts`', WRITE),
      get(`${CHANGE}/{change}/conflict`, 'read the conflicts', READ)
    ]
  },
  {
    name: 'Flows and events',
    when: 'by run-flow and send-event; where `endpoint` names another path, that one',
    endpoints: [
      post(
        '/api/x_chgact/v1/flows',
        'start a flow, with `door: companion`',
        'the role of the companion application'
      ),
      post('/api/x_chgact/v1/events', 'send an event, with `door: companion`', 'the same'),
      get(
        '/api/x_chgact/v1/deliveries/{delivery}',
        'ask how a flow goes; `check-connection` with `door`',
        'the same'
      ),
      post(
        '/api/{scope}/{path}',
        'start a flow or send an event, with `door: rest-trigger`: the path that `endpoint` names',
        'as the trigger or resource asks'
      ),
      get(
        `${TABLE}/sys_flow_context/{execution}`,
        'ask how a flow goes, with `door: rest-trigger`',
        'read on the table'
      ),
      post('/api/global/em/jsonv2', 'send an event, with `door: event-management`', '`evt_mgmt_integration`'),
      get(
        `${TABLE}/em_event`,
        'see that Event Management is there, by `check-connection` with `door`',
        'read on the table'
      ),
      get(
        `${TABLE}/sys_flow_context`,
        'see that executions can be followed, by `check-connection` with `door`',
        'read on the table'
      ),
      get(
        '/api/now/import/{table}/{row}',
        'see that the staging table is there, by `check-connection` with `door`',
        'the same'
      ),
      post('/api/now/import/{table}', 'send an event, with `door: import-set`', '`import_set_loader`')
    ]
  },
  {
    name: 'Table API, for changes',
    when: 'with `api: table`; `check-connection` always reads the first two, `audit-deployments` and `preview-change` the first, and the polls of a wait the third',
    endpoints: [
      get(`${TABLE}/change_request`, 'find the change of a deployment', READ),
      get(
        `${TABLE}/std_change_record_producer`,
        'find the template of a standard change',
        'read on the table'
      ),
      get(
        `${TABLE}/change_request/{change}`,
        'read a change; with each `api` the few fields of a poll',
        `${READ}; without it each poll of a wait reads the whole record`
      ),
      post(`${TABLE}/change_request`, 'create a change', WRITE),
      patch(
        `${TABLE}/change_request/{change}`,
        'update a change: fields, state, work notes, close data',
        WRITE
      ),
      patch(
        `${TABLE}/change_task/{task}`,
        'close a change task, with `change-tasks: close`',
        `${WRITE}, write on \`change_task\``
      )
    ]
  },
  {
    name: 'Table API, for names',
    when: 'with each `api`; without the right the actions continue with less information',
    endpoints: [
      get(
        `${TABLE}/sys_user_group`,
        'find assignment groups by name',
        'read on the table; without it the instance resolves the name, and the action checks the change'
      ),
      get(
        `${TABLE}/sys_user`,
        'find users by user name, e-mail or name; the account itself, with `check-connection`',
        'the same'
      ),
      get(`${TABLE}/cmdb_ci`, 'find configuration items by name', 'the same'),
      get(`${TABLE}/chg_model`, 'find change models by name', 'the same'),
      get(`${TABLE}/sys_choice`, 'find choices by label (`risk: low`)', 'the same'),
      get(
        `${TABLE}/sys_dictionary`,
        'read how many characters a field keeps, for long texts',
        'read on the table; without it a text that is too long is found after it was written'
      ),
      get(`${TABLE}/task`, 'check that the parent exists', 'the same'),
      get(
        `${TABLE}/sysapproval_approver`,
        'read pending approvers, and the comments of approvers',
        'read on the table; without it the log has no names of approvers. `self-approval: refuse` also needs read on `sys_user.user_name`'
      ),
      get(
        `${TABLE}/change_task`,
        'list open change tasks',
        'read on the table; needed for `change-tasks: close` and `fail` with `api: table`'
      ),
      get(
        `${TABLE}/sys_journal_field`,
        'tell our own work notes from those of others, where claims of others are in sight',
        'read on rows of `change_request`; without it a note may close a gate and never open it; not needed with `binding-key`'
      ),
      get(
        `${TABLE}/sys_user_has_role`,
        'read the account’s own roles, with `check-connection`',
        'read on own rows; without it the connection check cannot check the roles'
      )
    ]
  },
  {
    name: 'Attachment API',
    when: 'with `attachments` or attach-evidence; `check-connection` reads the list',
    endpoints: [
      get('/api/now/attachment', 'list attachments', `${READ}, read on \`sys_attachment\``),
      post(
        '/api/now/attachment/file',
        'attach a file',
        `${WRITE}, create on \`sys_attachment\`, the role in \`glide.attachment.role\` where one is set`
      )
    ]
  }
]

const ENDPOINTS = ENDPOINT_GROUPS.flatMap(group => group.endpoints)

/** The endpoint of a request. A path without `{…}` takes precedence. Undefined for a request that is not listed. */
export function endpointOf(method: string, pathname: string): Endpoint | undefined {
  const path = pathname.replace(/^\/api\/sn_chg_rest\/change/, CHANGE)
  const matching = ENDPOINTS.filter(one => one.method === method && patternOf(one.path).test(path))
  return matching.find(one => one.path === path) ?? matching[0]
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
}

/** A Markdown table for each group. */
export function endpointTables(): string {
  return ENDPOINT_GROUPS.map(group => `${group.name}: ${group.when}.\n\n${tableOf(group)}`).join('\n\n')
}

function tableOf({ endpoints }: EndpointGroup): string {
  const rows = endpoints.map(one => `| \`${one.method}\` | \`${one.path}\` | ${one.why} | ${one.right} |`)
  return ['| method | path | why | right |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
