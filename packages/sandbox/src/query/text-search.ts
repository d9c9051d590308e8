import { definitionOf } from '../dictionary/tables.ts'
import type { Row } from '../engine/store.ts'

/** The texts of a record: numbers, names and descriptions, without sys_ids, choices and system fields. */
function textsOf(table: string, row: Row): string {
  const texts = [...definitionOf(table).fields.values()].filter(
    field => field.type === 'string' && !field.choicesOf && !field.name.startsWith('sys_')
  )
  return texts
    .map(field => row[field.name] ?? '')
    .join(' ')
    .toLowerCase()
}

/**
 * The test of a text search (`123TEXTQUERY321=…`).
 * @param search which search: `IR_OR_QUERY` needs one of the words, the others all
 */
export function textSearch(table: string, search: string, words: string): (row: Row) => boolean {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return row => {
    const content = textsOf(table, row)
    const isFound = (word: string) => content.includes(word)
    return search === 'IR_OR_QUERY' ? wanted.some(isFound) : wanted.every(isFound)
  }
}
