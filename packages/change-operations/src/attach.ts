import type { Readable } from 'node:stream'
import { type Attachment, type Change, isLikely, isSameAttachment } from '@change-actions/servicenow-client'
import { forEachConcurrently } from './concurrency.ts'
import type { OperationContext } from './context.ts'
import { type FileRefusal, refusalOf } from './file-refusal.ts'
import { changeProblem } from './problems.ts'

/** A file to attach. */
export interface Evidence {
  /** As the user wrote it, relative to the workspace. */
  readonly file: string
  readonly name: string
  readonly size: number
  readonly contentType: string
  /** A glob happened to catch it: where the instance refuses it, the others go on. */
  readonly optional?: boolean
  sha256(): Promise<string>
  open(): Readable
}

export interface Attached {
  /** In the instance, which may have changed it. */
  readonly name: string
  /** Where the instance changed it: the name it was given. */
  readonly givenName?: string
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
 * and no further one is begun. An optional one that the instance refuses by a rule on files is told and left out.
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
  const names = new Set(files.map(one => one.name))
  const present = { all: ifExists === 'skip' ? before : [], names, taken: new Set<string>() }
  const results: (Attached | undefined)[] = files.map(() => undefined)
  const refusals: FileRefusal[] = []
  const done = () => results.filter(one => one !== undefined)
  await forEachConcurrently(files, UPLOAD_CONCURRENCY, async (file, n) => {
    const result = await attachOne(context, change, file, present, known)
    if ('rule' in result) {
      refusals.push(result)
      return
    }
    results[n] = result
    onAttached(done())
  })
  const [first] = refusals
  if (first !== undefined && refusals.length === files.length) throw refused(change, first)
  return done()
}

/** What is attached already. */
interface Present {
  readonly all: readonly Attachment[]
  /** Of the files to attach: an attachment with one of these names is not another file that was renamed. */
  readonly names: ReadonlySet<string>
  /** sys_ids of those that are one of the files: two files of the same content are two attachments. */
  readonly taken: Set<string>
}

async function attachOne(
  context: OperationContext,
  change: Change,
  file: Evidence,
  present: Present,
  known: Set<string>
): Promise<Attached | FileRefusal> {
  const { name, size, contentType } = file
  const same = await findSame(file, present)
  if (same !== undefined) {
    context.emit({ type: 'already-attached', change, name: same.name })
    return attachedAs(file, same, 'skipped')
  }
  const body = { size, open: () => withProgress(context, file) }
  const upload = { name, contentType, sha256: () => file.sha256(), body }
  try {
    const stored = await context.client.attachments.upload(change.sysId, upload, known)
    known.add(stored.sysId)
    const attached = attachedAs(file, stored, 'attached')
    const { sha256 } = attached
    context.emit({ type: 'attached', change, file: { name: attached.name, size, sha256 } })
    return attached
  } catch (error) {
    const refusal = refusalOf(error, name)
    if (refusal === undefined) throw error
    if (file.optional !== true) throw refused(change, refusal, error)
    context.emit({ type: 'not-attached', change, refusal })
    return refusal
  }
}

function refused(change: Change, refusal: FileRefusal, cause?: unknown) {
  return changeProblem('file-refused', change, refusal, cause === undefined ? {} : { cause })
}

function attachedAs({ name, file, size }: Evidence, stored: Stored, status: Attached['status']): Attached {
  const { sysId, sha256 } = stored
  const storedName = stored.name === '' ? name : stored.name
  const given = storedName === name ? {} : { givenName: name }
  return { name: storedName, ...given, file, sysId, size, sha256, status }
}

type Stored = Pick<Attachment, 'name' | 'sysId' | 'sha256'>

/** The file is read for its hash only where one of its size is attached, under its name or one that was made of it. */
async function findSame(file: Evidence, present: Present): Promise<Stored | undefined> {
  const { name, size } = file
  const likely = present.all
    .filter(one => isLikely(one, file) && (one.name === name || !present.names.has(one.name)))
    // The one that was not renamed is the better one.
    .toSorted((a, b) => Number(b.name === name) - Number(a.name === name))
  if (likely.length === 0) return undefined
  const sha256 = await file.sha256()
  const same = likely.find(one => {
    return !present.taken.has(one.sysId) && isSameAttachment(one, { name, size, sha256 })
  })
  if (same === undefined) return undefined
  present.taken.add(same.sysId)
  return { sysId: same.sysId, name: same.name, sha256 }
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
