import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { TABLES } from '../dictionary/tables.ts'
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
  const text = readFileOf(path)
  let saved: unknown
  try {
    saved = JSON.parse(text)
  } catch (error) {
    throw new Error(
      `${path} is not a state file of the sandbox, or was only half written. Fix: delete it, or choose another file.`,
      { cause: error }
    )
  }
  if (isSavedState(saved)) return saved
  throw new Error(
    `${path} was written by another version of the sandbox. Fix: delete it, or choose another file.`
  )
}

function readFileOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`${path} cannot be read as a state file (${code}). Fix: choose another file.`, {
      cause: error
    })
  }
}

/** Whether the whole of it can be restored: a part of a state is worse than none. */
function isSavedState(saved: unknown): saved is SavedState {
  if (!isObject(saved) || saved.version !== VERSION || !isObject(saved.data)) return false
  const { tables, counters } = saved.data
  return (
    isObject(tables) &&
    Object.entries(tables).every(
      ([name, rows]) => TABLES.has(name) && Array.isArray(rows) && rows.every(isRow)
    ) &&
    isObject(counters) &&
    Object.values(counters).every(count => typeof count === 'number') &&
    Array.isArray(saved.jobs) &&
    saved.jobs.every(job => isObject(job) && typeof job.kind === 'string' && typeof job.delayMs === 'number')
  )
}

function isRow(row: unknown): boolean {
  return (
    isObject(row) &&
    typeof row.sys_id === 'string' &&
    Object.values(row).every(value => typeof value === 'string')
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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

/** A place that cannot be written to is found at the start, and not with the first change. */
function saveAtStart(engine: Engine, path: string): void {
  try {
    saveState(engine, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`${path} cannot be written as a state file (${code}). Fix: choose another file.`, {
      cause: error
    })
  }
}

/**
 * Saves the state after writes: once for the writes of one iteration of the event loop.
 * @returns a function that saves the state for the last time
 * @throws Error when the file cannot be written
 */
export function keepState(engine: Engine, path: string): () => void {
  saveAtStart(engine, path)
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
