/**
 * Objects of a git repository, read without trusting it. Other steps of the job may have written its configuration, its
 * references and its objects: git gets a repository of our own that borrows the objects alone, an environment without
 * secrets and no configuration, and what it returns counts only when it has the hash by which it was asked for.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { devNull } from 'node:os'
import { delimiter, isAbsolute, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../errors.ts'
import type { Env, Runtime } from '../step/runtime.ts'

/** Why an object cannot be read, to follow "git: ". */
export class GitRefusal extends Error {}

export type ObjectType = 'commit' | 'tree' | 'blob'

export interface GitObjects {
  /** @throws GitRefusal when there is no such object, or another one under its id */
  read(type: ObjectType, id: string): Promise<Buffer>
  /** Removes what was made to read. */
  close(): void
}

const TIMEOUT_MS = 10_000
const MAX_BYTES = 16 * 1_024 * 1_024

/**
 * The objects of the repository in the workspace.
 *
 * @param id of any object that will be read: its length tells the hash that the repository uses
 * @throws GitRefusal when there is no repository, or no git
 */
export function openObjects(
  { workspace, temp }: Pick<Runtime, 'workspace' | 'temp'>,
  env: Env,
  id: string
): GitObjects {
  const objects = objectsOf(workspace)
  const git = findGit(env, workspace)
  mkdirSync(temp, { recursive: true })
  const folder = mkdtempSync(join(temp, 'policy-'))
  const algorithm = id.length === 64 ? 'sha256' : 'sha1'
  makeRepository(folder, algorithm)
  const options = {
    cwd: folder,
    env: environmentOf(folder, objects),
    encoding: 'buffer',
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_BYTES,
    windowsHide: true
  } as const
  return {
    async read(type, id) {
      const content = await run(git, ['cat-file', type, id], options)
      const hash = createHash(algorithm).update(`${type} ${content.length}\0`).update(content).digest('hex')
      if (hash !== id) throw new GitRefusal(`the ${type} ${id} has other content than its id says`)
      return content
    },
    close: () => rmSync(folder, { recursive: true, force: true })
  }
}

type RunOptions = Parameters<typeof execFile>[2] & { readonly encoding: 'buffer' }

async function run(git: string, args: readonly string[], options: RunOptions): Promise<Buffer> {
  try {
    return (await promisify(execFile)(git, args, options)).stdout as Buffer
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Buffer }
    throw new GitRefusal(stderr?.toString().trim() || messageOf(error))
  }
}

/** Only what git needs to find the objects: nothing of the job's variables, no configuration, no replaced objects. */
function environmentOf(folder: string, objects: string): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env
  return {
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    GIT_DIR: folder,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0'
  }
}

/** The least that git takes for a repository. */
function makeRepository(folder: string, algorithm: 'sha1' | 'sha256'): void {
  for (const name of ['objects', 'refs']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n')
  const format = algorithm === 'sha1' ? '0\n' : '1\n[extensions]\n\tobjectFormat = sha256\n'
  writeFileSync(join(folder, 'config'), `[core]\n\tbare = true\n\trepositoryformatversion = ${format}`)
}

/** Where the objects of the workspace's repository are: `.git` is a file in a worktree. */
function objectsOf(workspace: string): string {
  const dotGit = join(workspace, '.git')
  if (!existsSync(dotGit)) throw new GitRefusal('the workspace has no checkout')
  const own = statSync(dotGit).isDirectory() ? dotGit : linkedFolder(workspace, readFileSync(dotGit, 'utf8'))
  const common = join(own, 'commondir')
  const folder = existsSync(common) ? resolve(own, readFileSync(common, 'utf8').trim()) : own
  return join(folder, 'objects')
}

function linkedFolder(workspace: string, text: string): string {
  const [, path] = /^gitdir: (.+)/.exec(text) ?? []
  if (path === undefined) throw new GitRefusal('.git in the workspace is not understood')
  return resolve(workspace, path)
}

/** The git of PATH: not one that a checkout brought along. */
function findGit({ PATH = '' }: Env, workspace: string): string {
  const name = process.platform === 'win32' ? 'git.exe' : 'git'
  const found = PATH.split(delimiter)
    .filter(folder => isAbsolute(folder) && !isWithin(workspace, folder))
    .map(folder => join(folder, name))
    .find(isExecutable)
  if (found === undefined) throw new GitRefusal('git is not installed')
  return found
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || !(way.startsWith('..') || isAbsolute(way))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
