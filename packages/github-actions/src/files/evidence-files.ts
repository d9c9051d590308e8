import { createReadStream } from 'node:fs'
import type { Evidence } from '@change-actions/change-operations'
import type { Runtime } from '../step/runtime.ts'
import { findEvidence } from './find.ts'
import { hashFile } from './hash.ts'
import type { EvidenceFile } from './types.ts'

/** Read at once: less takes longer, more takes more memory than it saves time (npm run bench -- large-file). */
const CHUNK_BYTES = 128 * 1024

export interface EvidenceInputs {
  readonly files?: readonly string[]
  readonly attachments?: readonly unknown[] | undefined
}

/**
 * The files a step is to attach, checked before anything is sent.
 *
 * @throws Problem `input` for files outside workspace and runner temp, empty or special files, clashing names
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
