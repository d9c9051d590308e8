import type { Pipeline } from '../http/pipeline.ts'
import { type Page, pageOf, readPages, whole } from '../lookups/pages.ts'
import { clientProblem, isClientProblem } from '../problems/codes.ts'
import type { Query } from '../query/query.ts'
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
import { type Scalar, toFields } from './fields.ts'
import { listChanges } from './list.ts'
import { readNextStates } from './next-states.ts'
import {
  checkLooseRecord,
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
import { accepted, ignoredInQuery, rowsOf } from './responses.ts'

const BASE = '/api/sn_chg_rest/v1/change'

/** Records of one request. */
const PAGE = NEWEST

/** Records that the API returns where a request names no limit. */
const DEFAULT_PAGE = 500

/** The Change Management REST API (`/api/sn_chg_rest/v1`): the default. */
export class ChangeManagementApi implements ChangeApi {
  readonly capabilities = CAPABILITIES['change-management']
  private readonly pipeline: Pipeline

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline
  }

  get(sysId: string, options: ReadOptions = {}): Promise<Change> {
    const operation = options.operation ?? `reading the change ${sysId}`
    return this.pipeline.request({
      operation,
      method: 'GET',
      path: `${BASE}/${encodeURIComponent(sysId)}`,
      read: body => readChange(body, sysId, operation),
      maxRetries: options.maxRetries
    })
  }

  poll(sysId: string, options: ReadOptions = {}): Promise<PollValues> {
    return pollChange(this.pipeline, sysId, options)
  }

  async find(query: Query, operation: string, { maxRetries }: ReadOptions = {}): Promise<Change[]> {
    const list = await readPages(PAGE, async offset => {
      const page = await this.page(BASE, query, operation, offset, { maxRetries })
      accepted(query, page.rows, operation)
      return page
    })
    return accepted(query, whole(list, operation), operation).map(fields => changeOf(fields, operation))
  }

  list(query: Query, operation: string, fields?: readonly string[]): Promise<ChangeList> {
    return listChanges(this.pipeline, query, operation, fields)
  }

  async findNewest(query: Query, operation: string, limit = NEWEST): Promise<Change[]> {
    const { rows } = await this.page(BASE, query.newestFirst(), operation, 0, { limit })
    return accepted(query, rows, operation).map(fields => changeOf(fields, operation))
  }

  create(draft: Draft, check: () => Promise<Change | undefined>): Promise<Made> {
    const operation = 'creating the change request'
    return this.pipeline.request({
      operation,
      method: 'POST',
      path: pathFor(draft),
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
    const written = await this.pipeline.request({
      operation,
      method: 'PATCH',
      path: `${BASE}/${encodeURIComponent(sysId)}`,
      json: fields,
      read: body => writtenChange(body, sysId, operation),
      ...(done === undefined ? {} : { check: () => this.checkAgain(sysId, done) })
    })
    return written ?? readBack(() => this.get(sysId, { operation }))
  }

  async nextStates(sysId: string): Promise<readonly NextState[] | undefined> {
    const operation = 'reading the next states'
    try {
      return await this.pipeline.request({
        operation,
        method: 'GET',
        path: `${BASE}/${encodeURIComponent(sysId)}/nextstates`,
        read: body => {
          checkLooseRecord(body, { operation, sysId, by: 'read' })
          return readNextStates(body)
        }
      })
    } catch (error) {
      // It is only read to explain another failure.
      if (isClientProblem(error)) return undefined
      throw error
    }
  }

  async openTasks(sysId: string): Promise<readonly ChangeTask[]> {
    const operation = 'reading the change tasks'
    const path = `${BASE}/${encodeURIComponent(sysId)}/task`
    const list = await readPages(DEFAULT_PAGE, offset =>
      this.pipeline.request({
        operation,
        method: 'GET',
        path,
        query: offset === 0 ? undefined : pageQuery(DEFAULT_PAGE, offset),
        read: (body, headers) => pageOf(rowsOf(body, operation), headers)
      })
    )
    const rows = whole(list, operation).map(toFields)
    for (const row of rows) checkRecord(row, { operation, sysId, by: 'read' }, 'change_request')
    return rows.flatMap(openTask)
  }

  async updateTask(
    changeSysId: string,
    taskSysId: string,
    fields: Readonly<Record<string, Scalar>>,
    operation: string
  ): Promise<void> {
    await this.pipeline.request({
      operation,
      method: 'PATCH',
      path: `${BASE}/${encodeURIComponent(changeSysId)}/task/${encodeURIComponent(taskSysId)}`,
      json: fields,
      read: body => checkRecord(writtenFields(body), { operation, sysId: taskSysId, by: 'write' }),
      idempotent: true
    })
  }

  async evaluateRisk(sysId: string): Promise<Change> {
    const operation = 'evaluating the risk'
    const written = await this.pipeline.request({
      operation,
      method: 'PATCH',
      path: `${BASE}/${encodeURIComponent(sysId)}/risk`,
      json: {},
      read: body => writtenChange(body, sysId, operation),
      idempotent: true
    })
    return written ?? readBack(() => this.get(sysId, { operation }))
  }

  async startConflictCheck(sysId: string): Promise<void> {
    const operation = 'starting conflict detection'
    await this.pipeline.request({
      operation,
      method: 'POST',
      path: `${BASE}/${encodeURIComponent(sysId)}/conflict`,
      json: {},
      read: body => checkLooseRecord(body, { operation, sysId, by: 'write' }),
      idempotent: true
    })
  }

  conflicts(sysId: string): Promise<ConflictReport> {
    const operation = 'reading the conflicts'
    return this.pipeline.request({
      operation,
      method: 'GET',
      path: `${BASE}/${encodeURIComponent(sysId)}/conflict`,
      read: body => {
        checkLooseRecord(body, { operation, sysId, by: 'read' })
        return readConflicts(body)
      }
    })
  }

  async template(nameOrSysId: string): Promise<Template> {
    const operation = `looking up the standard change template "${nameOrSysId}"`
    const { exact, near } = templateQueries(nameOrSysId)
    const page = (query: Query, offset: number) =>
      this.page(`${BASE}/standard/template`, query, operation, offset)
    const read = async (query: Query) => {
      const list = await readPages(PAGE, offset => page(query, offset))
      return whole(list, operation).map(toFields)
    }
    const sample = async (query: Query) => (await page(query, 0)).rows.map(toFields)
    return pickTemplate({ given: nameOrSysId, exact, near, read, sample, operation })
  }

  /** @throws Problem `query-ignored` when the instance says that it left out a term */
  private page(
    path: string,
    query: Query,
    operation: string,
    offset: number,
    { limit = PAGE, maxRetries }: { readonly limit?: number; readonly maxRetries?: number | undefined } = {}
  ): Promise<Page> {
    return this.pipeline.request({
      maxRetries,
      operation,
      method: 'GET',
      path,
      query: { sysparm_query: query.toString(), ...pageQuery(limit, offset) },
      read: (body, headers) => {
        const ignored = ignoredInQuery(body).filter(name => query.fields.includes(name))
        if (ignored.length > 0) throw clientProblem('query-ignored', { operation, fields: ignored })
        return pageOf(rowsOf(body, operation), headers)
      }
    })
  }

  private async checkAgain(sysId: string, done: (change: Change) => boolean): Promise<Change | undefined> {
    const change = await this.get(sysId)
    return done(change) ? change : undefined
  }
}

/** These lists are ordered by number or name where a query names no order. */
function pageQuery(limit: number, offset: number): Record<string, string> {
  return { sysparm_limit: String(limit), ...(offset === 0 ? {} : { sysparm_offset: String(offset) }) }
}

function pathFor(draft: Draft): string {
  if (draft.template !== undefined) return `${BASE}/standard/${encodeURIComponent(draft.template.sysId)}`
  if (draft.model !== undefined) return BASE
  return draft.type === 'normal' || draft.type === 'emergency' ? `${BASE}/${draft.type}` : BASE
}

function fieldsFor(draft: Draft): Record<string, Scalar> {
  const fields: Record<string, Scalar> = { ...draft.fields }
  if (draft.model !== undefined) fields.chg_model = draft.model
  const typed = draft.template === undefined && draft.type !== 'normal' && draft.type !== 'emergency'
  if (draft.type !== undefined && (typed || draft.model !== undefined)) fields.type = draft.type
  return fields
}

/** `status` may say "Conflict" with an empty list, so only the list counts. */
function readConflicts(body: unknown): ConflictReport {
  const result = (body as { result?: Record<string, unknown> } | undefined)?.result ?? {}
  const list = Array.isArray(result.conflicts) ? result.conflicts : []
  const text = (part: unknown) => {
    const { display_value: display, value } = toObject(part)
    return String(display ?? value ?? '')
  }
  return {
    lastRun: text({ value: result.last_run }),
    done: String(result.job_status) === '2',
    conflicts: list.map(one => ({ change: text(toObject(one).change), type: text(toObject(one).type) }))
  }
}

function toObject(part: unknown): Record<string, unknown> {
  return typeof part === 'object' && part !== null ? (part as Record<string, unknown>) : {}
}
