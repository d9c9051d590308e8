/** Descriptions of the inputs and outputs that several actions have, for action.yml. */
import type { Shape } from '../inputs/field.ts'
import type { changeNameInputs } from './change-name.ts'
import type { artifactInputs, commitInputs, statedCommitInputs } from './commit.ts'
import type { connectionInputs } from './connection.ts'
import type { createInputs } from './create.ts'
import type { checkedDoorInputs, deliveryInputs, doorPlaceInputs } from './doors.ts'
import type { claimInputs, environmentInputs, foreignInputs, ownershipInputs } from './ownership.ts'
import type { githubTokenInput, policyInputs } from './policy.ts'
import type { lifeCycleInputs } from './states.ts'
import type { waitInputs } from './wait.ts'

/** A description for each input of a shape. Defaults and environment variables are added to it from the schema. */
export type Descriptions<S extends Shape> = { readonly [K in keyof S]: string }

export const AUTHOR = 'change-actions'

/** An input that the runner fills from a context. */
export const SET_AUTOMATICALLY = 'Set automatically.'

export const connectionDescriptions: Descriptions<typeof connectionInputs> = {
  instance: 'Instance: a name (acme), a host (acme.service-now.com) or an https origin.',
  clientId:
    'OAuth client id (client credentials, recommended); together with username and password: OAuth password grant; together with private-key: OAuth JWT bearer grant.',
  clientSecret: 'OAuth client secret.',
  username: 'User name for Basic authentication or the OAuth password grant.',
  password: 'Password of that user.',
  privateKey:
    'Private key of the OAuth client, instead of a client secret (OAuth JWT bearer grant): PEM text or the path of a file, RSA or EC, not encrypted.',
  keyId: 'Key ID (Kid) of that key in the JWT verifier map of the OAuth application.',
  subject:
    'User that the OAuth JWT bearer grant signs in: the value of the User field of the OAuth application, such as an e-mail address.',
  oidcAudience:
    "Experimental: signs in with GitHub's identity token for this audience (permissions: id-token: write), on an instance that trusts GitHub as an OIDC provider.",
  token: 'An existing bearer token.',
  apiKey: 'ServiceNow REST API key, sent as x-sn-apikey.',
  clientCertificate: 'Client certificate for mutual TLS: PEM text or the path of a file.',
  clientKey: 'Private key of the client certificate: PEM text or the path of a file.',
  clientKeyPassphrase: 'Passphrase of that key.',
  caCertificate: 'Additional CA certificate, for a private CA: PEM text or the path of a file.',
  apiPath:
    'Path in front of /api and /oauth_token.do, for an instance behind a gateway (/itsm/prod): letters, digits, ., _, - and /.',
  api: 'REST API for changes: change-management (/api/sn_chg_rest/v1, or /api/sn_chg_rest where only that exists) or table (/api/now/table/change_request).',
  requestTimeout:
    'Maximum duration of one attempt of one request, to the end of the response; while a file is being sent, of a time without progress.',
  maxRetries: 'Retries of one request after the first attempt.',
  dryRun:
    'true: everything is read, resolved and validated, nothing is written; log and summary show each write that would have been sent. Nothing may be deployed after a dry run: wait-approval and the gate fail at its end.'
}

export const changeNameDescriptions: Descriptions<typeof changeNameInputs> = {
  changeSysId: 'sys_id of the change.',
  changeNumber: 'Number of the change, such as CHG0030001; when change-sys-id is given too, they must agree.'
}

export const statedCommitDescriptions: Descriptions<typeof statedCommitInputs> = {
  commit: 'Commit being deployed, 40 or 64 hex digits, where it is not the commit of the run.'
}

export const commitDescriptions: Descriptions<typeof commitInputs> = {
  commit:
    'Commit being deployed, 40 or 64 hex digits; where there is a checkout, it must be the one that is checked out.',
  source:
    'Folder of the checkout that is deployed, relative to the workspace; none: what is deployed does not come from a checkout, and commit or artifact-digest says what it is.'
}

export const artifactDescriptions: Descriptions<typeof artifactInputs> = {
  artifactDigest:
    'Digests of what is deployed, one a line: sha256: and 64 hex digits. They are noted when the change is made; the step that deploys gives them again, and others stop it (outcome stale-approval).'
}

export const policyDescriptions: Descriptions<typeof policyInputs> = {
  environment: 'The environment being deployed to; looked up in the policy.',
  policyFile:
    "Policy: which environments are change-controlled, values for most inputs, and values that bind. A path of this repository, read from the commit of the run, or owner/repository/path@ref for a central one; never the workspace's file.",
  policyToken: 'Token that reads the policy, for a central one in another repository.'
}

