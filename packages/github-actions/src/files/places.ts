import { constants } from 'node:fs'
import { access, lstat, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { messageOf } from '../errors.ts'
import { oneLine } from '../text.ts'
import { type CheckedFile, identityOf } from './checked-file.ts'
import { privateReason } from './private-files.ts'

/** The folders evidence may come from. */
export interface Places {
  /** Where relative paths start. */
  readonly workspace: string
  /** With symbolic links resolved: what a real path is held against. */
  readonly real: readonly string[]
  /** The runner's folder for temporary files, links resolved; '' where there is none. */
  readonly temp: string
  /** As given too: what a file's name may be made from. */
  readonly all: readonly string[]
}

/** Resolves the workspace and the runner's folder for temporary files; a missing folder is left out. */
export async function resolvePlaces(workspace: string, temp: string): Promise<Places> {
  const given = [workspace, temp].filter(folder => folder !== '').map(folder => resolve(folder))
  const realOf = (folder: string) => realpath(folder).catch(() => '')
  const real = (await Promise.all(given.map(realOf))).filter(folder => folder !== '')
  return {
    workspace: resolve(workspace),
    real,
    temp: temp === '' ? '' : await realOf(temp),
    all: [...real, ...given]
  }
}

/** The steps from a root down to a path inside it; undefined when the path is the root or outside of it. */
export function stepsBelow(root: string, path: string): readonly string[] | undefined {
  const way = relative(root, path)
  if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined
  return way.split(sep)
}

/** What is at a path: a file that may be attached, a folder, nothing, or a reason to refuse it. */
export type PathCheck =
  | ({ readonly kind: 'file' } & CheckedFile)
  | { readonly kind: 'folder' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly reason: string; readonly because: Refusal }

/** `private`: it never is evidence; `outside`: of the folders that files may come from; `unusable`: nothing to attach. */
export type Refusal = 'private' | 'outside' | 'unusable'

const refused = (because: Refusal, reason: string): PathCheck => ({ kind: 'refused', because, reason })
const unusable = (reason: string): PathCheck => refused('unusable', reason)

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
  const status = await stat(real, { bigint: true })
  const way = places.real.map(root => stepsBelow(root, real)).find(steps => steps !== undefined)
  if (way === undefined && !places.real.includes(real)) {
    return refused(
      'outside',
      `is outside the workspace and the runner's temporary folder (it is \`${oneLine(real, 200)}\`)`
    )
  }
  if (status.isDirectory()) return { kind: 'folder' }
  if (!status.isFile()) return unusable('is not a regular file but a pipe, socket or device')
  const secret = privateReason(real, places.temp)
  if (secret !== undefined) return refused('private', secret)
  await access(real, constants.R_OK)
  if (status.size === 0n) return unusable('is empty, and empty attachments are not accepted')
  return { kind: 'file', path: real, size: Number(status.size), identity: identityOf(status) }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
