import { type Attached, addNote, attachAll, findNamed, noteOf } from '@change-actions/change-operations'
import { describeEvidence } from '@change-actions/evidence'
import { inputError, markdown, oneLine, type Step } from '@change-actions/github-actions'
import {
  attachmentsOutput,
  type Connection,
  changeNameOf,
  connect,
  deploymentOf,
  type EvidenceFile,
  reported,
  type StepReport,
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
  await reported(step, connection, 'Change evidence', report => attach(step, connection, report))
}

async function attach(step: Step<AttachInputs>, connection: Connection, report: StepReport): Promise<void> {
  const { inputs, outputs, env, runtime } = step
  const { client, context } = connection
  const { evidence, found, unmatched } = await gatherEvidence(inputs, runtime, step.signal)
  reportUnmatched(step, unmatched, found.length)
  const name = changeNameOf(inputs, env)
  // Neither needs the other's response.
  const listed =
    evidence.length > 0 && !inputs.dryRun && name?.sysId !== undefined
      ? client.attachments.list(name.sysId)
      : undefined
  listed?.catch(() => undefined)
  const change = name === undefined ? undefined : await findNamed(context, name)
  if (change !== undefined) {
    report.change = change
    writeChange(outputs, client, change)
  }
  const write = (all: readonly Attached[]) => writeAttached(step, all)
  const attached = await attachAll(context, change, evidence, inputs.ifExists, write, listed)
  const added = attached.filter(one => one.status === 'attached')
  report.facts.push(
    ...attached.map(
      one =>
        [markdown(one.name), markdown(`${one.size} bytes, SHA-256 ${one.sha256}, ${one.status}`)] as const
    )
  )
  // An earlier attempt may have been killed between attaching and noting: the note then covers all files.
  const noted = Number(runtime.runAttempt) > 1 ? attached : added
  if (inputs.workNote && change !== undefined && noted.length > 0) {
    await note(step, connection, change, { noted, all: attached, found })
  }
  report.result = inputs.dryRun ? 'dry-run' : 'attached'
  step.log.info(`${added.length} attached, ${attached.length - added.length} already attached.`)
}

function writeAttached(step: Step<AttachInputs>, all: readonly Attached[]): void {
  const added = all.filter(one => one.status === 'attached').length
  step.outputs.set('attachments', attachmentsOutput(all))
  step.outputs.set('attached-count', added)
  step.outputs.set('skipped-count', all.length - added)
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

async function note(
  step: Step<AttachInputs>,
  connection: Connection,
  change: Change,
  files: { noted: readonly Attached[]; all: readonly Attached[]; found: readonly EvidenceFile[] }
): Promise<void> {
  const lines: string[] = []
  for (const one of files.noted) {
    const file = files.found.find(candidate => candidate.name === one.name)
    const counts = file === undefined ? undefined : await describeEvidence(file)
    if (counts !== undefined) step.log.info(`${one.name}: ${counts}`)
    const about = `${oneLine(one.name, 200)}, ${one.size} bytes, SHA-256 ${one.sha256}`
    lines.push(counts === undefined ? about : `${about}: ${oneLine(counts)}`)
  }
  // Known again by the files, whichever attempt attached them.
  const identity = files.all.map(one => `${one.name} ${one.sha256}`).join('\n')
  const text = `Evidence attached:\n${lines.join('\n')}`
  await addNote(connection.context, change, noteOf(deploymentOf(step.runtime), text, identity))
}
