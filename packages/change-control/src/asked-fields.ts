/** Which fields an instance asks for when it refuses a move, from its own words. */

/** A field that a move needs and the change does not have. */
export interface AskedField {
  /** As the instance names it. Untrusted text. */
  readonly label: string
  /** ServiceNow's name; undefined for a label that is not known. */
  readonly field: string | undefined
}

/** Labels of a stock instance. A longer label stands before one that is part of it. */
const LABELS: readonly (readonly [label: string, field: string])[] = [
  ['Risk and impact analysis', 'risk_impact_analysis'],
  ['Implementation plan', 'implementation_plan'],
  ['Configuration item', 'cmdb_ci'],
  ['Planned start date', 'start_date'],
  ['Short description', 'short_description'],
  ['Assignment group', 'assignment_group'],
  ['Planned end date', 'end_date'],
  ['Planned start', 'start_date'],
  ['Justification', 'justification'],
  ['Requested by', 'requested_by'],
  ['Backout plan', 'backout_plan'],
  ['Planned end', 'end_date'],
  ['Assigned to', 'assigned_to'],
  ['Description', 'description'],
  ['Test plan', 'test_plan'],
  ['Category', 'category'],
  ['Priority', 'priority'],
  ['Urgency', 'urgency'],
  ['Impact', 'impact'],
  ['Risk', 'risk']
]

/** What an instance says about a move that it refuses. */
export interface RefusedMoveText {
  /** Names of the conditions of the change model that are not met. */
  readonly unmet: readonly string[]
  /** The text of the refusal; '' where there is none. */
  readonly message: string
}

/**
 * The empty fields that a refused move asks for: those that a data policy lists, and those that a condition of the
 * change model or a rule's own text names. Empty when the refusal has another reason, or is in another language.
 *
 * @param isEmpty whether the change has nothing in a field, by ServiceNow's name
 */
export function askedFields(
  { unmet, message }: RefusedMoveText,
  isEmpty: (field: string) => boolean
): AskedField[] {
  const conditions = [...unmet, ...quotedConditions(message)]
  const found = [
    ...listedAsMandatory(message),
    ...conditions.flatMap(text => namedIn(text, isEmpty)),
    ...(asksFor(message) ? namedIn(withoutRuleNames(message), isEmpty).filter(isDistinct) : [])
  ]
  const first = (one: AskedField, n: number) =>
    found.findIndex(other => (other.field ?? other.label) === (one.field ?? one.label)) === n
  return found.filter(first)
}

/** `The following fields are mandatory: Close code, Close notes`: all of them, whatever the change shows. */
function listedAsMandatory(message: string): AskedField[] {
  const [, list = ''] = /fields? (?:is|are) (?:mandatory|not filled(?: in)?):([^\n]+)/i.exec(message) ?? []
  return list
    .split(',')
    .map(label => label.trim().replace(/\.$/, ''))
    .filter(label => label !== '')
    .map(label => ({ label, field: fieldLabelled(label) }))
}

function fieldLabelled(label: string): string | undefined {
  return LABELS.find(([one]) => one.toLowerCase() === label.toLowerCase())?.[1]
}

/** As the client puts them: `conditions not met: "Assignment group is not empty", "Risk is set"`. */
function quotedConditions(message: string): string[] {
  const [, ...lists] = message.split(/conditions not met: /i)
  const list = lists.join(' ')
  return [...list.matchAll(/"([^"]*)"/g)].map(([, name = '']) => name)
}

function namedIn(text: string, isEmpty: (field: string) => boolean): AskedField[] {
  const found: AskedField[] = []
  let rest = text
  for (const [label, field] of LABELS) {
    const pattern = new RegExp(`\\b${label}\\b`, 'i')
    if (!pattern.test(rest)) continue
    rest = rest.replace(pattern, ' ')
    if (isEmpty(field)) found.push({ label, field })
  }
  return found
}

/** In a sentence a word such as "risk" need not mean the field. */
function isDistinct({ label }: AskedField): boolean {
  return label.includes(' ')
}

function asksFor(message: string): boolean {
  return /\b(mandatory|required|empty|missing|fill|enter|provide|specify|must be set)\b/i.test(message)
}

/** A rule may be named after a field that it does not ask for. */
function withoutRuleNames(message: string): string {
  return message.replace(/business rule '[^']*'|business rule stack:\S.*$/gis, ' ')
}
