/** What never is attached, whatever leads to it, and what is read of a file that was changed after its check. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { isInputError } from '../inputs/error.ts'
import { openChecked } from './checked-file.ts'
import { findEvidence } from './find.ts'
import { hashFile } from './hash.ts'

let root = ''
let workspace = ''
let temp = ''
beforeEach(() => {
  // The glob library tells the runner about its options, as debug lines.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  root = realpathSync(mkdtempSync(join(tmpdir(), 'private-')))
  workspace = join(root, 'work')
  temp = join(root, 'temp')
  for (const folder of [workspace, temp]) mkdirSync(folder)
})
afterEach(() => {
  jest.restoreAllMocks()
  rmSync(root, { recursive: true })
})

function put(path: string, content = 'content'): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

const find = (...files: string[]) => findEvidence({ workspace, temp, files })

const namesFound = async (...files: string[]) => (await find(...files)).found.map(one => one.name)

async function refusalOf(file: string): Promise<string> {
  const error: unknown = await find(file).catch(reason => reason)
  if (isInputError(error)) return error.facts.problems.join()
  throw new Error(`no input error but ${JSON.stringify(error)}`)
}

const GUID = '6f1c2f8e-93a5-4b63-8a40-0a4c1b6f2d11'

describe('files of the runner and of sign-ins', () => {
  it.each([
    '_runner_file_commands/set_output_1',
    '_github_home/.bashrc',
    '_github_workflow/event.json',
    'git-credentials-1.config',
    'gha-creds-1.json',
    `${GUID}.sh`,
    `${GUID}.ps1`,
    `_${GUID}.py`,
    GUID,
    `${GUID}_known_hosts`,
    '.npmrc',
    '.credentials',
    '.runner',
    '.docker/config.json',
    'clone/.git/config',
    'clone/.GIT/config',
    'module/.git',
    '.ssh/id_ed25519'
  ])('%s is refused by its path, and passed over by globs, also through a linked folder', async name => {
    const file = put(join(temp, name))
    put(join(temp, 'report.xml'))
    symlinkSync(temp, join(workspace, 'linked'))
    symlinkSync(file, join(workspace, 'report.txt'))
    for (const path of [file, join('linked', name), 'report.txt'])
      expect(await refusalOf(path)).toContain('can hold credentials')
    for (const glob of [join(temp, '**'), 'linked/**', '*/*', '**/*', '**', '*.txt', 'l*/**/*'])
      expect((await namesFound(glob)).filter(found => found !== 'report.xml')).toEqual([])
    expect(await namesFound('linked/**')).toEqual(['report.xml'])
  })

  it('are told from reports that have a GUID for a name', async () => {
    put(join(temp, `${GUID}.json`))
    put(join(temp, 'reports', `${GUID}.sh`))
    put(join(workspace, GUID))
    expect(await namesFound(join(temp, '**'), '*')).toHaveLength(3)
  })

  it('are refused outside of the workspace too, in the middle of a glob', async () => {
    put(join(root, 'home', 'reports', 'secret.xml'))
    put(join(workspace, 'a', 'reports', 'unit.xml'))
    symlinkSync(join(root, 'home'), join(workspace, 'b'))
    expect(await refusalOf('*/reports/*.xml')).toContain('is outside the workspace')
  })
})

describe('a file that was checked', () => {
  async function checked(content = 'abc') {
    const path = put(join(workspace, 'a', 'report.txt'), content)
    const [file] = (await find('a/report.txt')).found
    if (file === undefined) throw new Error('no file was found')
    return { path, file }
  }

  it('is read, and hashed', async () => {
    const { file } = await checked()
    expect(await text(openChecked(file))).toBe('abc')
    const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(await hashFile(file)).toBe(hash)
    await expect(hashFile(file, AbortSignal.abort())).rejects.toThrow(/abort/i)
  })

  it('is read as far as it was checked when it has grown', async () => {
    const { path, file } = await checked()
    appendFileSync(path, 'def')
    expect(await text(openChecked(file))).toBe('abc')
  })

  it.each([
    ['another file', (path: string) => put(path, 'xyz')],
    ['a link to another file', (path: string) => symlinkSync(put(join(root, 'secret'), 'xyz'), path)],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])]
  ])('is not read when %s has taken its place', async (_, make) => {
    const { path, file } = await checked()
    make(`${path}-new`)
    renameSync(`${path}-new`, path)
    await expect(text(openChecked(file))).rejects.toThrow(/another file|ELOOP/)
  })

  const onLinux = process.platform === 'linux' ? it : it.skip

  onLinux('is not read through a folder that became a link, even to the same file', async () => {
    const { path, file } = await checked()
    renameSync(dirname(path), join(root, 'moved'))
    symlinkSync(join(root, 'moved'), dirname(path))
    await expect(text(openChecked(file))).rejects.toThrow('another file')
  })

  it('is not read when it has become shorter', async () => {
    const { path, file } = await checked()
    truncateSync(path, 1)
    await expect(text(openChecked(file))).rejects.toThrow('shorter')
  })
})
