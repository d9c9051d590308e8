import {
  combineResults,
  isCorrelationId,
  jobNames,
  type Outcome,
  type StateName
} from '@change-actions/change-control'
import {
  type Derived,
  field,
  kebab,
  listOf,
  notThis,
  oneOf,
  Refusal,
  type Rules,
  type Sources,
  text,
  type Values,
  yamlMap
} from '@change-actions/github-actions'
import {
  briefInput,
  changeNameInputs,
  changeNameProblems,
  claimInputs,
  connectionInputs,
  connectionProblems,
  fieldsProblems,
  foreignInputs,
  githubTokenInput,
  lifeCycleInputs,
  lifecycleNotesInput,
  mapOf,
  ownershipInputs,
  ownershipProblems,
  policyInputs,
  statedCommitInputs,
  statedCommitProblems
} from '@change-actions/github-actions/input-sets'

/** The target that closes or cancels by the job's result. */
export const BY_JOB_STATUS = 'by-job-status'

export type Target = StateName | typeof BY_JOB_STATUS

/** As given: what it means is known with the life cycle of the instance, see `targetOf`. */
type GivenTarget = Target | (string & {})

export const inputs = {
  ...connectionInputs,
  ...lifeCycleInputs,
  ...changeNameInputs,
  ...policyInputs,
  ...statedCommitInputs,
  ...foreignInputs,
  ...lifecycleNotesInput,
  ...briefInput,
  ...claimInputs,
  ...ownershipInputs,
  correlationId: text(),
  ifNotFound: oneOf(['error', 'ignore'], { default: 'error' }),
  state: field<GivenTarget | undefined>({}, given => given),
  workNotes: text(),
  comments: text(),
  closeCode: text(),
  closeCodeSuccess: text({ defaultText: 'successful' }),
  closeCodeFailure: text({ defaultText: 'unsuccessful' }),
  closeNotes: text({ defaultText: 'repository, commit, run URL and result' }),
  onHold: oneOf(['true', 'false']),
  onHoldReason: text(),
  fields: yamlMap(),
  changeTasks: oneOf(['leave', 'close', 'fail'], { default: 'leave' }),
  jobStatus: text(),
  gateOutcome: field<GateOutcome | undefined>({}, toOutcome),
  maySkip: listOf(item => item, { rule: 'names of jobs' }),
  ownJobStatus: text({ context: '${{ job.status }}' }),
  ...githubTokenInput
} as const

/** How the gate of the deployment ended. */
type GateOutcome = Outcome | 'not-required' | 'conflict' | 'conflict-unknown' | 'rollback-refused'

const OUTCOMES: Readonly<Record<GateOutcome, true>> = {
  approved: true,
  'foreign-change': true,
  unbound: true,
  canceled: true,
  rejected: true,
  closed: true,
  unauthorized: true,
  'window-closed': true,
  withdrawn: true,
  'not-requested': true,
  'stale-approval': true,
  'in-use': true,
  'no-approver': true,
  edited: true,
  'window-not-open': true,
  'unexpected-state': true,
  timeout: true,
  interrupted: true,
  error: true,
  'dry-run': true,
  'not-required': true,
  conflict: true,
  'conflict-unknown': true,
  'rollback-refused': true
}

/** GitHub's own `steps.<id>.outcome` has other words, by which a deployment that began would be taken for none. */
function toOutcome(given: string | undefined): GateOutcome | undefined {
  if (given === undefined) return undefined
  const word = given.toLowerCase()
  if (Object.hasOwn(OUTCOMES, word)) return word as GateOutcome
  throw new Refusal(
    `must be the output outcome of wait-approval, \`\${{ steps.<id>.outputs.outcome }}\`${notThis(given, {})}`
  )
}

export type UpdateInputs = Values<typeof inputs>

/** The target that is meant; undefined where none is given, or none is known by what is given. */
export function targetOf(values: Pick<Partial<UpdateInputs>, 'state' | 'states'>): Target | undefined {
  const { state } = values
  if (state?.toLowerCase() === BY_JOB_STATUS) return BY_JOB_STATUS
  return state === undefined ? undefined : mapOf(values).parse(state)
}

function targetProblems({ state, ...values }: Partial<UpdateInputs>): string[] {
  // Where `states` is wrong, it might have told.
  if (state === undefined || values.states === undefined) return []
  if (targetOf({ state, ...values }) !== undefined) return []
  return [
    `\`state\` must be a state (new, assess, authorize, scheduled, implement, review, closed, canceled, its number, or one that \`states\` maps) or \`${BY_JOB_STATUS}\`${notThis(state, {})}`
  ]
}

