/**
 * Requests, and the responses that instances gave to them: from recordings of a developer instance, and from the test
 * suites of other clients. `replay.test.ts` gives the responses to our client, and `sandbox.test.ts` sends the requests
 * to the sandbox: a belief that both share is held against something that neither of them wrote.
 *
 * Values are those of the tests. Names, statuses, headers and texts of errors are the instance's.
 */
import { CHANGE, TASK, TEMPLATE, typed } from '../responses.ts'

/** Who sends a request of the list. */
export type Caller = 'deployer' | 'approver' | 'admin' | 'nobody'

export interface Exchange {
  readonly request: {
    readonly method: 'GET' | 'POST' | 'PATCH'
    /** `CHANGE` stands for a change in New without a group, `ATTACHMENT` for a file on it, `VERSION` for a template's. */
    readonly path: string
    /** Default `deployer`. */
    readonly as?: Caller
    readonly headers?: Readonly<Record<string, string>>
    /** JSON, or a form as it is. */
    readonly body?: unknown
  }
  readonly response: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string | RegExp>>
    /** JSON, or the text of a page. Absent: not recorded. */
    readonly body?: unknown
  }
}

const failure = (message: string, detail: string | null = '') => ({
  error: { message, detail },
  status: 'failure'
})

const condition = (name: string, passed: boolean) => ({
  passed,
  condition: { name, description: null, sys_id: '3c1d' }
})

/** Of every response of the APIs. */
const HEADERS = {
  server: /./,
  'x-transaction-id': /^[0-9a-f]+$/,
  'x-is-logged-in': 'true',
  'server-timing': /./,
  'cache-control': /no-store/,
  'x-content-type-options': 'nosniff',
  'strict-transport-security': /max-age/
}

const CHANGES = '/api/sn_chg_rest/change'
const TABLE = '/api/now/table'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const RECORD = typed({
  sys_id: CHANGE,
  number: 'CHG0030001',
  state: [-5, 'New'],
  approval: ['not requested', 'Not Yet Requested'],
  type: ['normal', 'Normal'],
  on_hold: false,
  order: '',
  comments_and_work_notes: '',
  company: '',
  delivery_plan: '',
  delivery_task: '',
  wf_activity: ''
})

/** A query that a list without its operator would not satisfy: an operator that is dropped returns every record. */
const nothing = (query: string) =>
  ({
    request: {
      method: 'GET',
      path: `${TABLE}/change_request?sysparm_query=${encodeURIComponent(query)}&sysparm_fields=sys_id`
    },
    response: { status: 200, headers: { 'x-total-count': '0' }, body: { result: [] } }
  }) as const

