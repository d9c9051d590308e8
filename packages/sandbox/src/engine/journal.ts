import type { Field } from '../dictionary/field.ts'
import { TABLES } from '../dictionary/tables.ts'
import { type Actor, findActor } from './actor.ts'
import { inZone, utc } from './dates.ts'
import type { Engine } from './engine.ts'
import type { Row } from './store.ts'

/** Appends an entry unless the text is empty. The same text is appended again; one that is too long is cut. */
export function appendJournal(
  engine: Engine,
  actor: Actor,
  entry: { table: string; sysId: string; element: string; text: string }
): void {
  if (entry.text === '') return
  const { store, settings } = engine
  const now = utc(settings.now())
  store.put('sys_journal_field', {
    sys_id: store.newSysId('sys_journal_field'),
    name: entry.table,
    element: entry.element,
    element_id: entry.sysId,
    value: entry.text.slice(0, settings.journalMaxLength),
    sys_created_on: now,
    sys_created_by: actor.userName,
    sys_updated_on: now,
    sys_updated_by: actor.userName,
    sys_mod_count: '0'
  })
}

/** The entries of one journal field, oldest first. */
export function journalEntries(engine: Engine, sysId: string, element: string): Row[] {
  return engine.store
    .rows('sys_journal_field')
    .filter(row => row.element_id === sysId && row.element === element)
}

/** The journals that a field shows. */
function journalsOf(field: Field): readonly string[] {
  return field.name === 'comments_and_work_notes' ? ['work_notes', 'comments'] : [field.name]
}

function labelOf(entry: Row): string {
  const { name = '', element = '' } = entry
  return TABLES.get(name)?.fields.get(element)?.label ?? element
}

/** All entries as one text, newest first. Each has a header line with author, label, and time in the reader's zone. */
export function journalText(engine: Engine, reader: Actor, sysId: string, field: Field): string {
  const journals = journalsOf(field)
  const entries = engine.store
    .rows('sys_journal_field')
    .filter(row => row.element_id === sysId && journals.includes(row.element ?? ''))
    .reverse()
  const lines = entries.map(entry => {
    const author = findActor(engine.store, entry.sys_created_by ?? '')?.name ?? entry.sys_created_by
    const at = inZone(entry.sys_created_on ?? '', reader.timeZone)
    return `${at} - ${author} (${labelOf(entry)})\n${entry.value}\n\n`
  })
  return lines.join('')
}
