export type { Approval } from './approvals.ts'
export { type Attachment, isLikely, isSameAttachment, type Upload } from './attachments/attachments.ts'
export {
  credentialSets,
  incompleteCredentials,
  simplestSchemes
} from './auth/complete.ts'
export {
  CREDENTIAL_NAMES,
  type CredentialName,
  type Credentials,
  type GivenCredentials,
  isPemCredential,
  isSecretCredential,
  namesOf,
  schemeNamed
} from './auth/schemes.ts'
export { signingAlgorithm } from './auth/sign-jwt.ts'
export { type ApiName, CAPABILITIES, type Capabilities } from './changes/capabilities.ts'
export type { Change } from './changes/change.ts'
export {
  type ChangeApi,
  type ChangeList,
  type ChangeTask,
  type ConflictReport,
  type Draft,
  type Made,
  NEWEST,
  type NextState,
  type Template,
  type WriteOptions
} from './changes/change-api.ts'
export { canonical, type Fields, type FieldValue, fieldOf, isSysId, type Scalar } from './changes/fields.ts'
export { type PollValues, pollValues } from './changes/poll-values.ts'
export { type ClientOptions, createClient, type ServiceNowClient } from './client.ts'
export { type EndpointRequest, type EndpointResponse, parseEndpoint } from './endpoints.ts'
export { nodeTransport, type TlsOptions } from './http/agent.ts'
export type { RequestEvent } from './http/events.ts'
export { ProxyVariableError, proxyOf } from './http/proxy.ts'
export {
  AttemptTimeout,
  BodyFault,
  CutShort,
  Interrupted,
  type StreamBody,
  type Transport,
  type WireRequest,
  type WireResponse
} from './http/transport.ts'
export { parseApiPath, parseInstance } from './instance.ts'
export type { Choice } from './lookups/choices.ts'
export { nearest } from './lookups/nearest.ts'
export type { Reference, ReferenceKind } from './lookups/references.ts'
export { typingDistance } from './lookups/typing-distance.ts'
export * from './problems/codes.ts'
export {
  type Committed,
  Problem,
  type ProblemDetails,
  type Retry,
  type Subject
} from './problems/problem.ts'
export { isSafeInQuery, isSameName, Query, type StandsFor } from './query/query.ts'
