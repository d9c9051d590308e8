import { createReadStream } from 'node:fs'
import {
  type EvidenceFile,
  findEvidence,
  hashFile,
  InputError,
  markdown,
  type Outputs,
  type Runtime
} from '@change-actions/action-kit'
import { attachAll, type Evidence, type Flow } from '@change-actions/change-flow'
import type { Change } from '@change-actions/servicenow-client'
import type { StepReport } from './report.ts'

/** Read at once: less takes longer, more takes more memory than it saves time (npm run bench -- large-file). */
const CHUNK_BYTES = 128 * 1024

export interface EvidenceInputs {
  readonly files?: readonly string[]
  readonly attachments?: readonly unknown[] | undefined
}

/**
 * The files a step is to attach, checked before anything is sent.
 *
 * @throws InputError for files outside workspace and runner temp, empty or special files, clashing names
 */
export async function gatherEvidence(inputs: EvidenceInputs, runtime: Runtime, signal: AbortSignal) {
  const { workspace, temp } = runtime
  const attachments = inputs.attachments === undefined ? {} : { attachments: inputs.attachments }
  const { found, unmatched } = await findEvidence({
    files: inputs.files ?? [],
    ...attachments,
    workspace,
    temp
  })
  return { evidence: found.map(file => toEvidence(file, signal)), found, unmatched }
}

function toEvidence(file: EvidenceFile, signal: AbortSignal): Evidence {
  let hash: Promise<string> | undefined
  return {
    file: file.given,
    name: file.name,
    size: file.size,
    contentType: file.contentType,
    sha256: () => {
      hash ??= hashFile(file.path, signal)
      return hash
    },
    // No more than was announced: a file that still grows must not outrun its Content-Length.
    open: () => createReadStream(file.path, { end: file.size - 1, highWaterMark: CHUNK_BYTES, signal })
  }
}

/**
 * The files given under `attachments`.
 *
 * @throws InputError also for an entry that matches no file
 */
export async function gatherAttachments(
  attachments: readonly unknown[] | undefined,
  runtime: Runtime,
  signal: AbortSignal
): Promise<readonly Evidence[]> {
  const { evidence, unmatched } = await gatherEvidence({ attachments }, runtime, signal)
  if (unmatched.length === 0) return evidence
  throw new InputError(unmatched.map(file => `\`attachments\`: no file matches ${JSON.stringify(file)}`))
}

/** Attaches files to a new or taken up change, and says so in outputs and summary. */
export async function attachReported(
  flow: Flow,
  change: Change | undefined,
  evidence: readonly Evidence[],
  { outputs, report }: { outputs: Outputs; report: StepReport }
): Promise<void> {
  const attached = await attachAll(flow, change, evidence, 'skip', all =>
    outputs.set('attachments', attachmentsOutput(all))
  )
  if (attached.length > 0)
    report.facts.push(['Attachments', markdown(attached.map(one => one.name).join(', '))])
}

export function attachmentsOutput(attached: readonly object[]): readonly unknown[] {
  return attached.map(one => {
    const { name, file, sysId, size, sha256, status } = one as Record<string, unknown>
    return { name, file, 'sys-id': sysId, size, sha256, status }
  })
}
