/** What must hold after every run, whatever struck it. */
import { type FaultCase, isWrite } from './faults.ts'
import type { Baseline } from './points.ts'
import { type ChangeRecord, comparable, difference, doubles, recordOf } from './record.ts'
import type { Run, World } from './world.ts'

/** The promises of every run: each broken one in words. */
export function broken(baseline: Baseline, world: World, run: Run, { passes }: FaultCase): string[] {
  const record = recordOf(world.sandbox)
  return [
    ...(run.hung ? ['it did not end'] : []),
    ...(run.unreadable === undefined ? [] : [`what it wrote cannot be read: ${run.unreadable}`]),
    ...doubles(record),
    ...tooMany(baseline, record),
    ...falseApproval(run, record),
    ...(run.code === 0 ? unlike(baseline, run, record, passes) : badFailure(baseline, run, record))
  ]
}

/** Never more open changes than the instance had before, or one. */
function tooMany({ scenario }: Baseline, record: readonly ChangeRecord[]): string[] {
  const open = record.filter(change => change.fields.state !== '4')
  const max = scenario.name.includes('duplicate') ? 2 : 1
  return open.length > max ? [`there are ${open.length} open changes for one deployment`] : []
}

function falseApproval({ outputs }: Run, record: readonly ChangeRecord[]): string[] {
  if (outputs.approved !== 'true') return []
  return record[0]?.fields.approval === 'approved' ? [] : ['approved=true without an approved change']
}

/** A step that passes has done what an undisturbed one does, and writes the same outputs. */
function unlike(baseline: Baseline, run: Run, record: readonly ChangeRecord[], passing: boolean): string[] {
  const outputsOf = passing ? comparable : withoutApprovers
  const inRecord = difference(baseline.record, record, 'record')
  const inOutputs = difference(outputsOf(baseline.outputs), outputsOf(run.outputs), 'outputs')
  const errors = run.annotations.filter(one => one.kind === 'error').length
  return [
    ...(inRecord === undefined ? [] : [`exit code 0, but ${inRecord}`]),
    ...(inOutputs === undefined ? [] : [`exit code 0, but ${inOutputs}`]),
    ...(errors === 0 ? [] : [`exit code 0 with ${errors} error annotations`])
  ]
}

/** Approvers are listed where they may be read; the decision does not depend on them. */
function withoutApprovers(outputs: Readonly<Record<string, string>>): Record<string, string> {
  const { approvals: _, 'approved-by': __, 'approval-basis': ___, ...rest } = comparable(outputs)
  return rest
}

/** A step that fails ends in one annotation: what happened, what to do, the current status of the change. */
function badFailure(baseline: Baseline, run: Run, record: readonly ChangeRecord[]): string[] {
  const errors = run.annotations.filter(one => one.kind === 'error')
  const [error] = errors
  if (run.code !== 1) return [`it ended with ${run.code ?? run.signal}`]
  if (errors.length !== 1 || error === undefined) return [`${errors.length} error annotations, not one`]
  return [
    ...(/^(?:ServiceNow .+: .+|Change .+: .+)$/.test(error.title) ? [] : [`the title is "${error.title}"`]),
    ...(error.message.includes('\nFix: ') ? [] : ['the annotation has no fix']),
    ...wrongStatus(baseline, run, error.message, record),
    ...(run.summary === '' ? ['there is no summary'] : []),
    ...(run.outputs.metrics === undefined ? ['there are no metrics'] : [])
  ]
}

const LABELS: Readonly<Record<string, string>> = {
  '-5': 'New',
  '-4': 'Assess',
  '-3': 'Authorize',
  '-2': 'Scheduled',
  '-1': 'Implement',
  '0': 'Review',
  '3': 'Closed',
  '4': 'Canceled'
}

/**
 * Whether the annotation has the current status of the change, and the right one; what somebody else did meanwhile it
 * cannot know. The post step of a gate that could not even read the change says which manual action is required instead.
 */
function wrongStatus(
  { scenario }: Baseline,
  { outputs }: Run,
  message: string,
  record: readonly ChangeRecord[]
): string[] {
  // These are about a message; a change comes of it later.
  if (scenario.script === 'run-flow' || scenario.script === 'send-event') return []
  const [, number, state, approval] = CURRENT_STATUS.exec(message) ?? []
  const change = record.find(one => one.fields.number === number)
  if (change === undefined) {
    const unknown = outputs['change-number'] === undefined
    const pattern =
      scenario.script === 'gate, post'
        ? /\nManual action required: .*\bCHG\d/
        : /\nCurrent status: this step has found/
    return unknown && pattern.test(message) ? [] : ['the annotation has no current status of the change']
  }
  if (scenario.person !== undefined) return []
  const { state: is = '', approval: reads } = change.fields
  return LABELS[is] === state && reads === approval
    ? []
    : [`the annotation says ${state}, approval ${approval}, and the change is in ${LABELS[is]}, ${reads}`]
}

const CURRENT_STATUS = /\nCurrent status: (CHG\d+) is in ([^,]+), approval ([^.:]+): http\S+\.(?:\n|$)/

/** Outputs that were known when the fault struck after `responses` responses. */
export function missingOutputs(baseline: Baseline, run: Run, responses: number): string[] {
  if (baseline.naming < 0 || responses <= baseline.naming) return []
  const written = baseline.points.slice(0, responses).some(isWrite)
  return [
    ...(written && run.outputs.changed === 'false'
      ? ['something was written, and the output changed is false']
      : []),
    ...['change-sys-id', 'change-number', 'change-url', 'change-state'].flatMap(name =>
      run.outputs[name] ? [] : [`the change was known, and the output ${name} is missing`]
    )
  ]
}

/** Whether a later attempt brought the instance to where an undisturbed run brings it. */
export function notRecovered(baseline: Baseline, world: World, run: Run): string[] {
  const record = recordOf(world.sandbox)
  const found = difference(asOneAttempt(baseline.record), asOneAttempt(record), 'record')
  return [
    ...(run.code === 0 ? [] : [`attempt 2 ended with ${run.code ?? run.signal}`]),
    ...(run.hung ? ['attempt 2 did not end'] : []),
    ...(found === undefined ? [] : [`after attempt 2 ${found}`]),
    ...falseApproval(run, record)
  ]
}

/**
 * Each attempt that deploys claims the change for itself, and may: the claims of one run count as one. Each attempt
 * that attaches tells of the files that are attached by then: together they tell of each file.
 */
function asOneAttempt(record: readonly ChangeRecord[]): ChangeRecord[] {
  return record.map(change => {
    const notes = change.notes.map(note =>
      note.replace(/\(attempt \d+\)/g, '(attempt)').replace(/(\[gha2 claim \d+ \d+) \d+/g, '$1')
    )
    const onFiles = notes.filter(isOnFiles).flatMap(note => note.split('\n').slice(1, -1))
    const others = notes.filter(note => !isOnFiles(note))
    return { ...change, notes: [...new Set(others), ...new Set(onFiles.sort())] }
  })
}

/** The note of a step on the files it attached. */
export function isOnFiles(note: string): boolean {
  return note.startsWith('Evidence attached:\n')
}
