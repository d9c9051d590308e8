import { type Approval, readApprovals, readApprovalsOfMany } from './approvals.ts'
import { Attachments } from './attachments/attachments.ts'
import type { ApiName } from './changes/capabilities.ts'
import type { ChangeApi } from './changes/change-api.ts'
import { ChangeManagementApi } from './changes/change-management-api.ts'
import { TableApi } from './changes/table-api.ts'
import { callEndpoint, type EndpointRequest, type EndpointResponse } from './endpoints.ts'
import type { PipelineOptions } from './http/options.ts'
import { Pipeline } from './http/pipeline.ts'
import type { Stats } from './http/stats.ts'
import { readJournal, readMarkedNotes } from './journal.ts'
import { batch } from './lookups/batch.ts'
import { type Choice, readChoices, resolveChoice } from './lookups/choices.ts'
import { readMaxLengths } from './lookups/lengths.ts'
import { memoize } from './lookups/memoize.ts'
import type { TableRows } from './lookups/pages.ts'
import {
  type Reference,
  type ReferenceKind,
  referenceExists,
  resolveReference
} from './lookups/references.ts'
import { probe, readOwnName, readOwnRoles } from './lookups/rights.ts'

export interface ClientOptions extends PipelineOptions {
  readonly api: ApiName
}

/** One instance, signed in to as one account. Nothing is sent before the first call. */
export interface ServiceNowClient {
  /** Origin, `https://acme.service-now.com`. */
  readonly instance: string
  readonly changes: ChangeApi
  readonly attachments: Attachments
  /** Requests sent so far, sign-ins and failed attempts included. */
  readonly stats: Readonly<Stats>
  /** @throws Problem `lookup-none`, `lookup-many`, `unsafe-query` */
  reference(kind: ReferenceKind, nameOrSysId: string): Promise<Reference>
  /** @throws Problem `lookup-none` */
  choice(field: string, text: string): Promise<{ value: string; verified: boolean }>
  /** The choice list of a field of the change; empty where the account may not read it, or it is too long. */
  choices(field: string): Promise<readonly Choice[]>
  /** Characters that fields of a change keep, by field, as far as known; undefined when the account may not know. */
  maxLengths(fields: readonly string[]): Promise<ReadonlyMap<string, number> | undefined>
  /** undefined when the account may not read them, or there are too many to read them all. */
  approvals(changeSysId: string, maxRetries?: number): Promise<readonly Approval[] | undefined>
  /** By sys_id of the change, a hundred changes a request; those whose rows cannot be read are missing. */
  approvalsOfMany(changeSysIds: readonly string[]): Promise<ReadonlyMap<string, readonly Approval[]>>
  /**
   * Texts of the work notes that the account itself or one of these accounts wrote, oldest first; undefined when they
   * cannot be read. Rows may be hidden without an error.
   */
  journal(changeSysId: string, accounts: readonly string[]): Promise<readonly string[] | undefined>
  /** The same of many changes, only notes with a marker of ours; by sys_id, a hundred changes a request. */
  markedNotes(
    changeSysIds: readonly string[],
    accounts: readonly string[]
  ): Promise<ReadonlyMap<string, readonly string[]>>
  /** Whether the record a reference field points at exists; undefined when the account may not know. */
  exists(field: string, sysId: string): Promise<boolean | undefined>
  /** The first rows of a list resource, to check whether it may be read. */
  probe(path: string, operation: string): Promise<TableRows>
  /** A resource beside the APIs for changes. @throws Problem for everything but a plain success */
  endpoint(request: EndpointRequest): Promise<EndpointResponse>
  /** Names of the roles of the account itself; undefined when it may not know. */
  ownRoles(): Promise<readonly string[] | undefined>
  /** User name of the account itself, as the instance knows it; undefined where it does not tell. */
  ownName(): Promise<string | undefined>
  /** The instance's clock, epoch milliseconds; the runner's until the first response. */
  now(): number
  /** The page of a change for people. */
  changeUrl(sysId: string): string
  close(): Promise<void>
}

export function createClient(options: ClientOptions): ServiceNowClient {
  const pipeline = new Pipeline(options)
  const references = memoize((kind: ReferenceKind, text: string) => resolveReference(pipeline, kind, text))
  const choices = memoize(batch(fields => readChoices(pipeline, fields), []))
  return {
    instance: options.instance,
    changes: options.api === 'table' ? new TableApi(pipeline) : new ChangeManagementApi(pipeline),
    attachments: new Attachments(pipeline),
    stats: pipeline.stats,
    reference: references,
    choices,
    choice: (field, text) => resolveChoice(choices, field, text),
    maxLengths: fields => readMaxLengths(pipeline, fields),
    approvals: (sysId, maxRetries) => readApprovals(pipeline, sysId, maxRetries),
    approvalsOfMany: sysIds => readApprovalsOfMany(pipeline, sysIds),
    markedNotes: (sysIds, accounts) => readMarkedNotes(pipeline, sysIds, accounts),
    journal: (sysId, accounts) => readJournal(pipeline, sysId, accounts),
    exists: (field, sysId) => referenceExists(pipeline, field, sysId),
    probe: (path, operation) => probe(pipeline, path, operation),
    endpoint: request => callEndpoint(pipeline, request),
    ownRoles: () => readOwnRoles(pipeline),
    ownName: () => readOwnName(pipeline),
    now: () => pipeline.instanceNow(),
    changeUrl: sysId =>
      `${options.instance}/nav_to.do?uri=${encodeURIComponent(`/change_request.do?sys_id=${sysId}`)}`,
    close: () => pipeline.close()
  }
}
