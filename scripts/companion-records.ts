/** The records of the companion application, as the SDK emits them: `servicenow/xml`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sax from 'sax'

export interface AppRecord {
  readonly table: string
  /** Texts of the elements by name; '' for an empty one. */
  readonly fields: Readonly<Record<string, string>>
  /** Attributes of the elements by name: a reference also names its record. */
  readonly attributes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** The record of one file. */
function recordOf(xml: string): AppRecord {
  const parser = sax.parser(true, {})
  const path: string[] = []
  const fields: Record<string, string> = {}
  const attributes: Record<string, Record<string, string>> = {}
  let table = ''
  parser.onopentag = ({ name, attributes: found }) => {
    path.push(name)
    if (path.length === 2) table = name
    if (path.length !== 3) return
    fields[name] = ''
    attributes[name] = found as Record<string, string>
  }
  const add = (text: string) => {
    const name = path[2]
    if (path.length === 3 && name !== undefined) fields[name] += text
  }
  parser.ontext = add
  parser.oncdata = add
  parser.onclosetag = () => void path.pop()
  parser.onerror = error => {
    throw error
  }
  parser.write(xml).close()
  return { table, fields, attributes }
}

/** All records below a folder, ordered by table and name. */
export function readRecords(folder: string): AppRecord[] {
  const files = ['scope', 'update'].flatMap(part =>
    readdirSync(join(folder, part)).map(name => join(folder, part, name))
  )
  const label = ({ table, fields }: AppRecord) => `${table} ${fields.name} ${fields.element} ${fields.sys_id}`
  return files
    .map(file => recordOf(readFileSync(file, 'utf8')))
    .sort((one, other) => (label(one) < label(other) ? -1 : 1))
}
