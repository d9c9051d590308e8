/**
 * Event Management: one record at `/api/global/em/jsonv2`. Role `evt_mgmt_integration`. ServiceNow's documentation:
 * Event Management, "Pushing events to the instance using web service API".
 *
 * It responds with a count, `{ result: { "Default Bulk Endpoint": "1 events were inserted" } }`.
 */
import { asciiJson, wordOrQuoted } from '@change-actions/change-control'
import type { Problem } from '@change-actions/servicenow-client'
import { type Door, type DoorPlace, resultOf } from './door.ts'
import { type Message, membersOf } from './message.ts'
import { doorProblem } from './problems.ts'

export const EVENT_MANAGEMENT_ENDPOINT = '/api/global/em/jsonv2'

/** Clear: the alert of the deployment is over. */
const CLEAR = '0'
const MINOR = '3'
const WARNING = '4'
const OK = '5'

const SEVERITIES: Readonly<Record<string, string>> = { succeeded: CLEAR, failed: MINOR, cancelled: WARNING }

export function eventManagement(place: DoorPlace): Door {
  return {
    ...place,
    name: 'event-management',
    idempotent: false,
    request: message => ({ path: place.endpoint, body: asciiJson({ records: [recordOf(message)] }) }),
    receipt(response, { name }) {
      const texts = Object.values(resultOf(response)).map(String)
      const counts = texts.flatMap(text => /^\s*(\d{1,9})\b/.exec(text)?.[1] ?? [])
      if (counts.some(count => Number(count) > 0)) return { duplicate: undefined }
      const said = texts.join('; ') || 'nothing'
      if (counts.length > 0) throw refused(place, name, said)
      return {
        duplicate: undefined,
        remark: `the response does not say how many events were stored, but ${said}`
      }
    }
  }
}

function refused({ endpoint }: DoorPlace, name: string, message: string): Problem {
  return doorProblem('door-refused', { door: 'event-management', endpoint, kind: 'event', name, message })
}

/** All events of one deployment have one key: a later one updates the alert that an earlier one raised. */
function recordOf(message: Message): Readonly<Record<string, string>> {
  const { name, deployment, at } = message
  const { repository, environment, run, runUrl } = deployment
  const where = environment === '' ? repository : `${repository} to ${wordOrQuoted(environment)}`
  return {
    source: 'GitHub Actions',
    event_class: repository,
    node: '',
    resource: environment || repository,
    metric_name: name,
    type: 'deployment',
    message_key: [repository, environment, run].join(' '),
    severity: severityOf(name),
    description: `${name}: ${where}, run ${run}${runUrl === '' ? '' : `, ${runUrl}`}`,
    additional_info: asciiJson(membersOf(message)),
    time_of_event: new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  }
}

function severityOf(event: string): string {
  return SEVERITIES[event.split('.').at(-1) ?? ''] ?? OK
}
