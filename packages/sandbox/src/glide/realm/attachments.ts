import type { Host, Records, Scope } from './types.ts'

/** Defines `GlideSysAttachment`, for text. */
export function installAttachments(scope: Scope, host: Host, records: Records): void {
  class GlideSysAttachment {
    /** The sys_id of the new attachment; null when the record does not exist. */
    write(record: unknown, name: unknown, type: unknown, content: unknown): unknown {
      if (!records.isRecord(record)) return null
      return host('attach', {
        table: record.getTableName(),
        id: record.getUniqueValue(),
        name: String(name),
        type: String(type),
        content: String(content)
      })
    }
    /** @param attachment a record of `sys_attachment` */
    getContent(attachment: unknown): unknown {
      return records.isRecord(attachment) ? host('attached', { id: attachment.getUniqueValue() }) : ''
    }
    deleteAttachment(id: unknown): void {
      host('delete', { table: 'sys_attachment', id: String(id) })
    }
  }
  scope.GlideSysAttachment = GlideSysAttachment
}
