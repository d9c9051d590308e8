import { type PlannedWindow, stateLabel, unprovedWords } from '@change-actions/change-control'
import type { OperationEvent, PlannedWrite } from '@change-actions/change-operations'
import { conflictText, differenceText, pendingText } from './change-texts.ts'
import { clientTitle } from './client-titles.ts'
import { deliveredLine, flowStateText, plannedDelivery } from './delivery-texts.ts'
import { editedText, moment, reasonText } from './reasons.ts'

/** A line of the log. Texts in it may come from outside: the log makes them harmless. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'notice' | 'warning'
  readonly text: string
}

const debug = (text: string): LogLine => ({ level: 'debug', text })
const info = (text: string): LogLine => ({ level: 'info', text })
const notice = (text: string): LogLine => ({ level: 'notice', text })
const warning = (text: string): LogLine => ({ level: 'warning', text })

const NOBODY_ASKED =
  ' Request it (create-change with request-approval: true), or have the change submitted in ServiceNow.'

const ACTUAL_TIMES = { work_start: 'actual start', work_end: 'actual end' } as const

/** The system properties that decide. */
export const FILE_RULES = {
  type: 'the system properties glide.attachment.extensions and glide.security.file.mime_type.validation; another name with an allowed extension, given under `attachments`, may be accepted',
  name: 'the system property glide.attachment.enable_secure_filename_validation; a plain name with one extension, given under `attachments`, may be accepted',
  size: 'the system property com.glide.attachment.max_size'
} as const

type Lines = {
  readonly [T in OperationEvent['type']]: (
    event: Extract<OperationEvent, { readonly type: T }>,
    urlOf: (sysId: string) => string
  ) => LogLine
}

