/** What a failed request means, by the code of the client. */
import type {
  ClientCode,
  ClientProblems,
  LimitFacts,
  LookupFacts,
  RequestFacts
} from '@change-actions/servicenow-client'
import { CLIENT_TITLES } from './client-titles.ts'
import { type Explanation, fillIn, stopped } from './explanation.ts'

type Explanations = { readonly [C in ClientCode]: Explanation<ClientProblems[C]> }

/** `Failed while creating the change request. The response: …` */
function failed({ operation, message }: RequestFacts): string {
  return message === undefined || message === ''
    ? `Failed while ${operation}.`
    : `Failed while ${operation}. The response: ${stopped(message)}`
}

type Texts = Omit<Explanation<never>, 'happened' | 'title'>

function request<F extends RequestFacts = RequestFacts>(
  code: keyof typeof CLIENT_TITLES,
  texts: Texts,
  more: Partial<Explanation<F>> = {}
): Explanation<F> {
  return { title: `ServiceNow {status}: ${CLIENT_TITLES[code]}`, happened: failed, ...texts, ...more }
}

/** `2026-12-01T22:00:00Z`. */
function resetTime({ resetsAt }: LimitFacts): Record<string, string> {
  return resetsAt === undefined ? {} : { time: new Date(resetsAt).toISOString().replace(/\.\d+/, '') }
}

const FOUND: Readonly<Record<LookupFacts['kind'], { none: string; list: string }>> = {
  'assignment group': { none: 'no active assignment group has this name', list: 'near it:' },
  user: { none: 'no active user has this name', list: 'near it:' },
  'configuration item': { none: 'no active configuration item has this name', list: 'near it:' },
  'change model': { none: 'no active change model has this name', list: 'near it:' },
  'standard change template': { none: 'no active template has this name', list: 'there are:' },
  choice: { none: 'there is no such choice', list: 'there are:' },
  'change number': { none: 'there is no change {name}, or the account may not read it', list: '' },
  'correlation id': { none: 'there is no such change, or the account may not read it', list: '' }
}

function noneFound({ operation, kind, name, candidates }: LookupFacts): string {
  const { none, list } = FOUND[kind]
  if (kind === 'standard change template' && candidates.length === 0)
    return `Failed while ${operation}: there is no active template.`
  const found = candidates.length === 0 ? '' : `; ${list} ${candidates.join(', ')}`
  return `Failed while ${operation}: ${fillIn(none, { name })}${found}.`
}

