/**
 * An import set: one row at `/api/now/import/<staging table>`. ServiceNow's documentation: REST APIs, Import Set API.
 *
 * The status of the response is 201 whatever became of the row: each row of `{ import_set, staging_table, result: [{
 * transform_map, table, status, … }] }` has a status of its own.
 */
import { asciiJson } from '@change-actions/change-control'
import { type Door, type DoorPlace, recordOf, textIn } from './door.ts'
import { membersOf } from './message.ts'
import { doorProblem } from './problems.ts'

const WRITTEN = ['inserted', 'updated']

export function importSet(place: DoorPlace): Door {
  return {
    ...place,
    name: 'import-set',
    idempotent: false,
    request: message => ({
      path: place.endpoint,
      // Texts alone: what else JSON has is stored as the script engine would write it.
      body: asciiJson(
        Object.fromEntries(
          Object.entries(membersOf(message)).map(([name, value]) => [
            `u_${name}`,
            typeof value === 'object' ? asciiJson(value) : String(value)
          ])
        )
      )
    }),
    receipt({ body }, { name }) {
      const { result } = recordOf(body)
      const rows = (Array.isArray(result) ? result : []).map(recordOf)
      const failed = rows.find(row => /error|fail/i.test(textIn(row, 'status')))
      if (failed !== undefined) {
        const { endpoint } = place
        const message =
          textIn(failed, 'error_message') || textIn(failed, 'status_message') || 'no reason given'
        throw doorProblem('door-refused', { door: 'import-set', endpoint, kind: 'event', name, message })
      }
      const others = rows.map(row => textIn(row, 'status')).filter(status => !WRITTEN.includes(status))
      return { duplicate: undefined, remark: remarkOn(rows.length, others) }
    }
  }
}

function remarkOn(rows: number, others: readonly string[]): string | undefined {
  if (rows === 0) return 'the row was staged, and the response names no transformation'
  if (others.length === 0) return undefined
  return `the row was staged, and its transformation ended as ${others.map(one => one || 'nothing').join(', ')}`
}
