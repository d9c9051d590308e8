import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Engine } from './engine.ts'
import type { Job } from './jobs.ts'
import type { StoreSnapshot } from './store.ts'

const VERSION = 2

interface SavedState {
  readonly version: number
  readonly data: StoreSnapshot
  readonly jobs: readonly Job[]
}

/**
 * Restores the records and scheduled jobs of a state file.
 * @returns false when the file does not exist
 * @throws Error when the file is not a state file of this version
 */
export function loadState(engine: Engine, path: string): boolean {
  if (!existsSync(path)) return false
  const saved = readState(path)
  engine.store.restore(saved.data)
  for (const job of saved.jobs) engine.jobs.schedule(job)
  return true
}

function readState(path: string): SavedState {
  let saved: Partial<SavedState> | null
  try {
    saved = JSON.parse(readFileSync(path, 'utf8')) as Partial<SavedState> | null
  } catch (error) {
    throw new Error(`${path} is not a state file of the sandbox. Fix: delete it, or choose another file.`, {
      cause: error
    })
  }
  if (saved?.version !== VERSION || !saved.data || !saved.jobs) {
    throw new Error(
      `${path} was written by another version of the sandbox. Fix: delete it, or choose another file.`
    )
  }
  return saved as SavedState
}

/**
 * Writes the state file. It is written under another name and renamed, so that it is complete at any moment. The
 * content of attachments is in files of its own.
 */
function saveState(engine: Engine, path: string): void {
  const saved: SavedState = { version: VERSION, data: engine.store.snapshot(), jobs: engine.jobs.pending() }
  const draft = `${path}.${process.pid}.tmp`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(draft, JSON.stringify(saved), { mode: 0o600 })
  renameSync(draft, path)
}

/**
 * Saves the state after writes: once for the writes of one iteration of the event loop.
 * @returns a function that saves the state for the last time
 */
export function keepState(engine: Engine, path: string): () => void {
  let scheduled: NodeJS.Immediate | undefined
  let closed = false
  engine.store.onWrite(() => {
    if (closed) return
    scheduled ??= setImmediate(() => {
      scheduled = undefined
      saveState(engine, path)
    })
  })
  return () => {
    closed = true
    clearImmediate(scheduled)
    saveState(engine, path)
  }
}
