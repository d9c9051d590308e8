import { boolean, duration, type Env, listOf, oneOf, text, type Values } from '@change-actions/action-kit'
import { parseState } from '@change-actions/change-control'
import { inputs as createInputs, rules as createRules } from '../../create-change/src/inputs.ts'
import { inputs as waitInputs } from '../../wait-approval/src/inputs.ts'

const { failWhenNotApproved: _, ...waiting } = waitInputs

/** What becomes of the change after the deployment. */
const ENDINGS = ['close', 'review', 'none'] as const

export const inputs = {
  ...waiting,
  ...createInputs,
  shortDescription: text({
    defaultText: 'the title of the policy file, Deploy "{repository}" version {version} to "{environment}"'
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

/** Where the policy file is looked for when none is named. */
export const DEFAULT_POLICY_FILE = '.github/servicenow-change.yml'

export const CREDENTIALS = [
  'client-id',
  'client-secret',
  'username',
  'password',
  'token',
  'api-key',
  'client-key',
  'client-key-passphrase'
]

/** Inputs that make no sense in a policy file. */
export const NOT_IN_POLICY = [
  ...CREDENTIALS,
  'environment',
  'policy-file',
  'version',
  'change-number',
  'change-sys-id',
  'correlation-id',
  'job-status',
  'github-token',
  'own-matrix-index',
  'own-title',
  'dry-run'
]

export function rules(values: Partial<GateInputs>, env: Env): string[] {
  // The title comes from the policy, so a short description is never missing.
  const named = { ...values, shortDescription: values.shortDescription ?? 'from the title' }
  const over = (values.proceedStates ?? []).filter(state => state === 'closed' || state === 'canceled')
  const needsApi =
    (values.evaluateRisk || (values.checkConflicts ?? 'ignore') !== 'ignore') && values.api === 'table'
  return [
    ...createRules(named, env),
    ...(over.length === 0
      ? []
      : [
          `\`proceed-states\` cannot hold ${over.join(', ')}: nothing may be deployed under a change that is over`
        ]),
    ...(needsApi ? ['`evaluate-risk` and `check-conflicts` need `api: change-management`'] : []),
    ...(values.requestApproval === false &&
    values.changeNumber === undefined &&
    values.changeSysId === undefined &&
    values.timeout === 0
      ? ['`request-approval: false` with `timeout: 0` can never open: nobody is asked']
      : [])
  ]
}
