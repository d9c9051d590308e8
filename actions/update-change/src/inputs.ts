import { combineResults, isCorrelationId, parseState, type StateName } from '@change-actions/change-control'
import {
  type Env,
  field,
  oneOf,
  Refusal,
  readInput,
  text,
  type Values,
  yamlMap
} from '@change-actions/github-actions'
import {
  changeNameInputs,
  commitInput,
  commitProblems,
  connectionInputs,
  connectionProblems,
  fieldsProblems,
  nameProblems
} from '@change-actions/github-actions/input-sets'

export const BY_JOB_STATUS = 'by-job-status'

export type Target = StateName | typeof BY_JOB_STATUS

export const inputs = {
  ...connectionInputs,
  ...changeNameInputs,
  ...commitInput,
  correlationId: text(),
  ifNotFound: oneOf(['error', 'ignore'], { default: 'error' }),
  state: field<Target | undefined>({}, toTarget),
  workNotes: text(),
  comments: text(),
  closeCode: text(),
  closeNotes: text({ defaultText: 'repository, commit, run URL and result' }),
  onHold: oneOf(['true', 'false']),
  onHoldReason: text(),
  fields: yamlMap(),
  changeTasks: oneOf(['leave', 'close', 'fail'], { default: 'leave' }),
  jobStatus: text(),
  ownJobStatus: text({ hidden: true })
} as const

export type UpdateInputs = Values<typeof inputs>

function toTarget(given: string | undefined): Target | undefined {
  if (given === undefined) return undefined
  const word = given.toLowerCase()
  if (word === BY_JOB_STATUS) return BY_JOB_STATUS
  const state = parseState(given)
  if (state !== undefined) return state
  throw new Refusal(
    `must be a state (new, assess, authorize, scheduled, implement, review, closed, canceled, or its number) or \`${BY_JOB_STATUS}\`, not \`${given.slice(0, 80)}\``
  )
}

const OWN_FIELDS = ['work_notes', 'comments', 'close_code', 'close_notes', 'on_hold_reason']

export function rules(values: Partial<UpdateInputs>, env: Env): string[] {
  return [
    ...connectionProblems(values, env),
    ...nameProblems(values, env),
    ...commitProblems(values),
    ...fieldsProblems(values.fields, OWN_FIELDS),
    ...workProblems(values, env),
    ...closingProblems(values),
    ...statusProblems(values)
  ]
}

const WORK = ['state', 'workNotes', 'comments', 'closeCode', 'closeNotes', 'onHold', 'onHoldReason'] as const

/** Work whose value can be wrong by itself. */
const CHECKED = { state: 'state', onHold: 'on-hold', fields: 'fields' } as const

function workProblems(values: Partial<UpdateInputs>, env: Env): string[] {
  // A value that was refused is not among them, and was given all the same.
  const refused = Object.entries(CHECKED).some(
    ([key, name]) => values[key as keyof typeof CHECKED] === undefined && readInput(env, name) !== undefined
  )
  const fields = Object.keys(values.fields ?? {}).length
  const nothing = !refused && WORK.every(key => values[key] === undefined) && fields === 0
  const problems = nothing
    ? ['There is nothing to do: give `state`, `work-notes`, `comments`, `close-code`, `on-hold` or `fields`']
    : []
  if (values.onHold === 'true' && values.onHoldReason === undefined)
    problems.push('`on-hold: true` needs `on-hold-reason`')
  if (values.onHoldReason !== undefined && values.onHold !== 'true')
    problems.push('`on-hold-reason` goes with `on-hold: true`')
  if (values.correlationId !== undefined && !isCorrelationId(values.correlationId)) {
    problems.push('`correlation-id` must have 1 to 100 characters of A-Z a-z 0-9 . _ : / -')
  }
  return problems
}

function closingProblems({ state, closeCode, closeNotes }: Partial<UpdateInputs>): string[] {
  if (state === 'closed' && closeCode === undefined)
    return [
      '`state: closed` needs `close-code` (successful, successful_issues or unsuccessful), or use `state: by-job-status`'
    ]
  if (state === BY_JOB_STATUS && closeCode !== undefined)
    return ['`close-code` is decided by `state: by-job-status`; leave it out']
  if (closeNotes !== undefined && state === 'canceled')
    return ['`close-notes` goes with closing; use `work-notes` to say why a change is canceled']
  return []
}

function statusProblems({ jobStatus, state }: Partial<UpdateInputs>): string[] {
  if (jobStatus === undefined) return []
  if (state !== undefined && state !== BY_JOB_STATUS) return ['`job-status` goes with `state: by-job-status`']
  if (combineResults(jobStatus) !== undefined) return []
  return [
    '`job-status` must be success, failure, cancelled or skipped, or the JSON of `${{ toJSON(needs) }}`'
  ]
}
