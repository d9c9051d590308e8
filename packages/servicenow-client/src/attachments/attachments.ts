import { type Fields, fieldOf, toFields } from '../changes/fields.ts'
import { checkRecord } from '../changes/one-record.ts'
import { accepted, oneRecord, rowsOf } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { SingleFlight } from '../http/single-flight.ts'
import type { StreamBody } from '../http/transport.ts'
import { type Page, pageOf, readPages, whole } from '../lookups/pages.ts'
import { type ClientProblem, clientProblem } from '../problems/codes.ts'
import { Query } from '../query/query.ts'
import { HashingBody } from './hashing-body.ts'
import { mayBeStoredAs } from './renaming.ts'

/** An attachment as the instance lists it. */
export interface Attachment {
  readonly sysId: string
  readonly name: string
  readonly size: number
  /** SHA-256 in hex; '' where the instance does not return it. */
  readonly sha256: string
}

export interface Upload {
  readonly name: string
  readonly contentType: string
  /** SHA-256 of the file, hex; called only when the file was not sent to its end. */
  sha256(): Promise<string>
  readonly body: StreamBody
}

const TABLE = 'change_request'

/** Attachments of one request. */
const PAGE = 1_000

/** Attachments of change requests. The API has no overwrite and no unique names: callers check before they send. */
export class Attachments {
  private readonly pipeline: Pipeline
  private readonly checks = new SingleFlight((changeSysId: string) => this.list(changeSysId))

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline
  }

  /** All attachments of a change. @throws Problem `list-cut` when there are too many to read them all */
  async list(changeSysId: string): Promise<Attachment[]> {
    const query = new Query().is('table_name', TABLE).is('table_sys_id', changeSysId).orderBy('sys_id')
    const operation = 'listing the attachments'
    const list = await readPages(PAGE, offset => this.page(query, operation, offset))
    return accepted(query, whole(list, operation), operation).map(toAttachment)
  }

  /**
   * Streams one file to a change. When the response is lost, it checks by name and hash whether the file is among the
   * new attachments; uploads that need this at the same time share the check.
   *
   * @param known sys_ids of attachments that were there before
   * @returns the attachment, with the hash of what was sent
   * @throws Problem `attachment` when the instance stored something else than what was sent
   */
  async upload(changeSysId: string, upload: Upload, known: ReadonlySet<string>): Promise<Attachment> {
    const operation = `attaching "${upload.name}"`
    const body = new HashingBody(upload.body, () => upload.sha256())
    const { name } = upload
    const { size } = body
    const stored = await this.pipeline.request({
      operation,
      method: 'POST',
      path: '/api/now/attachment/file',
      query: { table_name: TABLE, table_sys_id: changeSysId, file_name: upload.name },
      stream: body,
      contentType: upload.contentType,
      read: body => {
        const fields = toFields(oneRecord(body, operation))
        checkRecord(fields, { operation, sysId: changeSysId, by: 'write' }, 'table_sys_id')
        return toAttachment(fields)
      },
      check: async () => {
        const all = await this.checks.get(changeSysId)
        const likely = all.filter(one => !known.has(one.sysId) && isLikely(one, { name, size }))
        if (likely.length === 0) return undefined
        const sha256 = await body.sha256()
        return likely.find(one => isSameAttachment(one, { name, size, sha256 }))
      }
    })
    const sent = { name, size, sha256: await body.sha256() }
    // The instance may rename a file; only its bytes must be the same.
    if (!isSameContent(stored, sent)) throw differs(stored, sent, operation)
    return { ...stored, sha256: sent.sha256 }
  }

  private page(query: Query, operation: string, offset: number): Promise<Page> {
    const from = offset === 0 ? {} : { sysparm_offset: String(offset) }
    return this.pipeline.request({
      operation,
      method: 'GET',
      path: '/api/now/attachment',
      query: { sysparm_query: query.toString(), sysparm_limit: String(PAGE), ...from },
      read: (body, headers) => {
        const page = pageOf(rowsOf(body, operation), headers)
        accepted(query, page.rows, operation)
        return page
      }
    })
  }
}

interface Content {
  readonly size: number
  readonly sha256: string
}

type Named = Content & { readonly name: string }

/**
 * Whether the file may be this attachment, as far as can be told without its hash: the same size, and the same name or
 * one that the instance may have made of it.
 */
export function isLikely(stored: Attachment, { name, size }: Omit<Named, 'sha256'>): boolean {
  return stored.size === size && mayBeStoredAs(name, stored.name)
}

/**
 * The same content under the same name, or with the same hash under one that the instance may have made of it; without
 * a hash from the instance, the same name and size.
 */
export function isSameAttachment(stored: Attachment, file: Named): boolean {
  if (!isSameContent(stored, file)) return false
  return stored.name === file.name || (stored.sha256 !== '' && mayBeStoredAs(file.name, stored.name))
}

function isSameContent(stored: Attachment, file: Content): boolean {
  const sameHash = stored.sha256 === '' || stored.sha256 === file.sha256.toLowerCase()
  return sameHash && stored.size === file.size
}

function differs(stored: Attachment, sent: Named, operation: string): ClientProblem {
  return clientProblem('attachment', { operation, sent, stored }, { committed: 'yes' })
}

function toAttachment(fields: Fields): Attachment {
  return {
    sysId: fieldOf(fields, 'sys_id').value,
    name: fieldOf(fields, 'file_name').value,
    size: Number(fieldOf(fields, 'size_bytes').value),
    sha256: fieldOf(fields, 'hash').value.toLowerCase()
  }
}
