import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fileInCommit } from './file-in-commit.ts'
import { GitRefusal } from './git-objects.ts'

let root: string
let workspace: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'git-'))
  workspace = join(root, 'work')
  mkdirSync(workspace)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const run = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=o', '-c', 'user.email=o@example.com', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  }).trim()
const git = (...args: string[]): string => run(workspace, ...args)

function file(name: string, text: string): void {
  mkdirSync(join(workspace, name, '..'), { recursive: true })
  writeFileSync(join(workspace, name), text)
}

function commit(): string {
  git('add', '-A')
  git('commit', '-qm', 'x', '--allow-empty')
  return git('rev-parse', 'HEAD')
}

const PATH = '.github/policy.yml'
const POLICY = 'unlisted: controlled\n'
const OTHER = 'unlisted: free\n'

const read = (sha: string, path = PATH, more: Record<string, string> = {}) =>
  fileInCommit({ workspace, temp: root }, { PATH: process.env.PATH, ...more }, sha, path)

async function textOf(sha: string, more: Record<string, string> = {}): Promise<string> {
  const found = await read(sha, PATH, more)
  return found.kind === 'file' ? Buffer.from(found.content).toString() : found.kind
}

const refused = async (sha: string): Promise<string> => {
  const error: unknown = await read(sha).catch(reason => reason)
  if (error instanceof GitRefusal) return error.message
  throw new Error(`not refused: ${JSON.stringify(error)}`)
}

describe('a file in a commit', () => {
  it('is that of the commit, whatever is checked out, staged or committed since', async () => {
    git('init', '-q')
    file(PATH, POLICY)
    const sha = commit()
    expect(await textOf(sha)).toBe(POLICY)
    file(PATH, OTHER)
    expect(await textOf(sha)).toBe(POLICY)
    git('add', '-A')
    expect(await textOf(sha)).toBe(POLICY)
    const later = commit()
    expect([await textOf(sha), await textOf(later)]).toEqual([POLICY, OTHER])
    rmSync(join(workspace, '.github'), { recursive: true })
    expect(await textOf(sha)).toBe(POLICY)
    expect(readdirSync(root)).toEqual(['work'])
  })

  it('is found in packs, in worktrees and in repositories with SHA-256', async () => {
    git('init', '-q')
    file(PATH, POLICY)
    const sha = commit()
    git('gc', '-q')
    expect(await textOf(sha)).toBe(POLICY)
    const main = workspace
    git('worktree', 'add', '-q', '../tree', sha)
    workspace = join(root, 'tree')
    expect(await textOf(sha)).toBe(POLICY)
    workspace = join(main, 'new')
    mkdirSync(workspace)
    git('init', '-q', '--object-format=sha256')
    file(PATH, POLICY)
    const long = commit()
    expect(long).toHaveLength(64)
    expect(await textOf(long)).toBe(POLICY)
  })

  it('is absent where the tree of the commit does not have it', async () => {
    git('init', '-q')
    const empty = commit()
    file('.github/policy.yaml', POLICY)
    file('b', '')
    const sha = commit()
    file(PATH, OTHER)
    expect(await read(empty)).toEqual({ kind: 'absent' })
    for (const path of [PATH, 'b/c', '.github/policy', 'x/y/z'])
      expect(await read(sha, path)).toEqual({ kind: 'absent' })
  })

  it('may be something else', async () => {
    git('init', '-q')
    file('a/b', '')
    symlinkSync('a/b', join(workspace, 'link'))
    symlinkSync('a', join(workspace, 'folder'))
    const sha = commit()
    expect(await read(sha, 'a')).toEqual({ kind: 'other', what: 'a folder' })
    expect(await read(sha, 'link')).toEqual({ kind: 'other', what: 'a symbolic link' })
    expect(await read(sha, 'folder/b')).toEqual({ kind: 'other', what: 'inside of a symbolic link' })
  })

  it('cannot be told without checkout, without the commit, or without git', async () => {
    expect(await refused('0'.repeat(40))).toBe('the workspace has no checkout')
    git('init', '-q')
    file(PATH, POLICY)
    const sha = commit()
    expect(await refused('0'.repeat(40))).toMatch(/0{40}/)
    const nowhere: unknown = await read(sha, PATH, { PATH: join(workspace, 'bin') }).catch(error => error)
    expect(nowhere).toMatchObject({ message: 'git is not installed' })
  })
})

