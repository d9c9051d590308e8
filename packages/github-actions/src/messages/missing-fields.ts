/** Fields that a first move asks for, in words. */
import { stateLabel } from '@change-actions/change-control'
import type { ChangeProblems } from '@change-actions/change-operations'
import { CHOICE_FIELDS, REFERENCE_FIELDS, TEXT_FIELDS } from '../input-sets/create.ts'
import { oneLine } from '../text.ts'
import { stopped } from './explanation.ts'

type MissingFacts = ChangeProblems['missing-fields']

/** Fields that have an input of their own. */
const WITH_INPUT: readonly string[] = [
  ...Object.values(TEXT_FIELDS),
  ...Object.values(REFERENCE_FIELDS),
  ...Object.values(CHOICE_FIELDS),
  'start_date',
  'end_date'
]

/** `"Assignment group" and "Risk"`. Untrusted text. */
export function labelsOf({ fields }: MissingFacts): string {
  return listed(fields.map(one => `"${one.label}"`))
}

/** What the instance asks for, and what became of the change. */
export function missingText(facts: MissingFacts, number: string): string {
  const { next, refusal } = facts
  const why =
    refusal === undefined
      ? `Approval cannot be requested without ${labelsOf(facts)}: the instance asks for it before a change goes to ${stateLabel(next)}.`
      : `The instance does not move a change without an assignment group to ${stateLabel(next)}, and names no other reason: ${stopped(oneLine(refusal, 500))}`
  return `${why} ${fateText(facts, number)}`
}

/** What became of the change, as a sentence. */
function fateText({ change }: MissingFacts, number: string): string {
  if (change === 'none') return 'Nothing was created.'
  return change === 'canceled'
    ? `The draft ${number}, made by this step, was canceled.`
    : `${number} is left in New${change === 'left' ? '; it could not be canceled' : ''}.`
}

/** The assignment group is all that is missing. */
export function isGroupAlone({ fields }: MissingFacts): boolean {
  return fields.length === 1 && fields[0]?.field === 'assignment_group'
}

/** The inputs to give, to follow "give". */
export function inputsFor({ fields }: MissingFacts): string {
  const names = fields.map(({ label, field }) => {
    if (field !== undefined && WITH_INPUT.includes(field)) return `\`${field.replaceAll('_', '-')}\``
    return `${field ?? `the field labelled "${label}"`} under \`fields\``
  })
  return listed(names)
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
