import { storeAttachment } from '../../attachment-api/store.ts'
import { type Operation, textOf } from './run-context.ts'

/** Stores a text as a file of a record. Null when there is no such record. @throws Error for a file that is too large */
const attach: Operation = ({ engine, actor }, args) => {
  const [table, id] = [textOf(args, 'table'), textOf(args, 'id')]
  if (!engine.store.get(table, id)) return null
  const content = engine.store.files.receiveBuffer(Buffer.from(textOf(args, 'content')))
  const { attachmentMaxBytes } = engine.settings
  if (content.size > attachmentMaxBytes) {
    throw new Error(`The file has ${content.size} bytes; ${attachmentMaxBytes} are allowed.`)
  }
  const upload = {
    table,
    tableSysId: id,
    fileName: textOf(args, 'name'),
    contentType: textOf(args, 'type'),
    content
  }
  return storeAttachment(engine, actor, upload).sys_id
}

const attached: Operation = ({ engine }, args) => {
  const id = textOf(args, 'id')
  return engine.store.get('sys_attachment', id) ? engine.store.files.read(id).toString('utf8') : ''
}

export const ATTACHMENT_OPERATIONS: Readonly<Record<string, Operation>> = { attach, attached }
