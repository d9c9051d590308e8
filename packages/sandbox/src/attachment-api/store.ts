import { gzipSync } from 'node:zlib'
import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { plantRecord } from '../engine/records.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import type { Upload } from './checks.ts'

/** Beyond this size the bytes are not compressed a second time just to tell their compressed size. */
const COMPRESSED_UP_TO = 1_048_576

function compressedSize({ store }: Engine, sysId: string, size: number): number {
  return size > COMPRESSED_UP_TO ? size : gzipSync(store.files.read(sysId), { level: 1 }).length
}

/** Stores the bytes as they came. The same name twice makes two attachments. */
export function storeAttachment(engine: Engine, actor: Actor, upload: Upload): Row {
  const { size, sha256 } = upload.content
  const sysId = engine.store.newSysId('sys_attachment')
  upload.content.keep(sysId)
  const values = {
    sys_id: sysId,
    file_name: upload.fileName,
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
  return plantRecord(engine, 'sys_attachment', values, actor)
}

/** An attachment as this API shows it: strings only, whatever it counts. */
export function shownAttachment({ request }: Context, row: Row): Row {
  return {
    ...row,
    created_by_name: row.sys_created_by ?? '',
    updated_by_name: row.sys_updated_by ?? '',
    download_link: `${request.origin}/api/now/attachment/${row.sys_id}/file`
  }
}