const LINES: Lines = {
  'change-created': (event, urlOf) => {
    const { number, type, stateLabel: state, sysId } = event.change
    return info(`Created ${number} (${type}) in ${state}. ${urlOf(sysId)}`)
  },
  'draft-resumed': event =>
    info(`Continuing with the draft ${event.change.number} that an earlier attempt left.`),
  'previous-linked': event =>
    info(
      `${event.previous.number} was the change of this deployment and is over; the new one is linked to it.`
    ),
  'rollback-unproved': ({ failed, unproved }) =>
    warning(
      `Rollback of ${failed.number}: not proved ${unprovedWords(unproved, failed.number).join('; ')}. Those who approve the change read it in the description.`
    ),
  'change-used': (event, urlOf) =>
    info(`Using ${event.change.number}, in ${event.change.stateLabel}. ${urlOf(event.change.sysId)}`),
  'change-reused': (event, urlOf) =>
    info(`Reusing ${event.change.number}, in ${event.change.stateLabel}. ${urlOf(event.change.sysId)}`),
  'waiting-for-own-job': event =>
    info(`${event.change.number} was made a moment ago; waiting for its own job to finish.`),
  'duplicate-canceled': event =>
    notice(
      `Canceled the duplicate ${event.duplicate.number}: ${event.kept.number} is the change of this deployment.`
    ),
  'own-draft-canceled': event =>
    notice(
      `Another job has ${event.kept.number} for this deployment already; ${event.draft.number} was canceled.`
    ),
  'plan-over': event =>
    warning(
      `The planned end, ${event.plannedEnd} UTC, has passed: a wait that respects the change window will not let the deployment begin.`
    ),
  'lengths-not-checked': ({ fields }) =>
    notice(
      `Not checked before the write: whether ${fields.join(', ')} can keep the whole text, because the account may not read sys_dictionary. What is stored is compared with what was sent.`
    ),
  'group-not-checked': ({ dryRun }) => {
    const text =
      'No assignment group is given, and whether this instance asks for one is only known when approval is requested. Most instances do: give `assignment-group`.'
    return dryRun ? warning(`Not checked: ${text}`) : info(text)
  },
  'left-in-new': event => {
    const { number, type } = event.change
    const kind = `${type || 'change of this type'} change${type === 'standard' ? ' without a template' : ''}`
    return warning(`${number} stays in New: a ${kind} is submitted by a person in ServiceNow.`)
  },
  'left-in-own-state': ({ change }) =>
    warning(
      `${change.number} is in "${change.stateLabel}", a state of this instance's own: its approval was not requested, because no move from there is known. Say with \`states\` what it counts as, or have it submitted in ServiceNow.`
    ),
  'title-not-searched': () =>
    notice(
      'No change was searched for by its title: the short description has ^, a line break, a blank at an end or javascript: in it, which is not safe in a query.'
    ),
  'field-left': event => {
    const { field, got, sent } = event.difference
    return warning(
      `${event.change.number} is in ${event.change.stateLabel} already and is left as it is: ${field} reads "${got ?? ''}", the input is "${sent}".`
    )
  },
  'field-not-applied': event => warning(`${event.change.number}: ${differenceText(event.difference)}.`),
  'fields-not-noted': ({ change }) =>
    warning(
      `${change.number}: the fields as they were submitted could not be noted: later edits of them will not be noticed. Give the service account write access to work_notes.`
    ),
  'several-open': event =>
    warning(
      `Several open changes have correlation id ${event.correlationId}: ${event.changes.map(one => one.number).join(', ')}. The oldest is used.`
    ),
  moved: event => info(`${event.change.number} is in ${event.change.stateLabel} now.`),
  'already-beyond': event =>
    warning(
      `${event.change.number} is in ${event.change.stateLabel} already, beyond ${stateLabel(event.target)}.`
    ),
  'task-closed': event => info(`Closed the task ${event.task.number} (${event.task.shortDescription}).`),
  'actual-time-not-written': event =>
    warning(
      `${event.change.number}: the ${ACTUAL_TIMES[event.field]} could not be written (${clientTitle(event.problem)}).`
    ),
  attached: event => {
    const { name, size, sha256 } = event.file
    return info(`Attached ${name} (${size} bytes, SHA-256 ${sha256}) to ${event.change.number}.`)
  },
  'already-attached': event => info(`${event.name} is already attached to ${event.change.number}.`),
  'not-attached': ({ refusal: { file, rule, message = '' } }) =>
    warning(`${file} is not attached: the instance refused it (${message}). See ${FILE_RULES[rule]}.`),
  'upload-progress': event => info(`${event.name}: ${event.percent} % sent.`),
  waiting: event => {
    const who = pendingText(event.pending)
    const what = `${event.change.number}: ${reasonText(event.reason)}.`
    const next = event.reason.code === 'never-requested' ? NOBODY_ASKED : who === '' ? '' : ` ${who}.`
    const text = `${what}${next}`
    return info(`${text}${soFar(event.waitedMs)}`)
  },
  'edited-after-submission': ({ change, fields }) => warning(`${change.number}: ${editedText(fields)}.`),
  'window-moved': ({ change, from, to }) =>
    notice(
      `${change.number}: the planned window was moved after the submission, from ${windowText(from)} to ${windowText(to)}.`
    ),
  'polls-whole-record': ({ change, why }) =>
    debug(
      `${change.number}: each poll reads the whole record, for the fields of a poll cannot be read by themselves through the Table API (${why}).`
    ),
  'poll-failed': event => {
    const { message } = event.problem.facts as { message?: string }
    const detail = message === undefined || message === '' ? '' : ` (${message})`
    return info(
      `${clientTitle(event.problem)}${detail}. A temporary error: still waiting.${soFar(event.waitedMs)}`
    )
  },
  'not-ours': ({ change, why, creator }) =>
    warning(
      `${change.number}, created by ${creator || 'somebody unknown'}, has the same identity as this deployment and is left alone: ${
        why === 'creator'
          ? 'neither our account nor one of trusted-accounts created it'
          : 'it is not bound to this repository and environment'
      }.`
    ),
  'foreign-allowed': ({ change }) =>
    warning(
      `${change.number} is bound to another repository or environment, and allow-foreign-change accepts it.`
    ),
  'unbound-used': ({ change }) =>
    warning(
      `${change.number}: our account created it, and its binding in correlation_display is gone. Nothing can be deployed under it.`
    ),
  'claims-not-read': ({ change }) =>
    warning(
      `${change.number}: the work notes cannot be read, so it is not known whether another run deploys under it. Give the service account read access to change_request.work_notes.`
    ),
  delivered: event => deliveredLine(event),
  'flow-state': ({ state, execution }) => info(flowStateText(state, execution)),
  'flow-poll-failed': event =>
    info(`${clientTitle(event.problem)}. A temporary error: still waiting.${soFar(event.waitedMs)}`),
  'not-bound': event =>
    warning(
      `${event.change.number} could not be bound to this commit (correlation_display reads "${event.change.correlationDisplay}"): another commit would not be noticed. Give the service account write access to correlation_display.`
    ),
  'conflicts-not-checked': event =>
    notice(
      `${event.change.number}: conflicts were not checked: that needs a configuration item and a planned start and end.`
    ),
  'conflicts-not-detected': event =>
    warning(`${event.change.number}: conflicts could not be detected (${clientTitle(event.problem)}).`),
  'conflicts-unfinished': event =>
    warning(`${event.change.number}: conflict detection did not finish within a minute.`),
  'conflicts-found': event => warning(`${event.change.number} ${conflictText(event.conflicts)}.`),
  'already-claimed': event => info(`${event.change.number} is claimed by this run already.`),
  'claim-taken-over': event =>
    warning(`${event.change.number} was claimed by run ${event.runId}; this run takes it over.`),
  'claim-inherited': event =>
    notice(
      `${event.change.number} was claimed by run ${event.runId}, which has completed; this run continues with it.`
    ),
  'lost-claim-not-noted': event =>
    warning(`${event.change.number}: a note that this run does not deploy could not be written.`),
  'claimed-elsewhere': event =>
    notice(`${event.change.number} was taken over by another run: it is left in ${event.change.stateLabel}.`),
  'left-as-is': event => info(`${event.change.number} is left as it is, in ${event.change.stateLabel}.`),
  finished: event =>
    info(`${event.change.number} is in ${event.change.stateLabel} after the job ended with ${event.result}.`),
  'takes-no-notes': event =>
    info(`${event.change.number} is in ${event.change.stateLabel} and takes no work notes any more.`),
  planned: event => info(`Dry run: would ${plannedText(event.write)}.`)
}

