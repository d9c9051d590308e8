export type { Approval } from './approvals.ts'
export { type Attachment, isSame, type Upload } from './attachments/attachments.ts'
export type { Credentials } from './auth/authenticator.ts'
export type { Change } from './changes/change.ts'
export type {
  ChangeApi,
  ChangeTask,
  ConflictReport,
  Draft,
  NextState,
  Template,
  WriteOptions
} from './changes/change-api.ts'
export { canonical, type Fields, type FieldValue, fieldOf, isSysId, type Scalar } from './changes/fields.ts'
export { type ClientOptions, createClient, type ServiceNowClient } from './client.ts'
export { CATALOGUE, type ErrorCode } from './errors/catalogue.ts'
export { ServiceNowError } from './errors/servicenow-error.ts'
export { proxyOf, type TlsOptions } from './http/agent.ts'
export type { AttemptEvent, RetryEvent } from './http/pipeline.ts'
export { Interrupted } from './http/transport.ts'
export { parseInstance } from './instance.ts'
export { nearest } from './lookups/nearest.ts'
export type { Reference, ReferenceKind } from './lookups/references.ts'
export { isSafeInQuery, Query, UnsafeQueryValueError } from './query/query.ts'