/** Every problem of the client, in the order of the troubleshooting page. */
export const CLIENT_EXPLANATIONS: Explanations = {
  'sign-in': request(
    'sign-in',
    {
      cause:
        'the client id or secret is wrong, the grant is switched off, the OAuth application has no application user, or the user is locked; the response is the same for all of these',
      fix: 'check `client-id` and `client-secret` against the OAuth application; for client credentials set its "OAuth Application User" and the property glide.oauth.inbound.client.credential.grant_type.enabled=true; for the password grant check `username` and `password`'
    },
    {
      variants: {
        'jwt-bearer': {
          cause:
            'the client id is not that of the OAuth application, the key is not that of the certificate in its JWT verifier map, no active user has the subject, or the application is not public and wants its secret; the response is the same for all of these',
          fix: 'check `client-id`, and `key-id` against the Kid of the JWT verifier map whose certificate belongs to `private-key`; check that the User field of one active user is `subject`; select "Public Client" on the application or give its `client-secret`'
        }
      },
      variant: ({ grant }: ClientProblems['sign-in']) => grant
    }
  ),
  'sign-in-missing': request('sign-in-missing', {
    cause: 'the address is not an instance, or its OAuth plugin is not active',
    fix: 'check `instance` (behind a gateway also `api-path`), and that its OAuth plugin is active (com.snc.platform.security.oauth)'
  }),
  'identity-token': request('identity-token', {
    cause: 'GitHub did not issue an identity token to this job, or could not be reached',
    fix: "run the job again; if it stays, check that the job has the permission id-token: write, and that the runner reaches GitHub's token service (actions.githubusercontent.com)"
  }),
  credentials: request(
    'credentials',
    {
      cause:
        'the user name, password, token or API key is wrong, expired or locked, or an API key has no access policy for this API',
      fix: 'try the same credentials with curl on the same path; a user needs an active account, an API key needs an inbound authentication profile and a REST API access policy'
    },
    {
      variants: {
        oidc: {
          cause:
            "the instance does not accept GitHub's identity token: it has no OIDC entity with this audience as its Client ID, the entity's provider is not GitHub, no active user has the value of the User Claim, or the token has expired by the instance's clock; the response is the same for all of these",
          fix: "check that `oidc-audience` is the Client ID of the OIDC entity, that the provider's metadata URL is that of GitHub, that the User Field of one active user has the value of the User Claim, and that the clocks of runner and instance agree"
        }
      },
      variant: ({ scheme }: ClientProblems['credentials']) => (scheme === 'oidc' ? scheme : undefined)
    }
  ),
  role: request('role', {
    cause: 'the account lacks a role, or an access control on the record or on a field refuses it',
    fix: 'give the service account the roles sn_change_read and sn_change_write and read access to the record, or ask an administrator which access control refused'
  }),
  'business-rule': request('business-rule', {
    cause:
      'a business rule or the change model stopped the write; the message names the rule, or the conditions that are not met',
    fix: 'meet the condition that the message names, or move the change in the order that its model allows'
  }),
  'data-policy': request('data-policy', {
    cause: 'a data policy on the instance requires fields that are empty',
    fix: 'give the fields named in the message, each by its input or under `fields`'
  }),
  'read-only': request('read-only', {
    cause: 'a data policy or an access control makes a field read-only for this account or in this state',
    fix: 'leave the field out, or have the policy allow it for the service account'
  }),
  'ip-list': request('ip-list', {
    cause: "the instance's IP address access control does not list the runner",
    fix: "add the runner's outgoing address to the instance's list, or use a runner with a fixed address"
  }),
  'oauth-scope': request('oauth-scope', {
    cause: 'the OAuth application is securely scoped and its token may not call this API',
    fix: "set the application's scope restriction to Broad, or give it the auth scope useraccount"
  }),
  forbidden: request('forbidden', {
    cause: 'the instance refuses this request from this account',
    fix: 'read the message; check roles, access controls and policies of the service account'
  }),
  'not-found': request('not-found', {
    cause: 'there is no such record, or the account may not read it; the response is the same for both',
    fix: 'check the number or sys_id and `instance`, and that the account has the role sn_change_read'
  }),
  'not-servicenow': request('not-servicenow', {
    cause:
      'something between the runner and the instance responded, or the address is not an instance: ServiceNow says in JSON that a record is missing',
    fix: 'check `instance` (behind a gateway also `api-path`), and what stands between the runner and the instance (a proxy, a gateway)'
  }),
  'api-missing': request(
    'api-missing',
    {
      cause: 'this instance does not have the API: its plugin is missing, or the path is another one',
      fix: 'activate Change Management (com.snc.change_management) with its REST API, or use `api: table`'
    },
    {
      variants: {
        table: {
          cause: 'the Table API cannot do this',
          fix: 'use `api: change-management`'
        }
      },
      variant: ({ api }: ClientProblems['api-missing']) => api
    }
  ),
  'bad-request': request('bad-request', {
    cause: 'the instance cannot process the request with these values',
    fix: 'read the message; check the values given as inputs'
  }),
  'rate-limit': request(
    'rate-limit',
    {
      cause: "the instance's rate limit for this account is used up",
      fix: 'wait until it resets, raise `poll-interval`, or have an administrator raise the rule (sys_rate_limit_rules)'
    },
    {
      variants: {
        until: {
          fix: 'the limit resets at {time}: run the job again then, or have an administrator raise the rule (sys_rate_limit_rules)'
        }
      },
      variant: ({ resetsAt }: LimitFacts) => (resetsAt === undefined ? undefined : 'until'),
      values: resetTime
    }
  ),
  'transaction-canceled': request('transaction-canceled', {
    cause: 'the instance stopped the request because it ran too long',
    fix: 'run the job again when the instance is less busy; an administrator can see the transaction in its log'
  }),
  'server-error': request('server-error', {
    cause: 'the instance failed while it worked on the request',
    fix: 'run the job again; if it stays, an administrator finds the error in the system log at this time'
  }),
  unavailable: request(
    'unavailable',
    {
      cause: 'the instance or its load balancer is restarting, being upgraded or in maintenance',
      fix: 'wait and run the job again; see the status page of the instance'
    },
    {
      variants: { until: { fix: 'the instance asks to wait until {time}: run the job again then' } },
      variant: ({ resetsAt }: LimitFacts) => (resetsAt === undefined ? undefined : 'until'),
      values: resetTime
    }
  ),
  hibernating: request('hibernating', {
    cause:
      'a developer instance that nobody uses is put to sleep, and responds to every request with a page that says so',
    fix: 'wake it at developer.servicenow.com (Manage instance, then Wake), wait until it is up, and run the job again'
  }),
  'login-page': request('login-page', {
    cause: 'single sign-on covers the API, or the address is not an instance',
    fix: 'check `instance`; have REST requests excluded from single sign-on'
  }),
  'not-json': request('not-json', {
    cause:
      'something between the runner and the instance responded: a maintenance page, a proxy, or an address that is not an instance',
    fix: 'open the address in a browser from the same network; check `instance` and the proxy'
  }),
  partial: request('partial', {
    cause: 'the instance failed while it wrote its response',
    fix: 'run the job again; if it stays, an administrator finds the error in the system log at this time'
  }),
  truncated: request('truncated', {
    cause: 'the connection ended before the whole response had arrived',
    fix: 'run the job again; if it stays, check proxies and load balancers on the way'
  }),
  'response-too-long': request('response-too-long', {
    cause:
      'more than 16 MiB, decompressed, are never a response of the APIs that are used: something on the way responded, or does not end its response',
    fix: 'check `instance`, and what stands between the runner and the instance (a proxy, a gateway)'
  }),
  redirect: request('redirect', {
    cause:
      'the instance sends the request to another address; credentials are never sent there, so it is not followed',
    fix: "give the instance's own host name as `instance`, with https; a hibernating developer instance redirects as well"
  }),
  dns: request('dns', {
    cause: 'no address is known for the host name',
    fix: 'check `instance` for a typing mistake; a self-hosted runner may need its own name server or a proxy'
  }),
  'dns-down': request('dns-down', {
    cause: 'the host name could not be looked up just now',
    fix: "run the job again; if it stays, check the runner's name server; behind a proxy set the variable https_proxy, which then looks the name up"
  }),
  refused: request(
    'refused',
    {
      cause: 'nothing listens at that address and port, or a firewall rejects the connection',
      fix: 'check host, port and firewall'
    },
    {
      variants: { loopback: { fix: 'start the sandbox (npm run sandbox), or check the port' } },
      variant: ({ loopback }: ClientProblems['refused']) => (loopback ? 'loopback' : undefined)
    }
  ),
  connection: request('connection', {
    cause: 'the connection broke before a response had arrived',
    fix: 'run the job again; if it stays, check proxies and load balancers on the way'
  }),
  tls: request('tls', {
    cause: "the server's certificate could not be verified",
    fix: 'where a private authority issued it, give the certificate of that authority as `ca-certificate` (or in the variable NODE_EXTRA_CA_CERTS); otherwise have the certificate renewed or the host name corrected'
  }),
  'client-certificate': request('client-certificate', {
    cause: 'the server asks for a client certificate and did not accept what was sent',
    fix: 'check `client-certificate`, `client-key` and `client-key-passphrase`, and that the instance trusts the issuer'
  }),
  'request-timeout': request('request-timeout', {
    cause: 'the instance did not finish its response within request-timeout',
    fix: 'run the job again; raise `request-timeout` when the instance is known to be slow'
  }),
  proxy: request('proxy', {
    cause: 'the proxy named in https_proxy did not open a connection to the instance',
    fix: 'check the address and the credentials of the proxy, and that it allows CONNECT to the instance'
  }),
  'proxy-down': request('proxy-down', {
    cause: 'the proxy named in https_proxy is not there, or it could not reach the instance',
    fix: 'run the job again; if it stays, check the address of the proxy and that it is up'
  }),
  file: request('file', {
    cause: 'the file was changed, cut or removed while it was being sent',
    fix: 'see that nothing writes the file while the step runs, and run the step again'
  }),
  unexpected: request('unexpected', {
    cause: 'the response has a shape, a status or an encoding that the API does not document',
    fix: 'read the message; check what stands between the runner and the instance (a proxy, a gateway), and report it when the instance is a plain one'
  }),
  'other-record': request(
    'other-record',
    {
      cause: 'something between the runner and the instance (a proxy, a gateway, a cache) mixed up responses',
      fix: 'have that proxy or gateway checked, and see that it does not cache; check both records before the job is run again'
    },
    {
      happened: ({ operation, asked, got }: ClientProblems['other-record']) =>
        asked === ''
          ? `Failed while ${operation}: the response is about ${got}, which this step did not make.`
          : `Failed while ${operation}: the response is about ${got}, and not about ${asked}.`
    }
  ),
  unreadable: request(
    'unreadable',
    {
      cause:
        'the account may not read fields without which nothing safe can be said about a change, or the record is no change request',
      fix: 'give the service account read access to these fields of change_request (role sn_change_read)'
    },
    {
      happened: ({ operation, fields }: ClientProblems['unreadable']) =>
        `Failed while ${operation}: the record has no readable ${fields.join(', ')}.`
    }
  ),
  'query-ignored': request(
    'query-ignored',
    {
      cause:
        'the account may not read a field that is searched by, or the instance does not know it; then every record matches',
      fix: 'let the service account read and query {fields}'
    },
    {
      happened: ({ operation, unreadable = [] }: ClientProblems['query-ignored']) =>
        `Failed while ${operation}: the instance returned records that do not match${unreadable.length === 0 ? '' : ` (not readable: ${unreadable.join(', ')})`}.`,
      values: ({ fields }: ClientProblems['query-ignored']) => ({ fields: fields.join(', ') })
    }
  ),
  'list-cut': request(
    'list-cut',
    {
      cause: 'more records match than are read; the one that is looked for may be among the others',
      fix: 'remove or close records that are no longer needed, or name the record by its sys_id; an audit reads fewer with a later `since`'
    },
    {
      happened: ({ operation, read }: ClientProblems['list-cut']) =>
        `Failed while ${operation}: the list goes on after ${read} records.`
    }
  ),
  'lookup-none': request(
    'lookup-none',
    {
      cause: 'no active record has this name, or the account may not see it',
      fix: 'check the spelling, that the record is active (a retired or inactive one does not count) and that the account may see it; or give its sys_id'
    },
    {
      happened: noneFound,
      variants: {
        listed: { fix: 'use one of the names listed, or a sys_id' },
        choice: { fix: 'use one of the labels listed, or its value' },
        number: {
          fix: 'check the number and `instance`, and that the account has the role sn_change_read'
        },
        correlation: {
          fix: 'check `correlation-id` against the output of the step that created the change'
        }
      },
      variant: ({ kind, candidates }: LookupFacts) => {
        if (kind === 'change number') return 'number'
        if (kind === 'correlation id') return 'correlation'
        if (kind === 'choice') return 'choice'
        return candidates.length === 0 ? undefined : 'listed'
      }
    }
  ),
  'lookup-many': request(
    'lookup-many',
    {
      cause: 'several records have this name',
      fix: 'give the sys_id of the one that is meant'
    },
    {
      happened: ({ operation, kind, candidates }: LookupFacts) =>
        `Failed while ${operation}: ${candidates.length} records match the ${kind}: ${candidates.join('; ')}.`
    }
  ),
  'unsafe-query': {
    title: 'Input error',
    happened: ({ value }) =>
      `"${value}" cannot be looked up: ^, line breaks, blanks at the ends and javascript: are not safe in a query.`,
    cause: 'a name holds characters that have a meaning in a query of ServiceNow',
    obvious: true,
    fix: 'give the sys_id'
  },
  attachment: request(
    'attachment',
    {
      cause: 'what the instance stored is not what was sent: something on the way changed it',
      fix: 'delete that attachment and run the step again; check proxies and attachment scanners'
    },
    {
      happened: ({ operation, sent, stored }: ClientProblems['attachment']) =>
        `Failed while ${operation}. Sent: ${fileText(sent)}. Stored: ${fileText(stored)}, sys_id ${stored.sysId}.`
    }
  )
}

function fileText({ name, size, sha256 }: { name: string; size: number; sha256: string }): string {
  return `${name}, ${size} bytes, ${sha256 === '' ? 'no hash' : `SHA-256 ${sha256}`}`
}
