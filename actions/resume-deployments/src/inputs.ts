import {
  boolean,
  duration,
  integer,
  oneOf,
  type Rules,
  text,
  type Values
} from '@change-actions/github-actions'
import {
  approverProblems,
  connectionInputs,
  connectionProblems,
  LATCHES,
  lifeCycleInputs,
  ownershipInputs,
  ownershipProblems,
  repositoriesInputs,
  repositoriesProblems,
  statesInput,
  waitInputs
} from '@change-actions/github-actions/input-sets'

const { requireApproval, requireApprover, selfApproval, changeWindow } = waitInputs

export const inputs = {
  ...connectionInputs,
  latch: oneOf(LATCHES),
  githubToken: text({ context: '${{ github.token }}', secret: true }),
  // Tells whether the token above is the job's own.
  ownToken: text({ context: '${{ github.token }}', secret: true }),
  ...repositoriesInputs,
  job: text(),
  workflow: text(),
  fromWorkflow: text(),
  interval: duration({ default: '15m' }),
  reject: boolean({ default: true }),
  maxDecisions: integer({ default: 200, min: 1, max: 1_000 }),
  proceedStates: statesInput('scheduled, implement'),
  requireApproval,
  requireApprover,
  selfApproval,
  changeWindow,
  minimumWindow: duration({ default: '0' }),
  ...ownershipInputs,
  ...lifeCycleInputs
} as const

export type ResumeInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...ownershipProblems(values),
  ...repositoriesProblems(values),
  ...approverProblems(values),
  ...latchProblems(values),
  ...ownTokenProblems(values, given.env.GITHUB_REPOSITORY ?? '')
]

function latchProblems({ latch, job, workflow, fromWorkflow }: Partial<ResumeInputs>): string[] {
  if (latch === undefined)
    return [`\`latch\` is required: one of ${LATCHES.map(name => `\`${name}\``).join(', ')}`]
  const needed = [
    ...(latch === 'rerun' && job === undefined
      ? ['`latch: rerun` needs `job`: the name of the job that checks the change']
      : []),
    ...(latch === 'dispatch' && workflow === undefined
      ? ['`latch: dispatch` needs `workflow`: the file of the workflow that deploys, such as `deploy.yml`']
      : [])
  ]
  const unused = [
    ...(latch !== 'rerun' && job !== undefined ? ['`job` is for `latch: rerun` alone'] : []),
    ...(latch !== 'dispatch' && workflow !== undefined ? ['`workflow` is for `latch: dispatch` alone'] : []),
    ...(latch === 'protection-rule' && fromWorkflow !== undefined
      ? ['`from-workflow` is for `latch: rerun` and `latch: dispatch` alone']
      : [])
  ]
  return [...needed, ...unused]
}

const APP_TOKEN =
  'give `github-token` the token of a GitHub App, for example from actions/create-github-app-token: `github-token: ${{ steps.app.outputs.token }}`'

/** The job's own token owns no protection rule, and reaches its own repository alone. */
function ownTokenProblems(values: Partial<ResumeInputs>, own: string): string[] {
  const { githubToken, ownToken, latch, repositories = [] } = values
  if (githubToken === undefined || githubToken !== ownToken) return []
  if (latch === 'protection-rule')
    return [
      `\`latch: protection-rule\` cannot work with the job's own token, which owns no rule: ${APP_TOKEN}`
    ]
  const others = repositories.filter(one => one !== 'this' && one.toLowerCase() !== own.toLowerCase())
  return others.length === 0
    ? []
    : [
        `\`repositories\` names ${others.join(', ')}, and the job's own token reaches its own repository alone: ${APP_TOKEN}`
      ]
}
