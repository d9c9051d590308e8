import { listedStates, type StateName } from '@change-actions/change-control'
import type { AfterJob, NotApproved } from '@change-actions/change-operations'
import {
  boolean,
  type Derived,
  duration,
  listOf,
  oneOf,
  type Rules,
  text,
  type Values
} from '@change-actions/github-actions'
import {
  approverProblems,
  artifactInputs,
  claimInputs,
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  createInputs,
  createProblems,
  derivedIdentityProblems,
  derivedKind,
  foreignInputs,
  githubTokenInput,
  isSupplied,
  lifeCycleInputs,
  lifecycleNotesInput,
  listProblems,
  mapOf,
  ownershipInputs,
  ownershipProblems,
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
  ...lifeCycleInputs,
  ...policyInputs,
  ...commitInputs,
  ...artifactInputs,
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
  ...foreignInputs,
  onSuccess: oneOf(AFTER_JOB, { defaultText: '`close`, for a supplied change `none`' }),
  onFailure: oneOf(AFTER_JOB, { defaultText: '`review`, for a supplied change `none`' }),
  onCancel: oneOf(AFTER_JOB, { defaultText: '`review`, for a supplied change `none`' }),
  onRejected: oneOf(NOT_APPROVED, { default: 'leave' }),
  onTimeout: oneOf(NOT_APPROVED, { default: 'leave' }),
  closeCodeSuccess: text({ defaultText: 'successful' }),
  closeCodeFailure: text({ defaultText: 'unsuccessful' }),
  maySkip: listOf(item => item, { rule: 'names of jobs' }),
  ...lifecycleNotesInput,
  changeTasks: oneOf(['leave', 'close', 'fail'], { default: 'close' }),
  ...claimInputs,
  ...ownershipInputs,
  failOnPostError: boolean({ default: false }),
  ...githubTokenInput,
  jobStatus: text({ context: '${{ job.status }}' })
} as const

export type GateInputs = Values<typeof inputs>

/** Implement is entered from Scheduled alone; a change that is over is no permission. */
const GATE_STATES: readonly StateName[] = ['scheduled', 'implement', 'review']
const WHY = 'the gate takes an approved change from Scheduled to Implement'

/** What inputs without a fixed default come to when they are not given. */
export const derived: Derived<typeof inputs> = values => ({
  ...derivedKind(values),
  onSuccess: isSupplied(values) ? 'none' : 'close',
  onFailure: isSupplied(values) ? 'none' : 'review',
  onCancel: isSupplied(values) ? 'none' : 'review',
  closeCodeSuccess: 'successful',
  closeCodeFailure: 'unsuccessful'
})

/** What is wrong across the inputs. A short description is never missing: the title of the policy is the default. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...commitProblems(values, given),
  ...createProblems(values),
  ...derivedIdentityProblems(values, given.env, identityFacts(values)),
  ...ownershipProblems(values),
  ...stateProblems(values),
  ...approverProblems(values),
  ...apiProblems(values)
]

/** Where the part of the identity that `identity` chooses comes from. */
function identityFacts({ identity, version, commit }: Partial<GateInputs>): string[] {
  if (identity === 'run') return ['GITHUB_RUN_ID']
  const given = identity === 'commit' ? commit : (version ?? commit)
  return given === undefined ? ['GITHUB_SHA'] : []
}

function stateProblems(values: Partial<GateInputs>): string[] {
  // Where `states` is wrong, it might have told.
  if (values.states === undefined) return []
  const listed = listedStates(mapOf(values), values.proceedStates ?? [])
  const unfit = listed.filter(state => !(GATE_STATES as readonly string[]).includes(state))
  const problem = `\`proceed-states\` can hold ${GATE_STATES.join(', ')}, not ${unfit.join(', ')}: ${WHY}; a state of the instance's own counts as what \`states\` maps it to`
  return [...listProblems(values), ...(unfit.length === 0 ? [] : [problem])]
}

function apiProblems({ evaluateRisk, checkConflicts = 'ignore', api }: Partial<GateInputs>): string[] {
  if (api === undefined) return []
  const { evaluatesRisk, detectsConflicts } = CAPABILITIES[api]
  const missing = (evaluateRisk && !evaluatesRisk) || (checkConflicts !== 'ignore' && !detectsConflicts)
  return missing ? ['`evaluate-risk` and `check-conflicts` need `api: change-management`'] : []
}