/** What inputs without a fixed default come to when they are not given. */
export const derived: Derived<typeof inputs> = ({ state }) =>
  state === BY_JOB_STATUS ? { closeCodeSuccess: 'successful', closeCodeFailure: 'unsuccessful' } : {}

const OWN_FIELDS = ['work_notes', 'comments', 'close_code', 'close_notes', 'on_hold_reason']

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...targetProblems(values),
  ...connectionProblems(values, given),
  ...changeNameProblems(values, given),
  ...statedCommitProblems(values),
  ...fieldsProblems(values.fields, OWN_FIELDS),
  ...workProblems(values, given.sources),
  ...holdProblems(values),
  ...identityProblems(values),
  ...closingProblems({ ...values, state: targetOf(values) }),
  ...statusProblems({ ...values, state: targetOf(values) }),
  ...byResultProblems({ ...values, state: targetOf(values) }, given.sources),
  ...ownershipProblems(values)
]

const WORK = ['state', 'workNotes', 'comments', 'closeCode', 'closeNotes', 'onHold', 'onHoldReason'] as const

/** A value that is wrong by itself is not among the values, and was given all the same. */
function workProblems(values: Partial<UpdateInputs>, sources: Sources<typeof inputs>): string[] {
  const isGiven = WORK.some(key => sources[key].kind !== 'built-in')
  const isFieldGiven = sources.fields.kind !== 'built-in' && !isEmpty(values.fields)
  return isGiven || isFieldGiven
    ? []
    : ['There is nothing to do: give `state`, `work-notes`, `comments`, `close-code`, `on-hold` or `fields`']
}

function isEmpty(fields: UpdateInputs['fields']): boolean {
  return fields !== undefined && Object.keys(fields).length === 0
}

function holdProblems({ onHold, onHoldReason }: Partial<UpdateInputs>): string[] {
  if (onHold === 'true' && onHoldReason === undefined) return ['`on-hold: true` needs `on-hold-reason`']
  if (onHoldReason !== undefined && onHold !== 'true') return ['`on-hold-reason` goes with `on-hold: true`']
  return []
}

function identityProblems({ correlationId }: Partial<UpdateInputs>): string[] {
  return correlationId === undefined || isCorrelationId(correlationId)
    ? []
    : ['`correlation-id` must have 1 to 100 characters of A-Z a-z 0-9 . _ : / -']
}

function closingProblems({ state, closeCode, closeNotes }: Partial<UpdateInputs>): string[] {
  if (state === 'closed' && closeCode === undefined)
    return [
      '`state: closed` needs `close-code` (successful, successful_issues or unsuccessful), or use `state: by-job-status`'
    ]
  if (state === BY_JOB_STATUS && closeCode !== undefined)
    return [
      '`close-code` is decided by `state: by-job-status`; leave it out, or give `close-code-success` and `close-code-failure`'
    ]
  if (closeNotes !== undefined && state === 'canceled')
    return ['`close-notes` goes with closing; use `work-notes` to say why a change is canceled']
  return []
}

/**
 * The close codes by result, and what else only matters to it. A policy has them for every step of an environment: they
 * are no mistake in one that closes nothing.
 */
function byResultProblems(values: Partial<UpdateInputs>, sources: Sources<typeof inputs>): string[] {
  const { state, jobStatus, gateOutcome } = values
  const own = (['closeCodeSuccess', 'closeCodeFailure', 'maySkip'] as const).filter(
    key => sources[key].kind !== 'policy' && sources[key].kind !== 'built-in' && values[key] !== undefined
  )
  const given = [
    ...own.map(key => `\`${kebab(key)}\``),
    ...(gateOutcome === undefined ? [] : ['`gate-outcome`'])
  ]
  const maySkip = own.includes('maySkip') ? (values.maySkip ?? []) : []
  if (given.length > 0 && state !== undefined && state !== BY_JOB_STATUS)
    return given.map(name => `${name} goes with \`state: by-job-status\``)
  if (maySkip.length === 0) return []
  const jobs = jobStatus === undefined ? undefined : jobNames(jobStatus)
  if (jobs === undefined)
    return ['`may-skip` needs the results of several jobs: give `job-status: ${{ toJSON(needs) }}`']
  return maySkip
    .filter(name => !jobs.includes(name))
    .map(
      name => `\`may-skip\` names ${name}, which is not among the jobs of \`job-status\`: ${jobs.join(', ')}`
    )
}

function statusProblems({ jobStatus, state }: Partial<UpdateInputs>): string[] {
  if (jobStatus === undefined) return []
  if (state !== undefined && state !== BY_JOB_STATUS) return ['`job-status` goes with `state: by-job-status`']
  if (combineResults(jobStatus) !== undefined) return []
  return [
    '`job-status` must be success, failure, cancelled or skipped, or the JSON of `${{ toJSON(needs) }}`'
  ]
}