export const githubTokenDescription: Descriptions<typeof githubTokenInput> = {
  githubToken: 'Set automatically; with the permission contents: read it reads the policy.'
}

export const ownershipDescriptions: Descriptions<typeof ownershipInputs> = {
  trustedAccounts:
    'User names, one a line, whose changes and notes count as our own beside those of the account that signs in.',
  bindingKey:
    'Secret by which bindings and notes are signed. With it, what is not signed counts as not ours; every step needs the same one.'
}

export const foreignDescriptions: Descriptions<typeof foreignInputs> = {
  allowForeignChange:
    'true: accept a named change that is bound to another repository or environment; a warning names it.'
}

export const claimDescriptions: Descriptions<typeof claimInputs> = {
  takeOver: 'true: go on with a change that another run has claimed.',
  githubToken:
    'Set automatically; with the permission actions: read it tells whether a run that claimed the change is over.'
}

export const environmentDescriptions: Descriptions<typeof environmentInputs> = {
  environment:
    'The environment being deployed to, as in the step that makes the change: a change is bound to it. Without it the repository alone is compared.'
}

export const doorPlaceDescriptions: Descriptions<typeof doorPlaceInputs> = {
  door: 'What takes it: companion (the companion application: signed, once in effect), rest-trigger (a Flow Designer REST trigger or a Scripted REST resource), event-management or import-set (both for send-event alone).',
  endpoint: 'Path of the door on the instance; required with rest-trigger and import-set.',
  signingSecret:
    'Secret by which the body is signed; the instance has the same one in the property x_chgact.signing_secret. Required with companion.'
}

export const checkedDoorDescriptions: Descriptions<typeof checkedDoorInputs> = {
  door: 'Door of run-flow and send-event to check: companion, rest-trigger, event-management or import-set.',
  endpoint: doorPlaceDescriptions.endpoint,
  flow: 'Flow that is to be started at this door.',
  signingSecret: 'Secret by which messages to this door are signed.'
}

export const deliveryDescriptions: Descriptions<typeof deliveryInputs> = {
  ...doorPlaceDescriptions,
  data: 'Inputs of the flow, or facts of the event: a YAML map.',
  deliveryId:
    'Name of the delivery, by which the companion application knows a repeat: up to 100 characters of A-Z a-z 0-9 . _ : -.',
  environment: 'The environment being deployed to.',
  correlationId:
    'Identity of the deployment: up to 100 characters of A-Z a-z 0-9 . _ : / -. A flow that makes a change stores it as correlation_id.',
  correlationScope:
    'Any text that tells this deployment from another one of the same job; part of both derived ids. Required in a called workflow, whose job is the same for every call.',
  ownMatrixIndex: SET_AUTOMATICALLY,
  ownWorkflowRef: SET_AUTOMATICALLY
}

export const lifeCycleDescriptions: Descriptions<typeof lifeCycleInputs> = {
  states:
    "States of the instance's own: a YAML map of value or label to new, assess, authorize, scheduled, implement, review, closed or canceled."
}

