import type { Values } from '../inputs/field.ts'
import { boolean, oneOf, text } from '../inputs/scalars.ts'
import { dateTime } from '../inputs/time.ts'
import { yamlList, yamlMap } from '../inputs/yaml.ts'
import { briefInput } from './lifecycle-notes.ts'

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

/** The inputs that describe a change, and say how it is found or made. */
export const createInputs = {
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
  rollbackOf: text(),
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
  ...briefInput,
  resubmit: boolean({ default: false }),
  ownMatrixIndex: text({ context: '${{ strategy.job-index }}' }),
  ownWorkflowRef: text({ context: '${{ job.workflow_ref }}' })
} as const

export type CreateInputs = Values<typeof createInputs>
