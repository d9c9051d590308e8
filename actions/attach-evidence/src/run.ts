import { findUsable } from '@change-actions/change-operations'
import { inputError, type Step } from '@change-actions/github-actions'
import {
  attachReported,
  type Connection,
  changeNameOf,
  connect,
  identityOf,
  reported,
  type StepReport,
  withState,
  writeChange
} from '@change-actions/github-actions/change'
import { gatherEvidence } from '@change-actions/github-actions/files'
import type { Change } from '@change-actions/servicenow-client'
import type { AttachInputs } from './inputs.ts'

/**
 * Attaches files to a change, byte for byte and once, and tells in a work note what they are.
 *
 * @throws Problem
 */
export async function run(step: Step<AttachInputs>): Promise<void> {
  const connection = connect(step)
  const show = { as: 'line', title: 'Change evidence' } as const
  await reported(step, connection, show, report => attach(step, connection, report))
}

async function attach(step: Step<AttachInputs>, connection: Connection, report: StepReport): Promise<void> {
  const { inputs, outputs, env, runtime } = step
  const { client, context } = connection
  const { evidence, unmatched, skipped } = await gatherEvidence(inputs, runtime, step.signal)
  for (const reason of skipped) step.log.warning(`Not attached: ${reason}.`)
  reportUnmatched(step, unmatched, evidence.length)
  const name = changeNameOf(inputs, env)
  // Neither needs the other's response.
  const listed =
    evidence.length > 0 && !inputs.dryRun && name?.sysId !== undefined
      ? client.attachments.list(name.sysId)
      : undefined
  listed?.catch(() => undefined)
  const onFound = (found: Change): void => {
    report.change = found
    report.story.states = withState([], found, client.now())
    writeChange(outputs, client, found)
  }
  const change =
    name === undefined
      ? undefined
      : await findUsable(context, name, identityOf(runtime, inputs), 'warn', onFound)
  const { ifExists, workNote } = inputs
  const attaching = { context, change, evidence, ifExists, workNote, listed, detailed: true }
  const { attached } = await attachReported(step, report, attaching)
  const added = attached.filter(one => one.status === 'attached').length
  report.result = inputs.dryRun ? 'dry-run' : 'attached'
  step.log.info(`${added} attached, ${attached.length - added} already attached.`)
}

/**
 * Patterns that match nothing: the file may have been forgotten, and an auditor will ask for it.
 *
 * @throws Problem `input` unless `if-no-files-found` allows it
 */
function reportUnmatched(step: Step<AttachInputs>, unmatched: readonly string[], found: number): void {
  if (unmatched.length === 0) return
  const list = unmatched.map(file => JSON.stringify(file)).join(', ')
  const text = `No file matches ${list}${found === 0 ? '' : ` (${found} other file${found === 1 ? '' : 's'} matched)`}.`
  if (step.inputs.ifNoFilesFound === 'error') {
    const fix = 'Fix: check the paths (they are relative to the workspace), or set `if-no-files-found: warn`'
    throw inputError([text, fix])
  }
  if (step.inputs.ifNoFilesFound === 'warn') step.log.warning(text)
}
