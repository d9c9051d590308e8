import type { Evidence } from '@change-actions/change-operations'
import type { Report } from '@change-actions/evidence'
import type { Runtime } from '../step/runtime.ts'
import { openChecked } from './checked-file.ts'
import { findEvidence } from './find.ts'
import { hashFile } from './hash.ts'
import type { EvidenceFile } from './types.ts'

export interface EvidenceInputs {
  readonly files?: readonly string[]
  readonly attachments?: readonly unknown[] | undefined
}

/** A file to attach, and what it says. */
export interface EvidenceWithReport extends Evidence {
  /** Undefined for a file that is no report. */
  report(): Promise<Report | undefined>
}

/**
 * The files a step is to attach, checked before anything is sent.
 *
 * @throws Problem `input` for files outside workspace and runner temp, empty or special files, clashing names
 */
export async function gatherEvidence(inputs: EvidenceInputs, runtime: Runtime, signal: AbortSignal) {
  const { workspace, temp } = runtime
  const attachments = inputs.attachments === undefined ? {} : { attachments: inputs.attachments }
  const { found, unmatched, skipped } = await findEvidence({
    files: inputs.files ?? [],
    ...attachments,
    workspace,
    temp
  })
  return { evidence: found.map(file => toEvidence(file, signal)), unmatched, skipped }
}

function toEvidence(file: EvidenceFile, signal: AbortSignal): EvidenceWithReport {
  let hash: Promise<string> | undefined
  const open = () => openChecked(file, signal)
  return {
    file: file.given,
    name: file.name,
    size: file.size,
    contentType: file.contentType,
    optional: file.optional === true,
    // Only a step that attaches something needs the readers.
    report: async () =>
      (await import('@change-actions/evidence')).describeEvidence({ path: file.path, size: file.size, open }),
    sha256: () => {
      hash ??= hashFile(file, signal)
      return hash
    },
    open
  }
}
