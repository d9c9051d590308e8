import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Actor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { plantRecord } from '../engine/records.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import type { Upload } from './checks.ts'

/** Stores the bytes as they came. The same name twice makes two attachments. */
export function storeAttachment(engine: Engine, actor: Actor, upload: Upload): Row {
  const sysId = engine.store.newSysId('sys_attachment')
  engine.store.putBlob(sysId, upload.bytes)
  const values = {
    sys_id: sysId,
    file_name: upload.fileName,
    content_type: upload.contentType,
    size_bytes: String(upload.bytes.length),
    size_compressed: String(gzipSync(upload.bytes, { level: 1 }).length),
    compressed: 'true',
    table_name: upload.table,
    table_sys_id: upload.tableSysId,
    state: 'available',
    chunk_size_bytes: '700000',
    hash: createHash('sha256').update(upload.bytes).digest('hex')
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
