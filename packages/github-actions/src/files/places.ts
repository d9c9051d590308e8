import { constants } from 'node:fs'
import { access, lstat, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { messageOf } from '../errors.ts'
import { oneLine } from '../text.ts'

/** The folders evidence may come from. */
export interface Places {
  /** Where relative paths start. */
  readonly workspace: string
  /** With symbolic links resolved: what a real path is held against. */
  readonly real: readonly string[]
  /** As given too: what a file's name may be made from. */
  readonly all: readonly string[]
}

/** Resolves the workspace and the runner's folder for temporary files; a missing folder is left out. */
export async function resolvePlaces(workspace: string, temp: string): Promise<Places> {
  const given = [workspace, temp].filter(folder => folder !== '').map(folder => resolve(folder))
  const real = await Promise.all(given.map(folder => realpath(folder).catch(() => undefined)))
  const existing = real.filter(folder => folder !== undefined)
  return { workspace: resolve(workspace), real: existing, all: [...existing, ...given] }
}

/** The steps from a root down to a path inside it; undefined when the path is the root or outside of it. */
export function stepsBelow(root: string, path: string): readonly string[] | undefined {
  const way = relative(root, path)
  if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined
  return way.split(sep)
}

/** What is at a path: a file that may be attached, a folder, nothing, or a reason to refuse it. */
export type PathCheck =
  | { readonly kind: 'file'; readonly path: string; readonly size: number }
  | { readonly kind: 'folder' }
  | { readonly kind: 'nothing' }
  /** `unusable`: there is nothing in it to attach; otherwise it must not be attached. */
  | { readonly kind: 'refused'; readonly reason: string; readonly unusable: boolean }

const refused = (reason: string): PathCheck => ({ kind: 'refused', reason, unusable: false })
const unusable = (reason: string): PathCheck => ({ kind: 'refused', reason, unusable: true })

/** Checks a path without opening it: opening a pipe or a device could wait for ever. */
export async function inspect(path: string, places: Places): Promise<PathCheck> {
  try {
    const link = await lstat(path).catch(missing)
    if (link === undefined) return { kind: 'nothing' }
    const real = await realpath(path).catch(missing)
    if (real === undefined) return unusable('is a link to a file that does not exist')
    return await inspectReal(real, places)
  } catch (error) {
    return unusable(`cannot be read: ${oneLine(messageOf(error), 200)}`)
  }
}

async function inspectReal(real: string, places: Places): Promise<PathCheck> {
  const status = await stat(real)
  const way = places.real.map(root => stepsBelow(root, real)).find(steps => steps !== undefined)
  if (way === undefined && !places.real.includes(real)) {
    return refused(
      `is outside the workspace and the runner's temporary folder (it is \`${oneLine(real, 200)}\`)`
    )
  }
  if (status.isDirectory()) return { kind: 'folder' }
  if (!status.isFile()) return unusable('is not a regular file but a pipe, socket or device')
  if (isPrivate(real)) return refused('is a file of the runner or of an action, which can hold credentials')
  if (way?.includes('.git')) return refused('is part of a `.git` folder, which can hold credentials')
  await access(real, constants.R_OK)
  if (status.size === 0) return unusable('is empty, and empty attachments are not accepted')
  return { kind: 'file', path: real, size: status.size }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}

/** Credentials of checkout and of sign-ins to clouds, the runner's command files, and the home of container jobs. */
const PRIVATE =
  /[\\/](_runner_file_commands|_github_home)[\\/]|[\\/](git-credentials-[^\\/]*\.config|gha-creds-[^\\/]*\.json)$/i

/** Whether a path is one that never is evidence, and that a wide glob may well find. */
export function isPrivate(path: string): boolean {
  return PRIVATE.test(path)
}