export const EXCHANGES = {
  'a move that a change model refuses': {
    request: { method: 'PATCH', path: `${CHANGES}/CHANGE`, body: { state: 'assess' } },
    response: {
      status: 400,
      body: failure(
        'Change Request cannot move to state: assess',
        JSON.stringify({
          sys_id: 'db40',
          display_value: 'New to Assess',
          from_state: '-5',
          to_state: '-4',
          transition_available: false,
          automatic_transition: false,
          conditions: [condition('Assignment group is not empty', false), condition('Not On hold', true)]
        })
      )
    }
  },
  'a change that does not exist': {
    request: { method: 'GET', path: `${CHANGES}/${'0'.repeat(32)}` },
    response: { status: 404, body: failure('Change Request not found') }
  },
  'an approval that nobody asked for': {
    request: {
      method: 'PATCH',
      path: `${CHANGES}/CHANGE/approvals`,
      as: 'approver',
      body: { state: 'approved' }
    },
    response: { status: 400, body: failure('Change Request approval could not be processed.') }
  },
  'the unversioned path': {
    request: { method: 'GET', path: `${CHANGES}/CHANGE` },
    response: { status: 200, headers: HEADERS, body: { result: RECORD } }
  },
  'the versioned path': {
    request: { method: 'GET', path: '/api/sn_chg_rest/v1/change/CHANGE' },
    response: { status: 200, headers: HEADERS, body: { result: RECORD } }
  },
  'an insert without a body, Accept and Content-Type': {
    request: { method: 'POST', path: `${TABLE}/change_request?sysparm_fields=sys_id,number,state` },
    response: {
      status: 201,
      headers: { ...HEADERS, location: /\/api\/now\/table\/change_request\/[0-9a-f]{32}$/ },
      body: { result: { sys_id: CHANGE, number: 'CHG0030001', state: '-5' } }
    }
  },
  'a token for a client in the header': {
    request: {
      method: 'POST',
      path: '/oauth_token.do',
      as: 'nobody',
      headers: {
        ...FORM,
        authorization: `Basic ${Buffer.from('github-actions:sandbox-client-secret').toString('base64')}`
      },
      body: 'grant_type=client_credentials'
    },
    response: {
      status: 200,
      body: { access_token: 'fresh', scope: 'useraccount', token_type: 'Bearer', expires_in: 1799 }
    }
  },
  'a token that is refused': {
    request: {
      method: 'POST',
      path: '/oauth_token.do',
      as: 'nobody',
      headers: FORM,
      body: 'grant_type=client_credentials&client_id=github-actions&client_secret=wrong'
    },
    response: { status: 401, body: { error_description: 'access_denied', error: 'server_error' } }
  },
  'a response that was asked for as gzip': {
    request: { method: 'GET', path: `${CHANGES}/CHANGE`, headers: { 'accept-encoding': 'gzip' } },
    response: { status: 200, headers: { 'content-encoding': 'gzip' }, body: { result: RECORD } }
  },
  'a date with a T': {
    request: {
      method: 'PATCH',
      path: `${TABLE}/change_request/CHANGE?sysparm_fields=sys_id,number,state,approval,start_date`,
      body: { start_date: '2021-07-15T08:00:00' }
    },
    response: {
      status: 200,
      body: {
        result: {
          sys_id: CHANGE,
          number: 'CHG0030001',
          state: '-5',
          approval: 'not requested',
          start_date: '2021-07-15 08:00:00'
        }
      }
    }
  },
  'a standard change through the Table API': {
    request: {
      method: 'POST',
      path: `${TABLE}/change_request?sysparm_fields=sys_id,type,std_change_producer_version,short_description,description,implementation_plan,backout_plan,test_plan,assignment_group&sysparm_exclude_reference_link=true`,
      body: { type: 'standard', std_change_producer_version: 'VERSION' }
    },
    response: {
      status: 201,
      body: {
        result: {
          sys_id: CHANGE,
          type: 'standard',
          std_change_producer_version: TEMPLATE,
          short_description: 'Deploy an application',
          description: 'Deploys one release',
          implementation_plan: 'Run the pipeline',
          backout_plan: 'Deploy the release before',
          test_plan: 'Run the smoke tests',
          assignment_group: 'd625dccec0a8016700a222a0f7900d06'
        }
      }
    }
  },
  'a sys_id of the caller': {
    request: {
      method: 'POST',
      path: `${TABLE}/change_request?sysparm_fields=sys_id`,
      body: { sys_id: 'abcdef0123456789abcdef0123456789' }
    },
    response: { status: 201, body: { result: { sys_id: 'abcdef0123456789abcdef0123456789' } } }
  },
  'the administrator, whose password is hidden': {
    request: {
      method: 'GET',
      path: `${TABLE}/sys_user?sysparm_query=sys_id=6816f79cc0a8016401c5a33be04be441&sysparm_fields=sys_id,user_name,email,user_password`,
      as: 'admin'
    },
    response: {
      status: 200,
      body: {
        result: [
          {
            sys_id: '6816f79cc0a8016401c5a33be04be441',
            user_name: 'admin',
            email: 'admin@example.com',
            user_password: '********'
          }
        ]
      }
    }
  },
  'an address of 24 kB': {
    request: { method: 'GET', path: `${TABLE}/change_request?sysparm_query=${'a'.repeat(24_000)}` },
    response: {
      status: 414,
      headers: { 'content-type': /^text\/html/ },
      body: '<html><head><title>Request URI too long</title></head></html>'
    }
  },
  'a task of a change': {
    request: { method: 'POST', path: `${CHANGES}/CHANGE/task`, body: { short_description: 'Smoke test' } },
    response: {
      status: 200,
      body: {
        result: {
          ...typed({
            sys_id: TASK,
            number: 'CTASK0010001',
            short_description: 'Smoke test',
            state: [1, 'Open'],
            approval: ['not requested', 'Not Yet Requested'],
            priority: [4, '4 - Low'],
            due_date: ''
          }),
          __meta: { ignoredFields: [] }
        }
      }
    }
  },
  'a bearer token that is not valid': {
    request: {
      method: 'GET',
      path: CHANGES,
      as: 'nobody',
      headers: { authorization: 'Bearer made-up' }
    },
    response: {
      status: 401,
      headers: { 'www-authenticate': 'BEARER realm="Service-now"' },
      body: failure('User Not Authenticated', 'Required to provide Auth information')
    }
  },
  'a file': {
    request: { method: 'GET', path: '/api/now/attachment/ATTACHMENT/file' },
    response: {
      status: 200,
      headers: { 'x-attachment-metadata': /"file_name":"log.txt"/ },
      body: 'deployed\n'
    }
  },
  'display values, asked for in capitals': {
    request: {
      method: 'GET',
      path: `${TABLE}/change_request/CHANGE?sysparm_display_value=True&sysparm_fields=sys_id,state`
    },
    response: { status: 200, body: { result: { sys_id: CHANGE, state: 'New' } } }
  },
  'a query with CONTAINS that nothing matches': nothing('short_descriptionCONTAINSnowhere'),
  'a query with DOES NOT CONTAIN that nothing matches': nothing('short_descriptionDOES NOT CONTAINrelease'),
  'a query with ISNULL that nothing matches': nothing('numberISNULL'),
  'a query with MATCH_PAT that nothing matches': nothing('short_descriptionMATCH_PATrelease')
} satisfies Readonly<Record<string, Exchange>>

export type ExchangeName = keyof typeof EXCHANGES
