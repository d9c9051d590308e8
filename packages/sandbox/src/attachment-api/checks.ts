import { TABLES } from '../dictionary/tables.ts'
import { mayRead, mayWrite } from '../engine/acl.ts'
import type { ReceivedContent } from '../engine/attachment-files.ts'
import type { Row } from '../engine/store.ts'
import type { Settings } from '../options.ts'
import type { Context } from '../server/context.ts'
import { HttpError, recordNotFound } from '../server/response.ts'

/** An attachment that is not stored yet. */
export interface Upload {
  readonly table: string
  readonly tableSysId: string
  readonly fileName: string
  readonly contentType: string
  readonly content: ReceivedContent
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

/** In lower case, without dot; empty when there is none. */
function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.')
  return dot < 0 ? '' : fileName.slice(dot + 1).toLowerCase()
}

/**
 * The record that a file is attached to.
 * @throws HttpError 404 when it does not exist or may not be read, 403 when it may not be written
 */
export function requireParent({ engine, actor }: Context, table: string, sysId: string): Row {
  const row = TABLES.has(table) ? engine.store.get(table, sysId) : undefined
  if (!row || !mayRead(engine, actor, table, row)) throw recordNotFound()
  if (!mayWrite(actor, table, row)) {
    throw new HttpError(403, 'Operation Failed', 'ACL Exception Insert Failed due to security constraints')
  }
  return row
}

function checkSize({ attachmentMaxBytes, refuseEmptyAttachments }: Settings, bytes: number): void {
  if (bytes > attachmentMaxBytes) {
    throw new HttpError(413, 'Attachment size exceeds limit', `Max allowed: ${attachmentMaxBytes} bytes.`)
  }
  if (refuseEmptyAttachments && bytes === 0) {
    throw new HttpError(400, 'Invalid attachment', 'The file has no content.')
  }
}

function checkFileName(settings: Settings, fileName: string): void {
  const allowed = settings.attachmentExtensions
  if (allowed && !allowed.some(one => one.toLowerCase() === extensionOf(fileName))) {
    throw new HttpError(
      403,
      'Operation Failed',
      `File type is not allowed or does not match the content of the file: ${fileName}`
    )
  }
  if (settings.attachmentFileNameValidation && !/^[\w -]+\.[A-Za-z0-9]+$/.test(fileName)) {
    throw new HttpError(403, 'Operation Failed', `Invalid file name: ${fileName}`)
  }
}

function checkMediaType(settings: Settings, { fileName, contentType }: Upload): void {
  const expected = TYPES_BY_EXTENSION[extensionOf(fileName)]
  const declared = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (settings.attachmentMimeValidation && expected && !expected.includes(declared)) {
    throw new HttpError(
      403,
      'Operation Failed',
      `MIME type ${declared} does not match the file extension of ${fileName}`
    )
  }
}

/** @throws HttpError when the size, extension, file name or media type is not allowed on this instance */
export function checkUpload({ engine }: Context, upload: Upload): void {
  checkSize(engine.settings, upload.content.size)
  checkFileName(engine.settings, upload.fileName)
  checkMediaType(engine.settings, upload)
}
