import { canonical, type Fields, fieldOf } from '../changes/fields.ts'
import { accepted } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { clientProblem, isClientProblem } from '../problems/codes.ts'
import { Query } from '../query/query.ts'
import { nearest } from './nearest.ts'
import { readWholeTable } from './table.ts'

/** Every language of every choice is a row. */
const PAGE = 1_000

export interface Choice {
  readonly value: string
  readonly label: string
}

/**
 * The raw value of a choice given by value, label, or as people write it (`3`, `low`, `1 - Critical`).
 * Numbers need no look-up; `1 - Critical` is resolved by its number.
 *
 * Where the choice list may not be read, the text is sent as it is; the caller checks the written record.
 *
 * @param choicesOf reads the choice list of a field, see `readChoices`
 * @throws Problem `lookup-none` listing the labels
 */
export async function resolveChoice(
  choicesOf: (field: string) => Promise<readonly Choice[]>,
  field: string,
  text: string
): Promise<{ value: string; verified: boolean }> {
  const number = /^(-?\d+)(?:\s*[-–]\s*\S.*)?$/.exec(text.trim())?.[1]
  if (number !== undefined) return { value: number, verified: true }
  const choices = await choicesOf(field)
  if (choices.length === 0) return { value: text, verified: false }
  const wanted = fold(text)
  const match =
    choices.find(choice => choice.value === text) ??
    choices.find(choice => fold(choice.value) === wanted) ??
    choices.find(choice => fold(choice.label) === wanted)
  if (match !== undefined) return { value: match.value, verified: true }
  const labels = choices.map(choice => choice.label)
  throw clientProblem('lookup-none', {
    operation: `looking up the choice "${text}" of ${field}`,
    kind: 'choice',
    name: text,
    candidates: nearest(text, labels, 12)
  })
}

/** Labels often carry their number: "3 - Moderate" is also called "Moderate". */
function fold(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^-?\d+\s*[-–]\s*/, '')
}

/**
 * The choice lists of fields, by field and read together; empty where the account may not read them, or they are too
 * long.
 */
export async function readChoices(
  pipeline: Pipeline,
  fields: readonly string[]
): Promise<ReadonlyMap<string, readonly Choice[]>> {
  const tables = new Query().in('name', ['change_request', 'task'])
  const [first = ''] = fields
  const named = fields.length === 1 ? tables.is('element', first) : tables.in('element', fields)
  const query = named.is('inactive', 'false')
  const operation = `reading the choices of ${fields.join(', ')}`
  try {
    const columns = ['sys_id', 'name', 'element', 'value', 'label', 'inactive', 'language']
    const { rows, cut } = await readWholeTable(pipeline, {
      table: 'sys_choice',
      query,
      operation,
      limit: PAGE,
      fields: columns
    })
    // In a list that was cut the choice may be missing. It is as if the list could not be read.
    if (cut) return new Map()
    const records = accepted(query, rows, operation)
    return new Map(fields.map(field => [field, choicesOf(records, field)]))
  } catch (error) {
    if (isClientProblem(error, 'role', 'forbidden', 'not-found', 'api-missing')) return new Map()
    throw error
  }
}

/** The table's own choices replace those it inherits. */
function choicesOf(records: readonly Fields[], field: string): Choice[] {
  const all = records.filter(row => fieldOf(row, 'element').value === field)
  const own = all.filter(row => fieldOf(row, 'name').value === 'change_request')
  return (own.length > 0 ? own : all).map(row => ({
    value: canonical(fieldOf(row, 'value').value),
    label: fieldOf(row, 'label').value
  }))
}