/** What an operation tells, as a line of the log. @param urlOf the page of a change, by its sys_id */
export function eventLine(event: OperationEvent, urlOf: (sysId: string) => string): LogLine {
  const line = LINES[event.type] as (event: OperationEvent, urlOf: (sysId: string) => string) => LogLine
  return line(event, urlOf)
}

/** `2026-12-01 22:00:00 UTC – open`. */
export function windowText({ plannedStart, plannedEnd }: PlannedWindow): string {
  const text = (ms: number | undefined) => (ms === undefined ? 'open' : moment(ms))
  return `${text(plannedStart)} – ${text(plannedEnd)}`
}

function soFar(waitedMs: number): string {
  return waitedMs < 1_000 ? '' : ` (${Math.round(waitedMs / 1000)} s so far)`
}

/** A write that a dry run leaves out, to follow "would". */
export function plannedText(write: PlannedWrite): string {
  switch (write.type) {
    case 'create': {
      const fields = Object.entries(write.fields).map(
        ([name, value]) => `${name}=${JSON.stringify(String(value).slice(0, 120))}`
      )
      const from = write.template === undefined ? '' : ` from the template ${write.template}`
      return `create a ${write.kind ?? 'modelled'} change${from} with ${fields.join(', ')}`
    }
    case 'move': {
      const states = write.states.map(stateLabel).join(' → ')
      return write.change === undefined
        ? `move it from New to ${states}`
        : `move ${write.change.number} to ${states}`
    }
    case 'attach': {
      const to = write.change === undefined ? '' : ` to ${write.change.number}`
      return `attach ${write.name} (${write.size} bytes)${to}`
    }
    case 'write':
      return `update ${write.fields.join(', ')} of ${write.change.number}`
    case 'write-by-name':
      return `set ${write.fields.join(', ')} of ${write.change.number} by name`
    case 'add-note':
      return `add a work note to ${write.change.number}`
    case 'put-on-hold':
      return `put ${write.change.number} on hold`
    case 'cancel-duplicate':
      return `cancel the duplicate ${write.change.number} if it is in New`
    case 'bind':
      return `bind ${write.change.number} to this deployment`
    case 'evaluate-risk':
      return `evaluate the risk of ${write.change.number}`
    case 'detect-conflicts':
      return `run conflict detection for ${write.change.number}`
    case 'deliver':
      return plannedDelivery(write)
    case 'wait-for-missing':
      return 'wait for the approval of the change that the earlier step would have created'
    case 'update-missing':
      return 'update the change that the earlier step would have created'
  }
}
