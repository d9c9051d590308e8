import { mayRead, mayWrite } from '../engine/acl.ts'
import type { Row } from '../engine/store.ts'
import { select, usableQuery } from '../query/evaluate.ts'
import type { Context } from '../server/context.ts'
import { mediaType } from '../server/request.ts'
import {
  emptyResponse,
  HttpError,
  type HttpResponse,
  jsonResponse,
  recordNotFound
} from '../server/response.ts'
import { dispatch, type PathParameters, type Route } from '../server/router.ts'
import { queryFrom } from '../table-api/list.ts'
import { paging, pagingHeaders } from '../table-api/paging.ts'
import { checkUpload, requireParent, type Upload } from './checks.ts'
import { parseMultipart } from './multipart.ts'
import { attachmentRecord, storeAttachment } from './store.ts'

const TABLE = 'sys_attachment'
const DEFAULT_LIMIT = 1000

/** Media types that can be sent in a header. */
const PRINTABLE = /^[\x20-\x7e]+$/

function missingParameters(names: readonly string[]): HttpError {
  return new HttpError(400, 'Missing parameter', `Required parameters are missing: ${names.join(', ')}`)
}

/** Stores an upload and responds 201 with its metadata. */
function attach(context: Context, upload: Upload): HttpResponse {
  requireParent(context, upload.table, upload.tableSysId)
  checkUpload(context, upload)
  const row = storeAttachment(context.engine, context.actor, upload)
  const { origin, path } = context.request
  const location = `${origin}${path.replace(/\/attachment\/.*/, '/attachment')}/${row.sys_id}/file`
  return jsonResponse(201, { result: attachmentRecord(context, row) }, { Location: location })
}

const RAW_UPLOAD = /^\/api\/now\/(?:v1\/|v2\/)?attachment\/file$/

/** Whether the body of a request is a file. Such a body is streamed to disk. */
export function isRawUpload(method: string, path: string): boolean {
  return method === 'POST' && RAW_UPLOAD.test(path)
}

/** `POST /file`: the body is the file. Even a multipart body is stored as it is. */
function uploadRaw(context: Context): HttpResponse {
  const { query, headers, content } = context.request
  const names = ['table_name', 'table_sys_id', 'file_name']
  const missing = names.filter(name => !query.get(name))
  if (missing.length > 0) throw missingParameters(missing)
  const contentType = headers['content-type'] ?? ''
  if (contentType === '')
    throw new HttpError(415, 'Unsupported media type', 'Content-Type header is required')
  return attach(context, {
    table: query.get('table_name') ?? '',
    tableSysId: query.get('table_sys_id') ?? '',
    fileName: query.get('file_name') ?? '',
    contentType,
    content: content ?? context.engine.store.files.receiveBuffer(context.request.body)
  })
}

/** `POST /upload`: a form. The parameters are form fields, and the last part is the file. */
function uploadForm(context: Context): HttpResponse {
  const { request } = context
  if (mediaType(request) !== 'multipart/form-data') {
    throw new HttpError(415, 'Unsupported media type', 'multipart/form-data is expected')
  }
  const parts = parseMultipart(request.body, request.headers['content-type'] ?? '')
  const file = parts.at(-1)
  if (file?.name !== 'uploadFile' || file.fileName === undefined) {
    throw new HttpError(400, 'Bad Request', 'The last part of the form must be the file, named uploadFile')
  }
  const text = (name: string) => parts.find(part => part.name === name)?.bytes.toString('utf8') ?? ''
  const missing = ['table_name', 'table_sys_id'].filter(name => text(name) === '')
  if (missing.length > 0) throw missingParameters(missing)
  return attach(context, {
    table: text('table_name'),
    tableSysId: text('table_sys_id'),
    fileName: file.fileName,
    contentType: PRINTABLE.test(file.contentType) ? file.contentType : 'application/octet-stream',
    content: context.engine.store.files.receiveBuffer(file.bytes)
  })
}

function listAttachments(context: Context): HttpResponse {
  const { engine, actor } = context
  const query = usableQuery(TABLE, queryFrom(context))
  const selected = select(engine, actor, TABLE, query)
  const page = paging(context, DEFAULT_LIMIT)
  const rows = selected.slice(page.offset, page.offset + page.limit)
  const readableRows = rows.filter(row => mayRead(engine, actor, TABLE, row))
  const result = readableRows.map(row => attachmentRecord(context, row))
  return jsonResponse(200, { result }, pagingHeaders(context, page, selected.length))
}

/** @throws HttpError 404 when there is no such attachment, or the account may not read its record */
function requireAttachment({ engine, actor }: Context, { id = '' }: PathParameters): Row {
  const row = engine.store.get(TABLE, id)
  if (!row || !mayRead(engine, actor, TABLE, row)) throw recordNotFound()
  return row
}

/** JSON for a header, whose values are ASCII. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

function downloadFile(context: Context, parameters: PathParameters): HttpResponse {
  const row = requireAttachment(context, parameters)
  return {
    status: 200,
    headers: {
      'Content-Type': row.content_type || 'application/octet-stream',
      'X-Attachment-Metadata': asciiJson(attachmentRecord(context, row))
    },
    body: { path: context.engine.store.files.pathOf(row.sys_id), size: Number(row.size_bytes) }
  }
}

function deleteAttachment(context: Context, parameters: PathParameters): HttpResponse {
  const { engine, actor } = context
  const row = requireAttachment(context, parameters)
  const parent = engine.store.get(row.table_name ?? '', row.table_sys_id ?? '')
  if (!parent || !mayWrite(actor, row.table_name ?? '', parent)) {
    throw new HttpError(403, 'Operation Failed', 'ACL Exception Delete Failed due to security constraints')
  }
  engine.store.remove(TABLE, row.sys_id)
  return emptyResponse(204)
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: '', handle: listAttachments },
  { method: 'POST', path: 'file', handle: uploadRaw },
  { method: 'POST', path: 'upload', handle: uploadForm },
  {
    method: 'GET',
    path: '{id}',
    handle: (c, p) => jsonResponse(200, { result: attachmentRecord(c, requireAttachment(c, p)) })
  },
  { method: 'DELETE', path: '{id}', handle: deleteAttachment },
  { method: 'GET', path: '{id}/file', handle: downloadFile }
]

/**
 * The Attachment API.
 * @param path the path below `/api/now/attachment`, without a leading slash
 * @throws HttpError for an unknown path or method, and for requests that fail
 */
export function attachmentApi(context: Context, path: string): HttpResponse {
  return dispatch(ROUTES, context, path)
}
