import { mayRead, mayWrite } from '../engine/acl.ts'
import type { Row } from '../engine/store.ts'
import { select, usableQuery } from '../query/evaluate.ts'
import type { Context } from '../server/context.ts'
import { emptyReply, HttpError, jsonReply, notFound, type Reply } from '../server/reply.ts'
import { mediaType } from '../server/request.ts'
import { dispatch, type Route } from '../server/router.ts'
import { paging, pagingHeaders } from '../table-api/paging.ts'
import { checkUpload, demandParent, type Upload } from './checks.ts'
import { parseMultipart } from './multipart.ts'
import { shownAttachment, storeAttachment } from './store.ts'

const TABLE = 'sys_attachment'
const DEFAULT_LIMIT = 1000

/** What may stand in a header when the file is asked for again. */
const PRINTABLE = /^[\x20-\x7e]+$/

type Parameters = Readonly<Record<string, string>>

function missing(names: readonly string[]): HttpError {
  return new HttpError(400, 'Missing parameter', `Required parameters are missing: ${names.join(', ')}`)
}

function attach(context: Context, upload: Upload): Reply {
  demandParent(context, upload.table, upload.tableSysId)
  checkUpload(context, upload)
  const row = storeAttachment(context.engine, context.actor, upload)
  const location = `${context.request.origin}/api/now/attachment/${row.sys_id}`
  return jsonReply(201, { result: shownAttachment(context, row) }, { Location: location })
}

const RAW_UPLOAD = /^\/api\/now\/(?:v1\/|v2\/)?attachment\/file$/

/** Whether the body is a file, to be streamed to disk instead of read into memory. */
export function isRawUpload(method: string, path: string): boolean {
  return method === 'POST' && RAW_UPLOAD.test(path)
}

/** `POST /file`: the body is the file, byte for byte, whatever it looks like. */
function uploadRaw(context: Context): Reply {
  const { query, headers, content } = context.request
  const names = ['table_name', 'table_sys_id', 'file_name']
  const absent = names.filter(name => !query.get(name))
  if (absent.length > 0) throw missing(absent)
  const contentType = headers['content-type'] ?? ''
  if (contentType === '')
    throw new HttpError(415, 'Unsupported media type', 'Content-Type header is required')
  return attach(context, {
    table: query.get('table_name') ?? '',
    tableSysId: query.get('table_sys_id') ?? '',
    fileName: query.get('file_name') ?? '',
    contentType,
    content: content ?? context.engine.store.files.incoming(context.request.body)
  })
}

/** `POST /upload`: a form whose last part is the file; parameters in front of it, none in the URL. */
function uploadForm(context: Context): Reply {
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
  const absent = ['table_name', 'table_sys_id'].filter(name => text(name) === '')
  if (absent.length > 0) throw missing(absent)
  return attach(context, {
    table: text('table_name'),
    tableSysId: text('table_sys_id'),
    fileName: file.fileName,
    contentType: PRINTABLE.test(file.contentType) ? file.contentType : 'application/octet-stream',
    content: context.engine.store.files.incoming(file.bytes)
  })
}

function list(context: Context): Reply {
  const { engine, actor, request } = context
  const query = usableQuery(TABLE, request.query.get('sysparm_query') ?? '')
  const selected = select(engine, actor, TABLE, query)
  const page = paging(context, DEFAULT_LIMIT)
  const window = selected.slice(page.offset, page.offset + page.limit)
  const readable = window.filter(row => mayRead(engine, actor, TABLE, row))
  const result = readable.map(row => shownAttachment(context, row))
  return jsonReply(200, { result }, pagingHeaders(context, page, selected.length))
}

function find({ engine, actor }: Context, { id = '' }: Parameters): Row {
  const row = engine.store.get(TABLE, id)
  if (!row || !mayRead(engine, actor, TABLE, row)) throw notFound()
  return row
}

function bytes(context: Context, parameters: Parameters): Reply {
  const row = find(context, parameters)
  return {
    status: 200,
    headers: { 'Content-Type': row.content_type || 'application/octet-stream' },
    body: { path: context.engine.store.files.pathOf(row.sys_id), size: Number(row.size_bytes) }
  }
}

function remove(context: Context, parameters: Parameters): Reply {
  const { engine, actor } = context
  const row = find(context, parameters)
  const parent = engine.store.get(row.table_name ?? '', row.table_sys_id ?? '')
  if (!parent || !mayWrite(actor, row.table_name ?? '', parent)) {
    throw new HttpError(403, 'Operation Failed', 'ACL Exception Delete Failed due to security constraints')
  }
  engine.store.remove(TABLE, row.sys_id)
  return emptyReply(204)
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: '', handle: list },
  { method: 'POST', path: 'file', handle: uploadRaw },
  { method: 'POST', path: 'upload', handle: uploadForm },
  {
    method: 'GET',
    path: '{id}',
    handle: (c, p) => jsonReply(200, { result: shownAttachment(c, find(c, p)) })
  },
  { method: 'DELETE', path: '{id}', handle: remove },
  { method: 'GET', path: '{id}/file', handle: bytes }
]

/**
 * The Attachment API.
 * @param path what follows `/api/now/attachment`, without its leading slash
 */
export function attachmentApi(context: Context, path: string): Reply {
  return dispatch(ROUTES, context, path)
}