/** Configuration by which git would run a program. */
const hostile = (program: string) => `
[core]
\trepositoryformatversion = 1
\tfsmonitor = ${program}
\thooksPath = ${dirname(program)}
\tsshCommand = ${program}
\tpager = ${program}
\talternateRefsCommand = ${program}
[diff]
\texternal = ${program}
[filter "x"]
\tsmudge = ${program}
\tprocess = ${program}
[credential]
\thelper = ${program}
[alias]
\tcat-file = !${program}
[remote "origin"]
\turl = ext::${program}
\tpromisor = true
\tpartialclonefilter = blob:none
[protocol "ext"]
\tallow = always
[extensions]
\tpartialClone = origin
`

describe('what other steps leave in the workspace', () => {
  it('does not count: references, replaced and forged objects', async () => {
    git('init', '-q')
    file(PATH, POLICY)
    const sha = commit()
    file(PATH, OTHER)
    const free = commit()
    git('replace', sha, free)
    git('branch', sha, free)
    git('reset', '-q', '--hard', free)
    expect(await textOf(sha)).toBe(POLICY)
    // An object with the name of another one.
    const id = git('rev-parse', `${git('--no-replace-objects', 'rev-parse', `${sha}^{tree}`)}:${PATH}`)
    const path = join(workspace, '.git', 'objects', id.slice(0, 2), id.slice(2))
    chmodSync(path, 0o644)
    writeFileSync(path, deflateSync(`blob ${OTHER.length}\0${OTHER}`))
    expect(await refused(sha)).toMatch(/other content than its id says|hash mismatch|corrupt/)
  })

  it('runs no program, and is told no secret', async () => {
    git('init', '-q')
    file(PATH, POLICY)
    const sha = commit()
    const stolen = join(root, 'stolen')
    const program = join(root, 'program')
    writeFileSync(program, `#!/bin/sh\nenv >> ${stolen}\n`, { mode: 0o755 })
    const config = join(root, 'config')
    writeFileSync(config, hostile(program))
    appendFileSync(join(workspace, '.git', 'config'), hostile(program))
    file('.gitattributes', '* filter=x diff=x\n')
    writeFileSync(join(workspace, '.git', 'info', 'attributes'), '* filter=x\n')
    const variables = {
      SERVICENOW_CLIENT_SECRET: 'hush',
      GIT_CONFIG_GLOBAL: config,
      GIT_CONFIG_SYSTEM: config,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.fsmonitor',
      GIT_CONFIG_VALUE_0: program,
      GIT_TRACE: stolen,
      GIT_EXTERNAL_DIFF: program,
      GIT_EXEC_PATH: root
    }
    expect(await textOf(sha, variables)).toBe(POLICY)
    // An object that is missing is not fetched.
    rmSync(join(workspace, '.git', 'objects'), { recursive: true })
    mkdirSync(join(workspace, '.git', 'objects'))
    await refused(sha)
    expect(existsSync(stolen)).toBe(false)
  })

  it('is not taken for git', async () => {
    git('init', '-q')
    file(PATH, POLICY)
    const sha = commit()
    const bin = join(workspace, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'git'), `#!/bin/sh\ntouch ${root}/ran\n`, { mode: 0o755 })
    const path = [bin, 'bin', '.', '', process.env.PATH].join(':')
    expect(await textOf(sha, { PATH: path })).toBe(POLICY)
    expect(existsSync(join(root, 'ran'))).toBe(false)
  })

  it('may be borrowed from elsewhere: the hash decides', async () => {
    git('init', '-q')
    file(PATH, POLICY)
    const sha = commit()
    const objects = join(workspace, '.git', 'objects')
    renameSync(objects, join(root, 'objects'))
    mkdirSync(join(objects, 'info'), { recursive: true })
    writeFileSync(join(objects, 'info', 'alternates'), join(root, 'objects'))
    expect(await textOf(sha)).toBe(POLICY)
  })
})
