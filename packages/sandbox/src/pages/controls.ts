import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utc } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
import type { Job } from '../engine/jobs.ts'
import type { StoreSnapshot } from '../engine/store.ts'
import type { Faults } from '../faults/faults.ts'
import type { ApprovalPolicy, Settings } from '../options.ts'
import { seed } from '../seed/seed.ts'

interface Snapshot {
  /** UTC, `YYYY-MM-DD HH:MM:SS`. */
  readonly at: string
  readonly data: StoreSnapshot
  readonly jobs: readonly Job[]
  /** Has the content of the attachments. */
  readonly folder: string
}

/** Who approves, and whether an approval is given without a person. */
export interface Approvals {
  readonly policy: ApprovalPolicy
  /** Absent: an approval stays requested until somebody decides it. */
  readonly autoApproveAfterMs?: number
}

/** What the control page does to an instance while it runs. */
export class Controls {
  readonly #engine: Engine
  readonly #faults: Faults
  readonly #atStart: Approvals
  #snapshot: Snapshot | undefined

  constructor(engine: Engine, faults: Faults) {
    this.#engine = engine
    this.#faults = faults
    this.#atStart = this.approvals
  }

  get approvals(): Approvals {
    const { approvalPolicy: policy, autoApproveAfterMs } = this.#engine.settings
    return { policy, ...(autoApproveAfterMs !== undefined && { autoApproveAfterMs }) }
  }

  /** The policy holds for approvals that are requested from now on. */
  setApprovals({ policy, autoApproveAfterMs }: Approvals): void {
    const settings = this.#engine.settings as { -readonly [K in keyof Settings]: Settings[K] }
    settings.approvalPolicy = policy
    if (autoApproveAfterMs === undefined) delete settings.autoApproveAfterMs
    else settings.autoApproveAfterMs = autoApproveAfterMs
  }

  /** When the snapshot was taken; undefined when there is none. */
  get snapshotAt(): string | undefined {
    return this.#snapshot?.at
  }

  /** Keeps records, scheduled jobs and attachments as they are now, in place of an earlier snapshot. */
  takeSnapshot(): void {
    const { store, jobs, settings } = this.#engine
    this.close()
    const folder = mkdtempSync(join(tmpdir(), 'servicenow-sandbox-snapshot-'))
    store.files.copyTo(folder, attachmentIds(this.#engine))
    const at = utc(settings.now())
    this.#snapshot = { at, data: store.snapshot(), jobs: jobs.pending(), folder }
  }

  /** Returns to the snapshot. Faults and the approval policy stay. Returns false when there is no snapshot. */
  restoreSnapshot(): boolean {
    const snapshot = this.#snapshot
    if (!snapshot) return false
    const { store, jobs } = this.#engine
    const kept = snapshot.data.tables.sys_attachment ?? []
    jobs.cancelAll()
    this.#removeFilesExcept(new Set(kept.map(row => row.sys_id)))
    store.clear()
    store.restore(snapshot.data)
    store.files.copyFrom(snapshot.folder, attachmentIds(this.#engine))
    for (const job of snapshot.jobs) jobs.schedule(job)
    return true
  }

  /** Returns to the data of a new instance, without faults and with the approval policy of the start. */
  reset(): void {
    this.#engine.jobs.cancelAll()
    this.#removeFilesExcept(new Set())
    this.#engine.store.clear()
    const { scripts } = this.#engine
    // What is seeded is no work of the application, and its properties are installed again.
    if (scripts === undefined) seed(this.#engine)
    else scripts.suspended(() => seed(this.#engine))
    scripts?.install()
    this.#faults.remove()
    this.setApprovals(this.#atStart)
  }

  #removeFilesExcept(kept: ReadonlySet<string>): void {
    const { files } = this.#engine.store
    for (const id of attachmentIds(this.#engine)) if (!kept.has(id)) files.remove(id)
  }

  /** Deletes the files of the snapshot. */
  close(): void {
    if (this.#snapshot) rmSync(this.#snapshot.folder, { recursive: true, force: true })
    this.#snapshot = undefined
  }
}

function attachmentIds({ store }: Engine): string[] {
  return store.rows('sys_attachment').map(row => row.sys_id)
}
