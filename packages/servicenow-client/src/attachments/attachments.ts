import { accepted, oneRecord, rowsOf } from '../changes/answers.ts'
import { type Fields, fieldOf, toFields } from '../changes/fields.ts'
import { ServiceNowError } from '../errors/servicenow-error.ts'
import type { Pipeline } from '../http/pipeline.ts'
import type { StreamBody } from '../http/transport.ts'
import { Query } from '../query/query.ts'

/** An attachment as the instance lists it. */
export interface Attachment {
  readonly sysId: string
  readonly name: string
  readonly size: number
  /** SHA-256 in hex where the instance tells it, else ''. */
  readonly sha256: string
}

export interface Upload {
  readonly name: string
  readonly contentType: string
  /** SHA-256 of the file, hex. */
  readonly sha256: string
  readonly body: StreamBody
}

const TABLE = 'change_request'

/** Attachments of change requests. The API has no overwrite and no unique names: callers look before they send. */
export class Attachments {
  private readonly pipeline: Pipeline

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline
  }

  /** All attachments of a change. */
  async list(changeSysId: string): Promise<Attachment[]> {
    const query = new Query().is('table_name', TABLE).is('table_sys_id', changeSysId)
    const doing = 'listing the attachments'
    const body = await this.pipeline.request({
      doing,
      method: 'GET',
      path: '/api/now/attachment',
      query: { sysparm_query: query.toString(), sysparm_limit: '1000' },
      read: answer => answer
    })
    return accepted(query, rowsOf(body, doing), doing).map(toAttachment)
  }

  /**
   * Streams one file to a change. When the answer is lost, the file is looked for by name and hash among the
   * attachments that were not there before.
   *
   * @param known sys_ids of attachments that were there before
   * @throws ServiceNowError `attachment` when the instance stored something else than what was sent
   */
  async upload(changeSysId: string, upload: Upload, known: ReadonlySet<string>): Promise<Attachment> {
    const doing = `attaching "${upload.name}"`
    const stored = await this.pipeline.request({
      doing,
      method: 'POST',
      path: '/api/now/attachment/file',
      query: { table_name: TABLE, table_sys_id: changeSysId, file_name: upload.name },
      stream: upload.body,
      contentType: upload.contentType,
      read: body => toAttachment(toFields(oneRecord(body, doing))),
      look: async () =>
        (await this.list(changeSysId)).find(one => !known.has(one.sysId) && isSame(one, upload))
    })
    // The instance may rename a file; what counts is that its bytes are the same.
    if (!isSameContent(stored, upload)) throw differs(stored, upload, doing)
    return stored
  }
}

interface Content {
  readonly sha256: string
  readonly body: { readonly size: number }
}

/** The same content under the same name; where the instance tells no hash, the size must do. */
export function isSame(stored: Attachment, upload: Content & { readonly name: string }): boolean {
  return stored.name === upload.name && isSameContent(stored, upload)
}

function isSameContent(stored: Attachment, upload: Content): boolean {
  const sameHash = stored.sha256 === '' || stored.sha256 === upload.sha256.toLowerCase()
  return sameHash && stored.size === upload.body.size
}

function differs(stored: Attachment, upload: Upload, doing: string): ServiceNowError {
  const sent = `${upload.name}, ${upload.body.size} bytes, ${upload.sha256}`
  const kept = `${stored.name}, ${stored.size} bytes, ${stored.sha256 || 'no hash'}, sys_id ${stored.sysId}`
  return new ServiceNowError('attachment', { doing, answer: `sent ${sent}; stored ${kept}` })
}

function toAttachment(fields: Fields): Attachment {
  return {
    sysId: fieldOf(fields, 'sys_id').value,
    name: fieldOf(fields, 'file_name').value,
    size: Number(fieldOf(fields, 'size_bytes').value),
    sha256: fieldOf(fields, 'hash').value.toLowerCase()
  }
}
