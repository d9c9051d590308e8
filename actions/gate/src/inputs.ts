import { parseState, type StateName } from '@change-actions/change-control'
import { boolean, duration, type Env, listOf, oneOf, text, type Values } from '@change-actions/github-actions'
import { createInputs, createRules, waitInputs } from '@change-actions/github-actions/input-sets'
import { ENDINGS } from './ending.ts'

const { failWhenNotApproved: _, ...waiting } = waitInputs

export const inputs = {
  ...waiting,
  ...createInputs,
  shortDescription: text({
    defaultText: 'the title of the policy file, Deploy "{repository}" version {version} to "{environment}"'
  }),
  description: text({ defaultText: 'repository, commit, ref, actor, run URL, version and environment' }),
  correlationId: text({
    defaultText:
      'derived from repository, workflow, job, matrix leg, environment, CI, template and the identity'
  }),
  proceedStates: listOf(parseState, {
    default: 'scheduled, implement',
    rule: 'states such as `scheduled` or `-2`'
  }),
  environment: text(),
  policyFile: text({ defaultText: '.github/servicenow-change.yml' }),
  version: text({ defaultText: 'the tag, else the short commit id' }),
  identity: oneOf(['version', 'run', 'commit'], { default: 'version' }),
  minimumWindow: duration({ default: '0' }),
  checkConflicts: oneOf(['ignore', 'warn', 'fail'], { default: 'ignore' }),
  evaluateRisk: boolean({ default: false }),
  allowForeignChange: boolean({ default: false }),
  onSuccess: oneOf(ENDINGS, { defaultText: '`close`, for a supplied change `none`' }),
  onFailure: oneOf(ENDINGS, { defaultText: '`review`, for a supplied change `none`' }),
  onCancel: oneOf(ENDINGS, { defaultText: '`review`, for a supplied change `none`' }),
  lifecycleNotes: boolean({ default: true }),
  changeTasks: oneOf(['leave', 'close', 'fail'], { default: 'close' }),
  takeOver: boolean({ default: false }),
  failOnPostError: boolean({ default: false }),
  githubToken: text({ hidden: true, secret: true }),
  jobStatus: text({ hidden: true }),
  /** The title format of the policy file; not declared in action.yml. */
  ownTitle: text({ hidden: true })
} as const

export type GateInputs = Values<typeof inputs>

/** Implement is entered from Scheduled alone; a change that is over is no permission. */
const GATE_STATES: readonly StateName[] = ['scheduled', 'implement', 'review']
const WHY = 'the gate takes an approved change from Scheduled to Implement'

export function rules(values: Partial<GateInputs>, env: Env): string[] {
  // The title comes from the policy, so a short description is never missing.
  const named = { ...values, shortDescription: values.shortDescription ?? 'from the title' }
  const unfit = (values.proceedStates ?? []).filter(state => !GATE_STATES.includes(state))
  const needsApi =
    (values.evaluateRisk || (values.checkConflicts ?? 'ignore') !== 'ignore') && values.api === 'table'
  return [
    ...createRules(named, env),
    ...(unfit.length === 0
      ? []
      : [`\`proceed-states\` can hold ${GATE_STATES.join(', ')}, not ${unfit.join(', ')}: ${WHY}`]),
    ...(needsApi ? ['`evaluate-risk` and `check-conflicts` need `api: change-management`'] : [])
  ]
}
