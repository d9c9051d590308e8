import { gzipSync } from 'node:zlib'
import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules } from '../engine/records.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import type { Upload } from './checks.ts'

/** Larger files are not compressed: it would take too long, only to report the compressed size. */
const MAX_COMPRESSED_BYTES = 1_048_576

/** Bytes after gzip; `size` for a large file. */
function compressedSize({ store }: Engine, sysId: string, size: number): number {
  return size > MAX_COMPRESSED_BYTES ? size : gzipSync(store.files.read(sysId), { level: 1 }).length
}

/** Stores an upload. A second upload with the same file name is a second attachment. */
export function storeAttachment(engine: Engine, actor: Actor, upload: Upload): Row {
  const { size, sha256 } = upload.content
  const sysId = engine.store.newSysId('sys_attachment')
  upload.content.keep(sysId)
  const values = {
    sys_id: sysId,
    file_name: upload.fileName.slice(0, engine.settings.attachmentNameMaxLength),
    content_type: upload.contentType,
    size_bytes: String(size),
    size_compressed: String(compressedSize(engine, sysId, size)),
    compressed: 'true',
    table_name: upload.table,
    table_sys_id: upload.tableSysId,
    state: 'available',
    chunk_size_bytes: '700000',
    hash: sha256
  }
  return insertWithoutRules(engine, 'sys_attachment', values, actor)
}

/** An attachment in the format of the Attachment API: every value is a string. */
export function attachmentRecord({ request }: Context, row: Row): Row {
  return {
    ...row,
    created_by_name: row.sys_created_by ?? '',
    updated_by_name: row.sys_updated_by ?? '',
    download_link: `${request.origin}/api/now/attachment/${row.sys_id}/file`
  }
}
