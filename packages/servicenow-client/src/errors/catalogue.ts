/**
 * Every way a request can fail, with its likely cause and its fix. Titles shown to people, the retry
 * decision and the troubleshooting page are all read off this table.
 */
export interface Fault {
  /** The part of the title after `ServiceNow <status>:`. */
  readonly what: string
  readonly cause: string
  readonly fix: string
  /** Worth another attempt: the fault may pass by itself. */
  readonly transient: boolean
  /** A write answered this way may have been carried out all the same. */
  readonly mayHaveCommitted: boolean
}

type Flags = { transient?: boolean; mayHaveCommitted?: boolean }

function fault(what: string, cause: string, fix: string, flags: Flags = {}): Fault {
  return {
    what,
    cause,
    fix,
    transient: flags.transient ?? false,
    mayHaveCommitted: flags.mayHaveCommitted ?? false
  }
}

const PASSING = { transient: true }
const AMBIGUOUS = { transient: true, mayHaveCommitted: true }
const COMMITTED = { mayHaveCommitted: true }

export const CATALOGUE = {
  'sign-in': fault(
    'OAuth sign-in refused',
    'the client id or secret is wrong, the grant is switched off, the OAuth application has no application user, or the user is locked; the instance answers all of these alike',
    'check client-id and client-secret against the OAuth application; for client credentials set its "OAuth Application User" and the property glide.oauth.inbound.client.credential.grant_type.enabled=true; for the password grant check username and password'
  ),
  credentials: fault(
    'credentials refused',
    'the user name, password, token or API key is wrong, expired or locked, or an API key has no access policy for this API',
    'check the credentials with curl against the same path; a user needs an active account, an API key an inbound authentication profile and a REST API access policy'
  ),
  role: fault(
    'permission missing',
    'the account lacks a role, or an access control on the record or a field stops it',
    'give the service account sn_change_read and sn_change_write (and read access to the record), or ask an administrator which access control refused',
    COMMITTED
  ),
  'business-rule': fault(
    'a business rule refused',
    'a business rule on the instance aborted the write; its name is in the message',
    'meet the condition the rule names, or move the change in the order its model allows',
    COMMITTED
  ),
  'data-policy': fault(
    'mandatory fields missing',
    'a data policy on the instance demands fields that are empty',
    'give the fields named in the message, as inputs or under fields:',
    COMMITTED
  ),
  'read-only': fault(
    'a field is read-only',
    'a data policy or access control makes a field read-only for this account or in this state',
    'leave the field out, or have the policy allow it for the service account',
    COMMITTED
  ),
  'ip-list': fault(
    'address not allowed',
    "the instance's IP address access control does not list the runner",
    "add the runner's outgoing address to the instance's allow-list, or use a runner with a fixed address"
  ),
  'oauth-scope': fault(
    'OAuth scope refused',
    'the OAuth application is securely scoped and its token may not call this API',
    "set the application's scope restriction to Broad, or give it the auth scope useraccount"
  ),
  forbidden: fault(
    'refused',
    'the instance refused the request to this account',
    'read the message; check roles, access controls and policies of the service account',
    COMMITTED
  ),
  'not-found': fault(
    'not found, or not readable',
    'there is no such record, or the account may not read it; ServiceNow answers both alike',
    'check the number or sys_id, the instance, and that the account has sn_change_read'
  ),
  'api-missing': fault(
    'API not available',
    'this instance does not offer the API: the plugin is missing or the path is not its own',
    'activate Change Management (com.snc.change_management) with its REST API, or use api: table'
  ),
  'bad-request': fault(
    'request refused',
    'the instance could not make sense of the request',
    'read the message; check the values given as inputs'
  ),
  'rate-limit': fault(
    'rate limit reached',
    "the instance's rate limit for this account is used up",
    'wait until it resets, lengthen poll-interval, or have an administrator raise the rule (sys_rate_limit_rules)',
    PASSING
  ),
  cancelled: fault(
    'transaction cancelled',
    'the instance stopped the request because it ran too long',
    'try again when the instance is less busy; an administrator can see the transaction in its log',
    AMBIGUOUS
  ),
  'server-error': fault(
    'internal error',
    'the instance failed while it worked on the request',
    'try again; if it stays, an administrator finds the error in the system log at this time',
    AMBIGUOUS
  ),
  unavailable: fault(
    'instance unavailable',
    'the instance or its load balancer is restarting, upgrading or in maintenance',
    'wait and run the job again; see the status page of the instance',
    AMBIGUOUS
  ),
  hibernating: fault(
    'the instance is hibernating',
    'a developer instance sleeps when nobody uses it and answers every request with a page that says so',
    'wake it at developer.servicenow.com (Manage instance, then Wake), wait until it is up, and run the job again'
  ),
  'login-page': fault(
    'a login page instead of JSON',
    'the request met a web page to sign in at: single sign-on covers the API, or the address is not an instance',
    'check the instance name; have REST requests excluded from single sign-on'
  ),
  'not-json': fault(
    'a web page instead of JSON',
    'something between the runner and the instance answered in its place: a maintenance page, a proxy, or an address that is not an instance',
    'open the address in a browser from the same network; check the instance name and the proxy',
    AMBIGUOUS
  ),
  partial: fault(
    'an error inside a successful answer',
    'the instance broke off while it wrote its answer',
    'try again; if it stays, an administrator finds the error in the system log at this time',
    AMBIGUOUS
  ),
  truncated: fault(
    'answer cut short',
    'the connection ended before the whole answer had arrived',
    'try again; if it stays, look at proxies and load balancers on the way',
    AMBIGUOUS
  ),
  redirect: fault(
    'a redirect',
    'the instance sends the request elsewhere; credentials are never sent to another address, so it is not followed',
    "use the instance's own host name as the instance input, with https; a sleeping developer instance redirects as well"
  ),
  dns: fault(
    'host not found',
    'no address is known for the host name',
    'check the instance name for a typing mistake; a self-hosted runner may need its own name server or proxy'
  ),
  'dns-down': fault(
    'the name server did not answer',
    'the host name could not be looked up just now',
    "try again; if it stays, check the runner's name server; behind a proxy set https_proxy, which then looks the name up",
    PASSING
  ),
  refused: fault(
    'connection refused',
    'nothing answers at that address and port, or a firewall rejects the connection',
    'check host, port and firewall',
    PASSING
  ),
  connection: fault(
    'connection lost',
    'the connection broke before an answer had arrived',
    'try again; if it stays, look at proxies and load balancers on the way',
    AMBIGUOUS
  ),
  tls: fault(
    'certificate not trusted',
    "the server's certificate could not be verified",
    'give the issuing authority as ca-certificate (or NODE_EXTRA_CA_CERTS) when it is a private one; otherwise have the certificate renewed or the host name corrected'
  ),
  'client-certificate': fault(
    'client certificate refused',
    'the server wants a client certificate and did not accept what was sent',
    'check client-certificate, client-key and client-key-passphrase, and that the instance trusts the issuer'
  ),
  timeout: fault(
    'no answer in time',
    'the instance did not finish its answer within request-timeout',
    'try again; raise request-timeout when the instance is known to be slow',
    AMBIGUOUS
  ),
  proxy: fault(
    'the proxy refused',
    'the proxy named in https_proxy did not open a connection to the instance',
    'check the proxy address and its credentials, and that it allows CONNECT to the instance'
  ),
  'proxy-down': fault(
    'no way through the proxy',
    'the proxy named in https_proxy is not there, or it could not reach the instance',
    'try again; if it stays, check the proxy address and that the proxy is up',
    PASSING
  ),
  file: fault(
    'the file cannot be sent',
    'the file was changed, cut or removed while it was being sent',
    'see that nothing writes the file while the step runs, and run the step again'
  ),
  unexpected: fault(
    'unexpected answer',
    'the answer has a shape or status that the API does not document',
    'look at the message; report it when the instance is a plain one'
  ),
  'lookup-none': fault(
    'no such record',
    'no active record has this name',
    'use one of the names listed, or a sys_id'
  ),
  'lookup-many': fault(
    'the name is ambiguous',
    'several records have this name',
    'give the sys_id of the one that is meant'
  ),
  attachment: fault(
    'attachment differs from the file',
    'what the instance stored is not what was sent: something on the way changed it',
    'delete that attachment and run the step again; look at proxies and attachment scanners'
  )
} as const satisfies Record<string, Fault>

export type ErrorCode = keyof typeof CATALOGUE
