import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Engine } from './engine.ts'
import type { Job } from './jobs.ts'
import type { StoreSnapshot } from './store.ts'

const VERSION = 2

interface Saved {
  readonly version: number
  readonly data: StoreSnapshot
  readonly jobs: readonly Job[]
}

/**
 * Takes up where the file left off.
 * @returns false when there is no such file yet
 * @throws Error when the file is not a state file of this version
 */
export function loadState(engine: Engine, path: string): boolean {
  if (!existsSync(path)) return false
  const saved = read(path)
  engine.store.restore(saved.data)
  for (const job of saved.jobs) engine.jobs.schedule(job)
  return true
}

function read(path: string): Saved {
  let saved: Partial<Saved> | null
  try {
    saved = JSON.parse(readFileSync(path, 'utf8')) as Partial<Saved> | null
  } catch (error) {
    throw new Error(`${path} is not a state file of the sandbox; delete it to start anew.`, { cause: error })
  }
  if (saved?.version !== VERSION || !saved.data || !saved.jobs) {
    throw new Error(`${path} was written by another version of the sandbox; delete it to start anew.`)
  }
  return saved as Saved
}

/**
 * Writes beside the file and renames, so that a reader or a crash never meets half a file. The content of
 * attachments is in its own files already.
 */
export function saveState(engine: Engine, path: string): void {
  const saved: Saved = { version: VERSION, data: engine.store.snapshot(), jobs: engine.jobs.pending() }
  const draft = `${path}.${process.pid}.tmp`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(draft, JSON.stringify(saved), { mode: 0o600 })
  renameSync(draft, path)
}
