import {
  type Attached,
  addNote,
  attachAll,
  type Note,
  type OperationContext
} from '@change-actions/change-operations'
import type { Attachment, Change } from '@change-actions/servicenow-client'
import type { EvidenceWithReport } from '../files/evidence-files.ts'
import { inputError } from '../inputs/error.ts'
import type { StepTools } from '../step/run-step.ts'
import type { DeploymentInputs } from './deployment.ts'
import type { StepReport } from './report.ts'

/**
 * The files given under `attachments`. What a glob caught and cannot be attached is told in a warning.
 *
 * @throws Problem `input` also for an entry that matches no file
 */
export async function gatherAttachments(
  attachments: readonly unknown[] | undefined,
  { runtime, signal, log }: StepTools
): Promise<readonly EvidenceWithReport[]> {
  if (attachments === undefined) return []
  // Most changes get no files, and what finds and reads them takes a while to load.
  const { gatherEvidence } = await import(/* webpackMode: "eager" */ '../files/evidence-files.ts')
  const { evidence, unmatched, skipped } = await gatherEvidence({ attachments }, runtime, signal)
  for (const reason of skipped) log.warning(`Not attached: ${reason}.`)
  if (unmatched.length === 0) return evidence
  throw inputError([
    ...unmatched.map(file => `\`attachments\`: no file matches ${JSON.stringify(file)}`),
    'Fix: check the paths (they are relative to the workspace), and that an earlier step of this job makes or downloads the file; leave the entry out where there may be none'
  ])
}

/** What is attached to a change, and how it is told. */
export interface Attaching {
  readonly context: OperationContext
  /** Undefined in a dry run that has not created one. */
  readonly change: Change | undefined
  readonly evidence: readonly EvidenceWithReport[]
  readonly ifExists?: 'skip' | 'attach'
  /** False: no work note. */
  readonly workNote?: boolean
  readonly inputs?: DeploymentInputs
  /** Also write `attached-count` and `skipped-count`. */
  readonly detailed?: boolean
  /** What was attached before, where it is being read already. */
  readonly listed?: Promise<readonly Attachment[]> | undefined
  /** The change was just made: nothing is attached to it yet, and nothing is asked. */
  readonly isNew?: boolean
  /** The note is left to the caller, who writes it with something else. Default: it is written here. */
  readonly notesLater?: boolean
}

export interface AttachedWithNote {
  readonly attached: readonly Attached[]
  /** The note that is left to the caller. */
  readonly note: Note | undefined
}

/**
 * Attaches files to a change and tells it in outputs, summary and a work note: approvers see the results before they
 * decide. Where a file fails, what was attached before it is told and noted all the same, here and now.
 *
 * @throws Problem of the first file that failed, or else of the note
 */
export async function attachReported(
  step: StepTools,
  report: StepReport,
  attaching: Attaching
): Promise<AttachedWithNote> {
  const { context, change, evidence, ifExists = 'skip', workNote = true, detailed = false } = attaching
  const { inputs, isNew = false, notesLater = false } = attaching
  const listed = isNew ? Promise.resolve([]) : attaching.listed
  if (evidence.length === 0) return { attached: [], note: undefined }
  const progress = attachmentProgress(step, detailed)
  const note = async (later: boolean): Promise<Note | undefined> => {
    const attached = progress.finish()
    report.story.evidence = attached.map(textOf)
    if (change === undefined || !workNote || attached.length === 0) return undefined
    // Loaded with the files it tells of.
    const { evidenceNote } = await import(/* webpackMode: "eager" */ './evidence-note.ts')
    const about = { evidence, attached, ...(inputs === undefined ? {} : { inputs }) }
    const told = await evidenceNote(step, about)
    if (told === undefined) return undefined
    if (!later) await addNote(context, change, told.note)
    report.story.evidence = told.lines
    return later ? told.note : undefined
  }
  try {
    await attachAll(context, change, evidence, ifExists, progress.update, listed)
  } catch (error) {
    // The failure of the file is the one to report.
    await note(false).catch(() => undefined)
    throw error
  }
  return { note: await note(notesLater), attached: progress.finish() }
}

function textOf({ name, size, status }: Attached): string {
  return `${name} (${size} bytes${status === 'skipped' ? ', attached before' : ''})`
}

/**
 * Writes the outputs as files are attached, so that a killed step leaves them. The runner appends every value to a
 * file: the list is written when it has doubled, at the end and on interruption, so that all of them together stay
 * a few times as long as the last.
 */
export function attachmentProgress(
  { outputs, onInterrupt }: Pick<StepTools, 'outputs' | 'onInterrupt'>,
  counted: boolean
) {
  let all: readonly Attached[] = []
  let written = 0
  const write = (): void => {
    written = all.length
    outputs.set('attachments', attachmentsOutput(all))
    if (!counted) return
    const added = all.filter(one => one.status === 'attached').length
    outputs.set('attached-count', added)
    outputs.set('skipped-count', all.length - added)
  }
  onInterrupt(write)
  return {
    update(attached: readonly Attached[]): void {
      all = attached
      if (all.length >= 2 * written) write()
    },
    finish(): readonly Attached[] {
      if (all.length > written) write()
      return all
    }
  }
}

/** The output `attachments`: what each file became, in the spelling of outputs. */
export function attachmentsOutput(attached: readonly Attached[]): readonly unknown[] {
  return attached.map(({ name, file, sysId, size, sha256, status }) => ({
    name,
    file,
    'sys-id': sysId,
    size,
    sha256,
    status
  }))
}
