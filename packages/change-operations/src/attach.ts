import type { Readable } from 'node:stream'
import { type Attachment, type Change, isSameAttachment } from '@change-actions/servicenow-client'
import { forEachConcurrently } from './concurrency.ts'
import type { OperationContext } from './context.ts'

/** A file to attach. */
export interface Evidence {
  /** As the user wrote it, relative to the workspace. */
  readonly file: string
  readonly name: string
  readonly size: number
  readonly contentType: string
  sha256(): Promise<string>
  open(): Readable
}

export interface Attached {
  readonly name: string
  readonly file: string
  readonly sysId: string
  readonly size: number
  readonly sha256: string
  readonly status: 'attached' | 'skipped'
}

/** Uploads under way at once: as many as a node of the instance works on for all its API users together. */
const UPLOAD_CONCURRENCY = 4

const PROGRESS_EVERY_MS = 10_000

/**
 * Attaches files to a change. One of the same name and content that is already attached is skipped (`skip`), so a
 * repeated step attaches nothing twice. Several are uploaded at once; when one fails, those under way are finished
 * and no further one is begun.
 *
 * @param change undefined in a dry run that has not created one
 * @param onAttached called after each file with all that are attached, in the order of `files`, so that nothing known
 *   is lost when another one fails
 * @param listed what was attached before, where it is being read already
 */
export async function attachAll(
  context: OperationContext,
  change: Change | undefined,
  files: readonly Evidence[],
  ifExists: 'skip' | 'attach',
  onAttached: (all: readonly Attached[]) => void = () => undefined,
  listed?: Promise<readonly Attachment[]>
): Promise<readonly Attached[]> {
  if (files.length === 0) return []
  if (context.dryRun) {
    for (const { name, size } of files)
      context.emit({ type: 'planned', write: { type: 'attach', change, name, size } })
    return []
  }
  if (change === undefined) throw new Error('there is no change to attach to')
  const before = await (listed ?? context.client.attachments.list(change.sysId))
  const known = new Set(before.map(one => one.sysId))
  const present = ifExists === 'skip' ? before : []
  const results: (Attached | undefined)[] = files.map(() => undefined)
  const done = () => results.filter(one => one !== undefined)
  await forEachConcurrently(files, UPLOAD_CONCURRENCY, async (file, n) => {
    results[n] = await attachOne(context, change, file, present, known)
    onAttached(done())
  })
  return done()
}

async function attachOne(
  context: OperationContext,
  change: Change,
  file: Evidence,
  present: readonly Attachment[],
  known: Set<string>
): Promise<Attached> {
  const { name, size, contentType } = file
  const about = { name, file: file.file, size }
  const same = await findSame(file, present)
  if (same !== undefined) {
    context.emit({ type: 'already-attached', change, name })
    return { ...about, ...same, status: 'skipped' }
  }
  const body = { size, open: () => withProgress(context, file) }
  const upload = { name, contentType, sha256: () => file.sha256(), body }
  const { sysId, sha256 } = await context.client.attachments.upload(change.sysId, upload, known)
  known.add(sysId)
  context.emit({ type: 'attached', change, file: { name, size, sha256 } })
  return { ...about, sysId, sha256, status: 'attached' }
}

/** The file is read for its hash only where one of the same name and size is attached. */
async function findSame(
  file: Evidence,
  present: readonly Attachment[]
): Promise<{ sysId: string; sha256: string } | undefined> {
  const { name, size } = file
  const likely = present.filter(one => one.name === name && one.size === size)
  if (likely.length === 0) return undefined
  const sha256 = await file.sha256()
  const same = likely.find(one => isSameAttachment(one, { name, size, sha256 }))
  return same === undefined ? undefined : { sysId: same.sysId, sha256 }
}

/** Long uploads tell how far they are. */
function withProgress(context: OperationContext, file: Evidence): Readable {
  const stream = file.open()
  let sent = 0
  let toldAt = context.now()
  stream.on('data', (chunk: Buffer) => {
    sent += chunk.length
    if (context.now() - toldAt < PROGRESS_EVERY_MS) return
    toldAt = context.now()
    const percent = Math.floor((sent / file.size) * 100)
    context.emit({ type: 'upload-progress', name: file.name, percent })
  })
  return stream
}
