import type { Readable } from 'node:stream'
import { type Attachment, type Change, isSame } from '@change-actions/servicenow-client'
import type { Flow } from './flow.ts'

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

const PROGRESS_EVERY_MS = 10_000

/**
 * Attaches files to a change. One of the same name and content that is there already is left alone (`skip`), so a
 * repeated step attaches nothing twice.
 *
 * @param change undefined in a dry run that has not created one
 * @param onAttached called after each file, so that nothing known is lost when a later one fails
 */
export async function attachAll(
  flow: Flow,
  change: Change | undefined,
  files: readonly Evidence[],
  ifExists: 'skip' | 'attach',
  onAttached: (all: readonly Attached[]) => void = () => undefined
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
  const before = await flow.client.attachments.list(change.sysId)
  const known = new Set(before.map(one => one.sysId))
  const done: Attached[] = []
  for (const file of files) {
    done.push(await attachOne(flow, change, file, ifExists === 'skip' ? before : [], known))
    onAttached(done)
  }
  return done
}

async function attachOne(
  flow: Flow,
  change: Change,
  file: Evidence,
  there: readonly Attachment[],
  known: Set<string>
): Promise<Attached> {
  const sha256 = await file.sha256()
  const body = { size: file.size, open: () => withProgress(flow, file) }
  const upload = { name: file.name, contentType: file.contentType, sha256, body }
  const about = { name: file.name, file: file.file, size: file.size, sha256 }
  const same = there.find(one => isSame(one, upload))
  if (same !== undefined) {
    flow.report.info(`${file.name} is attached to ${change.number} already.`)
    return { ...about, sysId: same.sysId, status: 'skipped' }
  }
  const stored = await flow.client.attachments.upload(change.sysId, upload, known)
  known.add(stored.sysId)
  flow.report.info(`Attached ${file.name} (${file.size} bytes, SHA-256 ${sha256}) to ${change.number}.`)
  return { ...about, sysId: stored.sysId, status: 'attached' }
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
