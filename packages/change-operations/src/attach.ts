import type { Readable } from 'node:stream'
import { type Attachment, type Change, isSame } from '@change-actions/servicenow-client'
import type { Flow } from './flow.ts'
import { forEachOf } from './side-by-side.ts'

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
const MOST_AT_ONCE = 4

const PROGRESS_EVERY_MS = 10_000

/**
 * Attaches files to a change. One of the same name and content that is there already is left alone (`skip`), so a
 * repeated step attaches nothing twice. Several go out at once; when one fails, those under way are finished and no
 * further one is begun.
 *
 * @param change undefined in a dry run that has not created one
 * @param onAttached called after each file with all that are there, in the order of `files`, so that nothing known is
 *   lost when another one fails
 * @param listed what was attached before, where it has been asked for already
 */
export async function attachAll(
  flow: Flow,
  change: Change | undefined,
  files: readonly Evidence[],
  ifExists: 'skip' | 'attach',
  onAttached: (all: readonly Attached[]) => void = () => undefined,
  listed?: Promise<readonly Attachment[]>
): Promise<readonly Attached[]> {
  if (files.length === 0) return []
  if (flow.dryRun) {
    for (const file of files)
      flow.report.plan(
        `attach ${file.name} (${file.size} bytes)${change === undefined ? '' : ` to ${change.number}`}`
      )
    return []
  }
  if (change === undefined) throw new Error('there is no change to attach to')
  const before = await (listed ?? flow.client.attachments.list(change.sysId))
  const known = new Set(before.map(one => one.sysId))
  const there = ifExists === 'skip' ? before : []
  const results: (Attached | undefined)[] = files.map(() => undefined)
  const done = () => results.filter(one => one !== undefined)
  await forEachOf(files, MOST_AT_ONCE, async (file, n) => {
    results[n] = await attachOne(flow, change, file, there, known)
    onAttached(done())
  })
  return done()
}

async function attachOne(
  flow: Flow,
  change: Change,
  file: Evidence,
  there: readonly Attachment[],
  known: Set<string>
): Promise<Attached> {
  const { name, size, contentType } = file
  const about = { name, file: file.file, size }
  const same = await findSame(file, there)
  if (same !== undefined) {
    flow.report.info(`${name} is attached to ${change.number} already.`)
    return { ...about, ...same, status: 'skipped' }
  }
  const body = { size, open: () => withProgress(flow, file) }
  const upload = { name, contentType, sha256: () => file.sha256(), body }
  const { sysId, sha256 } = await flow.client.attachments.upload(change.sysId, upload, known)
  known.add(sysId)
  flow.report.info(`Attached ${name} (${size} bytes, SHA-256 ${sha256}) to ${change.number}.`)
  return { ...about, sysId, sha256, status: 'attached' }
}

/** The file is read for its hash only where one of the same name and size is there. */
async function findSame(
  file: Evidence,
  there: readonly Attachment[]
): Promise<{ sysId: string; sha256: string } | undefined> {
  const likely = there.filter(one => one.name === file.name && one.size === file.size)
  if (likely.length === 0) return undefined
  const sha256 = await file.sha256()
  const same = likely.find(one => isSame(one, { name: file.name, size: file.size, sha256 }))
  return same === undefined ? undefined : { sysId: same.sysId, sha256 }
}

/** Long uploads say how far they are. */
function withProgress(flow: Flow, file: Evidence): Readable {
  const stream = file.open()
  let sent = 0
  let told = flow.now()
  stream.on('data', (chunk: Buffer) => {
    sent += chunk.length
    if (flow.now() - told < PROGRESS_EVERY_MS) return
    told = flow.now()
    flow.report.info(`${file.name}: ${Math.floor((sent / file.size) * 100)} % sent.`)
  })
  return stream
}
