import { isCorrelationId } from '@change-actions/change-control'
import { isSafeInQuery } from '@change-actions/servicenow-client'
import { formatProblems, isNumber } from '../change/change-name.ts'
import { fieldsProblems } from '../change/fields.ts'
import { connectionInputs, connectionProblems } from '../connection/connection-inputs.ts'
import type { Values } from '../inputs/field.ts'
import { boolean, oneOf, text } from '../inputs/scalars.ts'
import { dateTime, resolveDate } from '../inputs/time.ts'
import { yamlList, yamlMap } from '../inputs/yaml.ts'
import type { Env } from '../step/runtime.ts'
import { commitInput, commitProblems } from './commit.ts'

/** Inputs that are plain text fields of the change, by their ServiceNow name. */
export const TEXT_FIELDS = {
  shortDescription: 'short_description',
  description: 'description',
  justification: 'justification',
  implementationPlan: 'implementation_plan',
  backoutPlan: 'backout_plan',
  testPlan: 'test_plan'
} as const

/** Inputs that are references: a name or a sys_id. */
export const REFERENCE_FIELDS = {
  assignmentGroup: 'assignment_group',
  assignedTo: 'assigned_to',
  requestedBy: 'requested_by',
  cmdbCi: 'cmdb_ci'
} as const

/** Inputs that are choices: a label or a value. */
export const CHOICE_FIELDS = {
  priority: 'priority',
  impact: 'impact',
  urgency: 'urgency',
  risk: 'risk',
  category: 'category'
} as const

export const inputs = {
  ...connectionInputs,
  ...commitInput,
  shortDescription: text(),
  description: text({ defaultText: 'repository, commit, ref, actor and run URL' }),
  type: oneOf(['normal', 'standard', 'emergency'], {
    defaultText: '`normal`, or `standard` when a template is given'
  }),
  assignmentGroup: text(),
  assignedTo: text(),
  requestedBy: text(),
  cmdbCi: text(),
  priority: text(),
  impact: text(),
  urgency: text(),
  risk: text(),
  category: text(),
  justification: text(),
  implementationPlan: text(),
  backoutPlan: text(),
  testPlan: text(),
  startDate: dateTime(),
  endDate: dateTime(),
  parentChange: text(),
  workNotes: text(),
  standardChangeTemplate: text(),
  changeModel: text(),
  fields: yamlMap(),
  attachments: yamlList(),
  changeNumber: text(),
  changeSysId: text(),
  correlationId: text({
    defaultText: 'derived from repository, workflow, run, job, matrix leg, step, type, CI and parent'
  }),
  correlationScope: text(),
  reuse: boolean({ default: true }),
  matchTitle: boolean({ default: false }),
  requestApproval: boolean({ default: true }),
  resubmit: boolean({ default: false }),
  ownMatrixIndex: text({ hidden: true })
} as const

export type CreateInputs = Values<typeof inputs>

const OWN_FIELDS = [
  ...Object.values(TEXT_FIELDS),
  ...Object.values(REFERENCE_FIELDS),
  ...Object.values(CHOICE_FIELDS),
  'start_date',
  'end_date',
  'parent',
  'work_notes'
]

/** Rules across inputs; each sees only the values that were right by themselves. */
export function rules(values: Partial<CreateInputs>, env: Env): string[] {
  return [
    ...connectionProblems(values, env),
    ...commitProblems(values),
    ...formatProblems(values),
    ...kindProblems(values),
    ...fieldsProblems(values.fields, OWN_FIELDS),
    ...dateProblems(values),
    ...identityProblems(values),
    ...lookUpProblems(values)
  ]
}

/** Inputs whose value is looked up by name. */
const LOOKED_UP = {
  assignmentGroup: 'assignment-group',
  assignedTo: 'assigned-to',
  requestedBy: 'requested-by',
  cmdbCi: 'cmdb-ci',
  standardChangeTemplate: 'standard-change-template',
  changeModel: 'change-model'
} as const

/** A name becomes part of a query, where some characters would act; a sys_id has none of them. */
function lookUpProblems(values: Partial<CreateInputs>): string[] {
  return (Object.keys(LOOKED_UP) as (keyof typeof LOOKED_UP)[]).flatMap(key => {
    const name = values[key]
    if (name === undefined || isSafeInQuery(name)) return []
    return [
      `\`${LOOKED_UP[key]}\` cannot be looked up as \`${name}\`: ^, line breaks and javascript: are not safe in a query; give its sys_id`
    ]
  })
}

function kindProblems(values: Partial<CreateInputs>): string[] {
  const { type, standardChangeTemplate: template, changeModel: model, api } = values
  const supplied = isSupplied(values)
  const problems: string[] = []
  if (!supplied && values.shortDescription === undefined)
    problems.push(
      '`short-description` is required, unless `change-number` or `change-sys-id` supplies a change'
    )
  if (template !== undefined && type !== undefined && type !== 'standard')
    problems.push(`\`standard-change-template\` makes a standard change, and \`type\` is ${type}`)
  if (template !== undefined && model !== undefined)
    problems.push('`standard-change-template` and `change-model` exclude each other')
  if (!supplied && type === 'standard' && template === undefined && api === 'change-management') {
    problems.push(
      '`type: standard` needs `standard-change-template`: the Change Management API makes standard changes from templates alone'
    )
  }
  if (model !== undefined && api === 'table') problems.push('`change-model` needs `api: change-management`')
  return problems
}

function isSupplied(values: Partial<CreateInputs>): boolean {
  return values.changeNumber !== undefined || values.changeSysId !== undefined
}

function dateProblems({ startDate, endDate }: Partial<CreateInputs>): string[] {
  if (startDate === undefined || endDate === undefined) return []
  // Relative dates share one "now", whichever it is.
  return resolveDate(endDate, 0) <= resolveDate(startDate, 0) && startDate.kind === endDate.kind
    ? ['`end-date` must be later than `start-date`']
    : []
}

function identityProblems({ correlationId, parentChange }: Partial<CreateInputs>): string[] {
  const problems: string[] = []
  if (correlationId !== undefined && !isCorrelationId(correlationId)) {
    problems.push('`correlation-id` must have 1 to 100 characters of A-Z a-z 0-9 . _ : / -')
  }
  if (parentChange !== undefined && !isNumber(parentChange) && !/^[0-9a-f]{32}$/i.test(parentChange)) {
    problems.push('`parent-change` must be a number such as CHG0030001 or a sys_id')
  }
  return problems
}
