import { type Fields, fieldOf } from '../changes/fields.ts'

/** A column and what it is called in a message. */
export type Telling = readonly (readonly [column: string, label: string])[]

/** More would leave a message no room for the fix. */
const MAX_CANDIDATES = 50
const MAX_VALUE = 60

/** For records that are the same in everything else. */
const CREATED = ['sys_created_on', 'created'] as const

/** Columns that a read needs besides those of the name, to tell its records apart. */
export function tellingColumns(telling: Telling): string[] {
  return [...telling, CREATED].map(([column]) => column)
}

/**
 * Records of one name, each with its sys_id and what it does not have in common with all others:
 * `3f2a…: class Server, location Berlin`. Untrusted text.
 */
export function toldApart(rows: readonly Fields[], telling: Telling): string[] {
  const differing = telling.filter(([column]) => new Set(rows.map(row => shown(row, column))).size > 1)
  const columns = differing.length > 0 ? differing : [CREATED]
  return rows.slice(0, MAX_CANDIDATES).map(row => {
    const details = columns.flatMap(([column, label]) => {
      const value = shown(row, column)
      return value === '' ? [] : [`${label} ${value}`]
    })
    const sysId = fieldOf(row, 'sys_id').value
    return details.length === 0 ? sysId : `${sysId}: ${details.join(', ')}`
  })
}

function shown(row: Fields, column: string): string {
  const { display, value } = fieldOf(row, column)
  const text = (display || value).replace(/\s+/g, ' ').trim()
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text
}
