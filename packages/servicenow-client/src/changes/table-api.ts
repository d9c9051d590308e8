import type { Pipeline } from '../http/pipeline.ts'
import { whole } from '../lookups/pages.ts'
import { readTable, readWholeTable } from '../lookups/table.ts'
import { type ClientProblem, clientProblem } from '../problems/codes.ts'
import { Query } from '../query/query.ts'
import { CAPABILITIES } from './capabilities.ts'
import { type Change, changeOf } from './change.ts'
import {
  type ChangeApi,
  type ChangeList,
  type ChangeTask,
  type ConflictReport,
  type Draft,
  type Made,
  NEWEST,
  type NextState,
  type ReadOptions,
  type Template,
  type WriteOptions
} from './change-api.ts'
import type { Fields, Scalar } from './fields.ts'
import { listChanges } from './list.ts'
import {
  checkRecord,
  found,
  madeChange,
  readBack,
  readChange,
  writtenChange,
  writtenFields
} from './one-record.ts'
import { pollChange } from './poll.ts'
import type { PollValues } from './poll-values.ts'
import { openTask, pickTemplate, templateQueries } from './records.ts'
import { accepted } from './responses.ts'

const TABLE = '/api/now/table/change_request'

/** Records of one request. */
const PAGE = 100

/** Both forms of every field, as the Change Management API returns them. */
const BOTH_FORMS = { sysparm_display_value: 'all', sysparm_exclude_reference_link: 'true' }

/** The Table API: every instance has it, also without the Change Management plugin. */
export class TableApi implements ChangeApi {
  readonly capabilities = CAPABILITIES.table
  private readonly pipeline: Pipeline

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline
  }

  get(sysId: string, options: ReadOptions = {}): Promise<Change> {
    const operation = options.operation ?? `reading the change ${sysId}`
    return this.pipeline.request({
      operation,
      method: 'GET',
      path: `${TABLE}/${encodeURIComponent(sysId)}`,
      query: BOTH_FORMS,
      read: body => readChange(body, sysId, operation),
      maxRetries: options.maxRetries
    })
  }

  poll(sysId: string, options: ReadOptions = {}): Promise<PollValues> {
    return pollChange(this.pipeline, sysId, options)
  }

  async find(query: Query, operation: string, { maxRetries }: ReadOptions = {}): Promise<Change[]> {
    const rows = await this.all('change_request', query.orderBy('number'), operation, maxRetries)
    return rows.map(fields => changeOf(fields, operation))
  }

  list(query: Query, operation: string, fields?: readonly string[]): Promise<ChangeList> {
    return listChanges(this.pipeline, query, operation, fields)
  }

  async findNewest(query: Query, operation: string, limit = NEWEST): Promise<Change[]> {
    const read = { table: 'change_request', query: query.newestFirst(), operation, limit }
    const { rows } = await readTable(this.pipeline, read)
    return accepted(query, rows, operation).map(fields => changeOf(fields, operation))
  }

  create(draft: Draft, check: () => Promise<Change | undefined>): Promise<Made> {
    const operation = 'creating the change request'
    return this.pipeline.request({
      operation,
      method: 'POST',
      path: TABLE,
      query: BOTH_FORMS,
      json: fieldsFor(draft),
      read: madeChange,
      check: async () => found(await check())
    })
  }

  async update(
    sysId: string,
    fields: Readonly<Record<string, Scalar>>,
    options: WriteOptions
  ): Promise<Change> {
    const { operation, done } = options
    const display = options.byDisplayValue ? { sysparm_input_display_value: 'true' } : {}
    const written = await this.pipeline.request({
      operation,
      method: 'PATCH',
      path: `${TABLE}/${encodeURIComponent(sysId)}`,
      query: { ...BOTH_FORMS, ...display },
      json: fields,
      read: body => writtenChange(body, sysId, operation),
      ...(done === undefined ? {} : { check: () => this.checkAgain(sysId, done) })
    })
    return written ?? readBack(() => this.get(sysId, { operation }))
  }

  async nextStates(): Promise<readonly NextState[] | undefined> {
    return undefined
  }

  async evaluateRisk(): Promise<Change> {
    throw missing('evaluating the risk')
  }

  async startConflictCheck(): Promise<void> {
    throw missing('starting conflict detection')
  }

  async conflicts(): Promise<ConflictReport> {
    throw missing('reading the conflicts')
  }

  async openTasks(sysId: string): Promise<readonly ChangeTask[]> {
    const query = new Query().is('change_request', sysId).orderBy('number')
    const operation = 'reading the change tasks'
    return (await this.all('change_task', query, operation)).flatMap(openTask)
  }

  async updateTask(
    _changeSysId: string,
    taskSysId: string,
    fields: Readonly<Record<string, Scalar>>,
    operation: string
  ): Promise<void> {
    await this.pipeline.request({
      operation,
      method: 'PATCH',
      path: `/api/now/table/change_task/${encodeURIComponent(taskSysId)}`,
      json: fields,
      read: body => checkRecord(writtenFields(body), { operation, sysId: taskSysId, by: 'write' }),
      idempotent: true
    })
  }

  async template(nameOrSysId: string): Promise<Template> {
    const operation = `looking up the standard change template "${nameOrSysId}"`
    const { exact, near } = templateQueries(nameOrSysId)
    const table = 'std_change_record_producer'
    const read = (query: Query) => this.all(table, query, operation)
    const sample = async (query: Query) => {
      const { rows } = await readTable(this.pipeline, { table, query, operation, limit: PAGE })
      return accepted(query, rows, operation)
    }
    return pickTemplate({ given: nameOrSysId, exact, near, read, sample, operation })
  }

  private async all(table: string, query: Query, operation: string, maxRetries?: number): Promise<Fields[]> {
    const list = await readWholeTable(this.pipeline, { table, query, operation, limit: PAGE, maxRetries })
    return accepted(query, whole(list, operation), operation)
  }

  private async checkAgain(sysId: string, done: (change: Change) => boolean): Promise<Change | undefined> {
    const change = await this.get(sysId)
    return done(change) ? change : undefined
  }
}

function missing(operation: string): ClientProblem {
  return clientProblem('api-missing', { operation, api: 'table' })
}

/** On the Table API a standard change is tied to its template by the template's published version. */
function fieldsFor(draft: Draft): Record<string, Scalar> {
  const fields: Record<string, Scalar> = { ...draft.fields }
  if (draft.type !== undefined) fields.type = draft.type
  if (draft.template !== undefined) {
    fields.type = 'standard'
    fields.std_change_producer_version = draft.template.version
  }
  return fields
}
