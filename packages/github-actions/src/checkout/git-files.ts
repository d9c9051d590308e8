import { lstatSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The folders of a repository; they differ in a linked worktree alone. */
export interface GitFolders {
  /** Where HEAD and FETCH_HEAD are. */
  readonly own: string
  /** Where refs and configuration are. */
  readonly common: string
}

const MAX_BYTES = 16 * 1024 * 1024

/** The text of an ordinary file; undefined where there is none, or one too large to be git's. */
export function readSmall(file: string): string | undefined {
  try {
    const stat = lstatSync(file)
    return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(file, 'utf8') : undefined
  } catch {
    return undefined
  }
}

/** The folders of the repository that is checked out in a folder; undefined where it is no checkout. */
export function gitFolders(folder: string): GitFolders | undefined {
  const own = ownFolder(join(folder, '.git'))
  if (own === undefined) return undefined
  const common = readSmall(join(own, 'commondir'))?.trim()
  return { own, common: common === undefined ? own : resolve(own, common) }
}

/** `.git` is a folder, or a file that names one: in linked worktrees and submodules. */
function ownFolder(path: string): string | undefined {
  try {
    if (lstatSync(path).isDirectory()) return path
  } catch {
    return undefined
  }
  const named = readSmall(path)?.trim()
  if (named?.startsWith('gitdir: ') !== true) return undefined
  return resolve(dirname(path), named.slice('gitdir: '.length))
}

/** When a file was written last, in epoch milliseconds; undefined where there is none. */
export function writtenAt(file: string): number | undefined {
  try {
    return lstatSync(file).mtimeMs
  } catch {
    return undefined
  }
}
