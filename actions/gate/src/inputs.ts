import type { StateName } from '@change-actions/change-control'
import type { AfterJob, NotApproved } from '@change-actions/change-operations'
import {
  boolean,
  duration,
  listOf,
  oneOf,
  type Rules,
  text,
  type Values
} from '@change-actions/github-actions'
import {
  approverProblems,
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  createInputs,
  createProblems,
  policyInputs,
  statesInput,
  waitInputs
} from '@change-actions/github-actions/input-sets'
import { CAPABILITIES } from '@change-actions/servicenow-client'

/** A gate that is not open fails. */
const { failWhenNotApproved: _, ...waiting } = waitInputs

/** What becomes of the change after the job. */
const AFTER_JOB = ['close', 'review', 'none'] as const satisfies readonly AfterJob[]

/** What becomes of a change that was not approved. */
const NOT_APPROVED = ['leave', 'cancel'] as const satisfies readonly NotApproved[]

export const inputs = {
  ...connectionInputs,
  ...policyInputs,
  ...commitInputs,
  ...createInputs,
  ...waiting,
  shortDescription: text({
    defaultText: 'the title of the policy file, Deploy "{repository}" version {version} to "{environment}"'
  }),
  description: text({ defaultText: 'repository, commit, ref, actor, run URL, version and environment' }),
  correlationId: text({
    defaultText:
      'derived from repository, workflow, job, matrix leg, environment, CI, template and the identity'
  }),
  proceedStates: statesInput('scheduled, implement'),
  version: text({ defaultText: 'the tag, else the short commit id' }),
  identity: oneOf(['version', 'run', 'commit'], { default: 'version' }),
  minimumWindow: duration({ default: '0' }),
  checkConflicts: oneOf(['ignore', 'warn', 'fail'], { default: 'ignore' }),
  evaluateRisk: boolean({ default: false }),
  allowForeignChange: boolean({ default: false }),
  onSuccess: oneOf(AFTER_JOB, { defaultText: '`close`, for a supplied change `none`' }),
  onFailure: oneOf(AFTER_JOB, { defaultText: '`review`, for a supplied change `none`' }),
  onCancel: oneOf(AFTER_JOB, { defaultText: '`review`, for a supplied change `none`' }),
  onRejected: oneOf(NOT_APPROVED, { default: 'leave' }),
  onTimeout: oneOf(NOT_APPROVED, { default: 'leave' }),
  closeCodeSuccess: text({ defaultText: 'successful' }),
  closeCodeFailure: text({ defaultText: 'unsuccessful' }),
  maySkip: listOf(item => item, { rule: 'names of jobs' }),
  lifecycleNotes: boolean({ default: true }),
  changeTasks: oneOf(['leave', 'close', 'fail'], { default: 'close' }),
  takeOver: boolean({ default: false }),
  failOnPostError: boolean({ default: false }),
  githubToken: text({ context: '${{ github.token }}', secret: true }),
  jobStatus: text({ context: '${{ job.status }}' })
} as const

export type GateInputs = Values<typeof inputs>

/** Implement is entered from Scheduled alone; a change that is over is no permission. */
const GATE_STATES: readonly StateName[] = ['scheduled', 'implement', 'review']
const WHY = 'the gate takes an approved change from Scheduled to Implement'

/** What is wrong across the inputs. A short description is never missing: the title of the policy is the default. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...commitProblems(values),
  ...createProblems(values),
  ...stateProblems(values),
  ...approverProblems(values),
  ...apiProblems(values)
]

function stateProblems({ proceedStates = [] }: Partial<GateInputs>): string[] {
  const unfit = proceedStates.filter(state => !GATE_STATES.includes(state))
  return unfit.length === 0
    ? []
    : [`\`proceed-states\` can hold ${GATE_STATES.join(', ')}, not ${unfit.join(', ')}: ${WHY}`]
}

function apiProblems({ evaluateRisk, checkConflicts = 'ignore', api }: Partial<GateInputs>): string[] {
  if (api === undefined) return []
  const { evaluatesRisk, detectsConflicts } = CAPABILITIES[api]
  const missing = (evaluateRisk && !evaluatesRisk) || (checkConflicts !== 'ignore' && !detectsConflicts)
  return missing ? ['`evaluate-risk` and `check-conflicts` need `api: change-management`'] : []
}
