import { isCorrelationId } from '@change-actions/change-control'
import { type ApiName, CAPABILITIES, isSafeInQuery } from '@change-actions/servicenow-client'
import { fieldsProblems } from '../change/fields.ts'
import { kebab } from '../inputs/field.ts'
import { resolveDate } from '../inputs/time.ts'
import { changeNameFormProblems, isChangeNumber, isSysId } from './change-name.ts'
import { CHOICE_FIELDS, type CreateInputs, REFERENCE_FIELDS, TEXT_FIELDS } from './create.ts'

/** What the rules look at: of the connection inputs, which of the two APIs is used. */
type CreateValues = Partial<CreateInputs> & { readonly api?: ApiName }

/** Fields that have an input of their own, by their ServiceNow name. */
const OWN_FIELDS = [
  ...Object.values(TEXT_FIELDS),
  ...Object.values(REFERENCE_FIELDS),
  ...Object.values(CHOICE_FIELDS),
  'start_date',
  'end_date',
  'parent',
  'work_notes'
]

/** What is wrong across the inputs that describe a change, each being right by itself. */
export function createProblems(values: CreateValues): string[] {
  return [
    ...changeNameFormProblems(values),
    ...kindProblems(values),
    ...fieldsProblems(values.fields, OWN_FIELDS),
    ...dateProblems(values),
    ...identityProblems(values),
    ...lookUpProblems(values)
  ]
}

/** Whether an existing change is named: nothing is created then. */
export function isSupplied({ changeNumber, changeSysId }: Partial<CreateInputs>): boolean {
  return changeNumber !== undefined || changeSysId !== undefined
}

/** The type of a change that is made without one being given; undefined where a model or an existing change decides. */
export function derivedKind(values: Partial<CreateInputs>): Pick<Partial<CreateInputs>, 'type'> {
  if (isSupplied(values)) return {}
  if (values.standardChangeTemplate !== undefined) return { type: 'standard' }
  return values.changeModel === undefined ? { type: 'normal' } : {}
}

function kindProblems(values: CreateValues): string[] {
  const { type, standardChangeTemplate: template, changeModel: model, api } = values
  const can = api === undefined ? undefined : CAPABILITIES[api]
  const problems: string[] = []
  if (template !== undefined && type !== undefined && type !== 'standard')
    problems.push(`\`standard-change-template\` makes a standard change, and \`type\` is ${type}`)
  if (template !== undefined && model !== undefined)
    problems.push('`standard-change-template` and `change-model` exclude each other')
  if (!isSupplied(values) && type === 'standard' && template === undefined && can?.standardNeedsTemplate) {
    problems.push(
      '`type: standard` needs `standard-change-template`: the Change Management API makes standard changes from templates alone'
    )
  }
  if (model !== undefined && can?.changeModels === false)
    problems.push('`change-model` needs `api: change-management`')
  return problems
}

function dateProblems({ startDate, endDate }: CreateValues): string[] {
  if (startDate === undefined || endDate === undefined) return []
  // Relative dates share one "now", whichever it is.
  return resolveDate(endDate, 0) <= resolveDate(startDate, 0) && startDate.kind === endDate.kind
    ? ['`end-date` must be later than `start-date`']
    : []
}

function identityProblems({ correlationId, parentChange, rollbackOf, ...values }: CreateValues): string[] {
  const problems: string[] = []
  if (correlationId !== undefined && !isCorrelationId(correlationId))
    problems.push('`correlation-id` must have 1 to 100 characters of A-Z a-z 0-9 . _ : / -')
  const isName = (value: string) => isChangeNumber(value) || isSysId(value)
  if (parentChange !== undefined && !isName(parentChange))
    problems.push('`parent-change` must be a number such as CHG0030001 or a sys_id')
  if (rollbackOf === undefined) return problems
  if (!isName(rollbackOf)) problems.push('`rollback-of` must be a number such as CHG0030001 or a sys_id')
  if (parentChange !== undefined && parentChange !== rollbackOf)
    problems.push('`rollback-of` sets the parent: leave `parent-change` out')
  if (isSupplied(values))
    problems.push(
      '`rollback-of` is for a change that is made, and `change-number` or `change-sys-id` names one: leave one of them out'
    )
  return problems
}

/** Inputs whose value is looked up by name. */
const LOOKED_UP = [
  'assignmentGroup',
  'assignedTo',
  'requestedBy',
  'cmdbCi',
  'standardChangeTemplate',
  'changeModel'
] as const

/** A name becomes part of a query, where some characters would act; a sys_id has none of them. */
function lookUpProblems(values: CreateValues): string[] {
  return LOOKED_UP.flatMap(key => {
    const name = values[key]
    if (name === undefined || isSafeInQuery(name)) return []
    return [
      `\`${kebab(key)}\` cannot be looked up as \`${name}\`: ^, line breaks and javascript: are not safe in a query; give its sys_id`
    ]
  })
}