export const createDescriptions: Descriptions<typeof createInputs> = {
  shortDescription: 'Short description of the change; required unless an existing change is named.',
  description: 'Description of the change.',
  type: 'normal, standard or emergency.',
  assignmentGroup: 'Assignment group: name or sys_id. In most instances it decides who approves.',
  assignedTo: 'User the change is assigned to: user name, e-mail address, name or sys_id.',
  requestedBy: 'User who requests the change: user name, e-mail address, name or sys_id.',
  cmdbCi: 'Configuration item: name or sys_id.',
  priority: 'Priority: value or label (3, 1 - Critical).',
  impact: 'Impact: value or label.',
  urgency: 'Urgency: value or label.',
  risk: 'Risk: value or label (low).',
  category: 'Category: value or label.',
  justification: 'Justification.',
  implementationPlan: 'Implementation plan.',
  backoutPlan: 'Backout plan.',
  testPlan: 'Test plan.',
  startDate: 'Planned start: ISO 8601 with a zone (2026-12-01T22:00:00Z), or relative to now (+2h).',
  endDate: 'Planned end, written like start-date.',
  parentChange: 'Parent change: number or sys_id. For a rollback give rollback-of instead.',
  rollbackOf:
    'Number or sys_id of the change that failed: it becomes the parent. A standard change made from a template is refused unless that change is of this repository and environment and did not succeed, and an earlier one closed as successful for the commit; with other types, what is not proved is a warning.',
  workNotes: 'Work note written with the change.',
  standardChangeTemplate:
    'Standard change template: name or sys_id. The change is a pre-approved standard change.',
  changeModel: 'Model of the change (chg_model): name or sys_id; with api change-management only.',
  fields:
    'Further fields as a YAML map, u_… fields included. Control fields such as state and approval are refused.',
  attachments:
    'Files to attach before approval is requested: a YAML list of paths, globs, or maps with name and file.',
  changeNumber: 'Number of an existing change to use; nothing is created then.',
  changeSysId: 'sys_id of an existing change to use; nothing is created then.',
  correlationId:
    'Identity of the deployment, by which a re-run finds its change again: up to 100 characters of A-Z a-z 0-9 . _ : / -.',
  correlationScope:
    'Any text that tells this deployment from another one of the same job; part of the default correlation-id. Required in a called workflow, whose job is the same for every call.',
  reuse: 'true: reuse the open change with the same correlation-id; false: always create one.',
  matchTitle: 'true: also reuse the one open change whose short description is exactly this.',
  requestApproval: 'true: move the change out of New, so that approval is requested.',
  changeBrief:
    'auto: what changed since the last successful deployment to the environment (commits, pull requests and reviewers, checks, code owners, the version to go back to) is read from GitHub and written below the description of a new change, or into a work note where a template owns the description; off: nothing is read.',
  resubmit: 'true: submit a reused change again that was rejected.',
  ownMatrixIndex: SET_AUTOMATICALLY,
  ownWorkflowRef: SET_AUTOMATICALLY
}

export const waitDescriptions: Descriptions<typeof waitInputs> = {
  timeout: 'Maximum wait; 0 checks once.',
  pollInterval:
    'Maximum polling interval; the first polls come sooner, and all come later while the instance refuses requests because of its rate limit.',
  proceedStates:
    "States in which the deployment may go ahead: names, or values or labels of the instance's own states.",
  waitStates: 'States in which to keep waiting, given likewise; any other state ends the wait.',
  requireApproval: "true: the change's approval must read approved as well.",
  requireApprover:
    'true: at least one approver row must read approved; an approval that no person gave is no-approver. A standard change made from a template has no approvers and is not asked.',
  selfApproval:
    'allow, or refuse: an approval counts only when its approver neither created, opened nor requested the change, and requested-by is a person; else no-approver. Implies require-approver.',
  editsAfterSubmission:
    'Short description, description, plans, CI or type that differ from what was submitted: ignore, warn, or refuse (outcome edited). Where it cannot be told, warn says so and refuse refuses.',
  whenNotRequested:
    'A change in New whose approval nobody requested: wait, or stop at once with the outcome not-requested.',
  changeWindow: 'respect or ignore the planned start and end.',
  allowNewCommit: 'true: accept an approval that was given for another commit.',
  requireBinding: 'true: refuse a change that was approved before it was bound to this deployment.',
  failWhenNotApproved:
    'false: the step passes when the change is not approved; the outputs approved and outcome tell.'
}

/** Outputs that name a change. */
export const changeOutputs = {
  'change-sys-id': 'sys_id of the change.',
  'change-number': 'Number of the change.',
  'change-url': 'Page of the change in ServiceNow.'
}

/** Outputs of actions that find or create a change. */
export const createOutputs = {
  'change-type': "normal, standard, emergency, or a type of the instance's own.",
  risk: 'Risk as the instance shows it.',
  created: 'true: made by this step; false: supplied or reused.',
  'correlation-id': 'Identity of the deployment.'
}

/** Outputs of actions that wait for approval, beside `outcome`. */
export const waitOutputs = {
  approved: 'true or false.',
  'approval-basis':
    'On what the approval rests: person, policy (given without an approver row), template, none (not required) or unknown (the approver rows cannot be read); with ", bound later" where it was given before the change was bound.',
  'approval-proof':
    'Path of an in-toto statement about what was approved; beside it, with .predicate.json at the end, its predicate for actions/attest. Empty while it is not approved.',
  'planned-start': 'Planned start, ISO 8601 in UTC (2026-12-01T22:00:00Z); empty where none is planned.',
  'planned-end': 'Planned end, written like planned-start.',
  'approved-by': 'Names of those who approved, joined by "; ", where they can be read.',
  approvals: 'JSON list of approver, group, state, comments, at.',
  'waited-seconds': 'Time waited, in seconds.',
  polls: 'Number of polls.'
}

export const APPROVAL = 'not requested, requested, approved or rejected.'

export const ATTACHMENTS = 'JSON list of name, file, sys-id, size, sha256, status (attached or skipped).'
