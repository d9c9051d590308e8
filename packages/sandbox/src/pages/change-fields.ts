import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayReadField } from '../engine/acl.ts'
import { displayValue } from '../engine/display.ts'
import type { Engine } from '../engine/engine.ts'
import type { Row } from '../engine/store.ts'
import { type Html, html } from './html.ts'
import { type Visit, viewerOf } from './visit.ts'

const MAIN = [
  'number',
  'short_description',
  'description',
  'type',
  'chg_model',
  'std_change_producer_version',
  'state',
  'approval',
  'on_hold',
  'on_hold_reason',
  'parent',
  'category',
  'risk',
  'impact',
  'priority',
  'cmdb_ci',
  'business_service',
  'assignment_group',
  'assigned_to',
  'requested_by',
  'opened_by',
  'conflict_status'
]
const PLANNING = ['justification', 'implementation_plan', 'risk_impact_analysis', 'backout_plan', 'test_plan']
const SCHEDULE = [
  'start_date',
  'end_date',
  'cab_date',
  'cab_date_time',
  'work_start',
  'work_end',
  'closed_at'
]
const CLOSURE = ['close_code', 'close_notes', 'closed_by', 'review_comments']
const CORRELATION = ['correlation_id', 'correlation_display']

const GROUPS: readonly (readonly [heading: string, fields: readonly string[]])[] = [
  ['Change', MAIN],
  ['Planning', PLANNING],
  ['Schedule', SCHEDULE],
  ['Closure', CLOSURE],
  ['Correlation', CORRELATION]
]

const GROUPED = new Set(GROUPS.flatMap(([, fields]) => fields))

/** A field of a change. */
export function changeField(name: string): Field | undefined {
  return definitionOf('change_request').fields.get(name)
}

/** The display value of a field of a change, in the viewer's time zone; empty when the account may not read it. */
export function fieldText(visit: Visit, change: Row, name: string): string {
  const field = changeField(name)
  const { engine } = visit.site
  return field && mayShow(engine, visit, field) ? displayValue(engine, viewerOf(visit), field, change) : ''
}

function mayShow(engine: Engine, visit: Visit, field: Field): boolean {
  return mayReadField(engine, viewerOf(visit), 'change_request', field)
}

/** The value of a field, as a link where it names another change. */
function fieldValue(visit: Visit, change: Row, name: string): Html {
  const text = fieldText(visit, change, name)
  const target = change[name] ?? ''
  const isChange = changeField(name)?.type === 'reference' && target !== change.sys_id
  return isChange && visit.site.engine.store.get('change_request', target)
    ? html`<a href="${`/change_request.do?sys_id=${target}`}">${text}</a>`
    : html`${text}`
}

function list(visit: Visit, change: Row, names: readonly string[]): Html | undefined {
  const set = names.filter(name => (change[name] ?? '') !== '' && fieldText(visit, change, name) !== '')
  if (set.length === 0) return undefined
  const items = set.map(
    name =>
      html`<dt>${changeField(name)?.label ?? name}</dt><dd class="text">${fieldValue(visit, change, name)}</dd>`
  )
  return html`<dl>${items}</dl>`
}

/** Every field of a change that is set, grouped as on a form. Journals are in the activity stream. */
export function fieldsSection(visit: Visit, change: Row): Html {
  const groups = GROUPS.flatMap(([heading, names]) => {
    const fields = list(visit, change, names)
    return fields ? [html`<h2>${heading}</h2>${fields}`] : []
  })
  const other = [...definitionOf('change_request').fields.values()]
    .filter(field => !GROUPED.has(field.name) && field.type !== 'journal' && field.type !== 'variables')
    .map(field => field.name)
  const rest = list(visit, change, other)
  const more = rest ? html`<details id="more-fields"><summary>More fields</summary>${rest}</details>` : html``
  return html`<section id="fields" data-live aria-label="Fields">${groups}${more}</section>`
}
