import { TABLES } from '../dictionary/tables.ts'
import { mayRead, mayWrite } from '../engine/acl.ts'
import type { Incoming } from '../engine/files.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { HttpError, notFound } from '../server/reply.ts'

/** What is about to be attached, wherever it came from. */
export interface Upload {
  readonly table: string
  readonly tableSysId: string
  readonly fileName: string
  readonly contentType: string
  readonly content: Incoming
}

const TYPES_BY_EXTENSION: Readonly<Record<string, readonly string[]>> = {
  json: ['application/json'],
  xml: ['application/xml', 'text/xml'],
  txt: ['text/plain'],
  log: ['text/plain'],
  html: ['text/html'],
  pdf: ['application/pdf'],
  png: ['image/png'],
  zip: ['application/zip', 'application/x-zip-compressed'],
  csv: ['text/csv']
}

function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.')
  return dot < 0 ? '' : fileName.slice(dot + 1).toLowerCase()
}

/** @throws HttpError 404 for a record that is not there or not readable, 403 when it may not be written */
export function demandParent({ engine, actor }: Context, table: string, sysId: string): Row {
  const row = TABLES.has(table) ? engine.store.get(table, sysId) : undefined
  if (!row || !mayRead(engine, actor, table, row)) throw notFound()
  if (!mayWrite(actor, table, row)) {
    throw new HttpError(403, 'Operation Failed', 'ACL Exception Insert Failed due to security constraints')
  }
  return row
}

/** @throws HttpError when size, extension, name or declared type are not allowed here */
export function checkUpload({ engine }: Context, upload: Upload): void {
  const { settings } = engine
  const extension = extensionOf(upload.fileName)
  if (upload.content.size > settings.attachmentMaxBytes) {
    throw new HttpError(
      413,
      'Attachment size exceeds limit',
      `Max allowed: ${settings.attachmentMaxBytes} bytes.`
    )
  }
  if (settings.refuseEmptyAttachments && upload.content.size === 0) {
    throw new HttpError(400, 'Invalid attachment', 'The file has no content.')
  }
  const allowed = settings.attachmentExtensions
  if (allowed && !allowed.some(one => one.toLowerCase() === extension)) {
    throw new HttpError(
      403,
      'Operation Failed',
      `File type is not allowed or does not match the content of the file: ${upload.fileName}`
    )
  }
  if (settings.attachmentFileNameValidation && !/^[\w -]+\.[A-Za-z0-9]+$/.test(upload.fileName)) {
    throw new HttpError(403, 'Operation Failed', `Invalid file name: ${upload.fileName}`)
  }
  const expected = TYPES_BY_EXTENSION[extension]
  const declared = upload.contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (settings.attachmentMimeValidation && expected && !expected.includes(declared)) {
    throw new HttpError(
      403,
      'Operation Failed',
      `MIME type ${declared} does not match the file extension of ${upload.fileName}`
    )
  }
}
